package io.proofofplay.runner.config;

import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.config.Setting;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes records of sections. A component takes the value under its name; what is not there is
 * {@code null} or zero, and the record's constructor puts its default there.
 */
final class RecordBinder {

  private final Findings findings;
  private final Surroundings surroundings;

  RecordBinder(Findings findings, Surroundings surroundings) {
    this.findings = findings;
    this.surroundings = surroundings;
  }

  /** The keys that a record's section may have. */
  static List<String> keys(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  /** Adds a finding for every key that is not known. */
  void refuseUnknown(Node.Fields section, Collection<String> known) {
    for (Map.Entry<String, Node> entry : section.entries().entrySet()) {
      if (!known.contains(entry.getKey())) {
        findings.add(
            entry.getValue(), "is not a setting; " + Suggestion.among(entry.getKey(), known));
      }
    }
  }

  /**
   * The record of a section, whose other keys are somebody else's.
   *
   * @return the record; empty if anything in it is wrong, and then a finding says what
   */
  <R extends Record> Optional<R> bind(Node.Fields section, Class<R> type) {
    int before = findings.count();
    Optional<R> made = attempt(section, type);
    return findings.count() > before ? Optional.empty() : made;
  }

  /**
   * The record of a section, with the default in the place of what is wrong, so that its own checks
   * can be made all the same and one pass tells everything.
   *
   * @return the record, not for use if anything was found; empty if it cannot be made
   */
  private <R extends Record> Optional<R> attempt(Node.Fields section, Class<R> type) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Set<String> wrong = new HashSet<>();
    Optional<R> defaults = Defaults.of(type);
    for (int i = 0; i < components.length; i++) {
      int before = findings.count();
      values[i] = component(section, components[i], Defaults.of(defaults, components[i]));
      if (findings.count() > before) {
        wrong.add(components[i].getName());
        if (values[i] == null) {
          values[i] = Defaults.standIn(components[i]);
        }
      }
    }
    return wrong.isEmpty()
        ? construct(section, type, values)
        : constructAnyway(section, type, values, wrong);
  }

  private Object component(
      Node.Fields section, RecordComponent component, Optional<Object> byDefault) {
    Words words = new Words(component, byDefault);
    Node node = section.entries().get(component.getName());
    Object value = null;
    if (node != null && !(node instanceof Node.Nothing)) {
      value = value(node, component.getGenericType(), words);
    } else if (words.required()) {
      findings.add(section, component.getName(), "is missing" + words.right());
    }
    return value == null ? Defaults.empty(component.getType()) : value;
  }

  /** The value; {@code null} if it is wrong, and then a finding says what. */
  private Object value(Node node, Type type, Words words) {
    if (type instanceof ParameterizedType shape && shape.getRawType() == List.class) {
      return list(node, shape.getActualTypeArguments()[0], words);
    }
    if (type instanceof ParameterizedType shape && shape.getRawType() == Map.class) {
      return map(node, shape.getActualTypeArguments()[1], words);
    }
    if (type instanceof ParameterizedType shape && shape.getRawType() == Renewable.class) {
      return renewable(node, shape.getActualTypeArguments()[0], words);
    }
    if (type instanceof Class<?> raw && raw.isRecord() && Notation.of(type).isEmpty()) {
      return section(node, raw.asSubclass(Record.class));
    }
    if (!(node instanceof Node.Text text)) {
      findings.add(node, "is " + node.kind() + ", not a single value" + words.right());
      return null;
    }
    if (type == Secret.class) {
      return secret(text);
    }
    Optional<Notation<?>> notation = Notation.of(type);
    if (notation.isEmpty()) {
      findings.add(
          node,
          "cannot be configured: "
              + words.component().getDeclaringRecord().getName()
              + " has it as "
              + type.getTypeName()
              + ", for which there is no notation");
      return null;
    }
    return single(text, notation.get(), words);
  }

  private Object single(Node.Text node, Notation<?> notation, Words words) {
    Optional<String> text = resolve(node);
    if (text.isEmpty()) {
      return null;
    }
    if (notation.isPath() && text.get().startsWith("~")) {
      findings.add(
          node,
          Hidden.quote(node.text())
              + " begins with ~, for which only a shell knows a directory; write the whole path, or"
              + " begin it with ${env:HOME}");
      return null;
    }
    Object value;
    try {
      value = notation.read(text.get());
    } catch (IllegalArgumentException e) {
      findings.add(node, Hidden.quote(node.text()) + " " + notation.fault() + words.right());
      return null;
    }
    Optional<String> outside = words.outside(value);
    if (outside.isPresent()) {
      findings.add(node, Hidden.quote(node.text()) + " is " + outside.get() + words.right());
      return null;
    }
    return value;
  }

  /** The text with its references replaced; empty if one leads nowhere. */
  private Optional<String> resolve(Node.Text node) {
    Template template = new Template(node.text(), surroundings);
    if (!template.refers()) {
      return Optional.of(node.text());
    }
    try {
      return Optional.of(remember(template.resolve()));
    } catch (Template.Unresolved e) {
      findings.add(node, e.getMessage());
      return Optional.empty();
    }
  }

  private String remember(Template.Resolved resolved) {
    resolved
        .references()
        .forEach(reference -> findings.hidden().add(reference.value(), reference.asWritten()));
    return resolved.text();
  }

  private Secret secret(Node.Text node) {
    Template template = new Template(node.text(), surroundings);
    if (!template.refers()) {
      findings.hidden().add(node.text(), "***");
      return Secret.of(node.text());
    }
    try {
      String first = remember(template.resolve());
      findings.hidden().add(first, "***");
      return Secret.from(first, new BoundedReading<>(() -> template.resolve().text()));
    } catch (Template.Unresolved e) {
      findings.add(
          node,
          e.quotes()
              ? "holds a ${ that is no reference; write ${env:NAME} or ${file:PATH}"
              : e.getMessage());
      return null;
    }
  }

  /** A value that is read again from the references in its text, if there are any. */
  private Object renewable(Node node, Type of, Words words) {
    Object value = value(node, of, words);
    Optional<Notation<?>> notation = Notation.of(of);
    if (value == null || notation.isEmpty() || !(node instanceof Node.Text text)) {
      return value == null ? null : Renewable.of(value);
    }
    Template template = new Template(text.text(), surroundings);
    boolean mayBeEmpty = value.toString().isBlank();
    return template.refers()
        ? Renewable.from(
            value, new BoundedReading<>(() -> again(template, notation.get(), words, mayBeEmpty)))
        : Renewable.of(value);
  }

  /** What the references stand for now. Later than the file was read: there are no findings. */
  private static Object again(
      Template template, Notation<?> notation, Words words, boolean mayBeEmpty) {
    String text = template.resolve().text();
    if (text.isBlank() && !mayBeEmpty) {
      // As a file is for a moment while it is written.
      throw new IllegalStateException("there is nothing there now");
    }
    Object value;
    try {
      value = notation.read(text);
    } catch (IllegalArgumentException e) {
      // The text may hold a secret, and so may what the failure says of it.
      throw new IllegalStateException("what is there now " + notation.fault());
    }
    words
        .outside(value)
        .ifPresent(
            outside -> {
              throw new IllegalStateException("what is there now is " + outside);
            });
    return value;
  }

  private Object list(Node node, Type of, Words words) {
    if (!(node instanceof Node.Items items)) {
      findings.add(node, "is " + node.kind() + ", not a list; write [first, second]");
      return null;
    }
    List<Object> values = new ArrayList<>();
    for (Node item : items.items()) {
      Object value = given(item, of, words);
      if (value != null) {
        values.add(value);
      }
    }
    return List.copyOf(values);
  }

  private Object map(Node node, Type of, Words words) {
    if (!(node instanceof Node.Fields fields)) {
      findings.add(node, "is " + node.kind() + ", not a section; write {name: value}");
      return null;
    }
    Map<String, Object> values = new LinkedHashMap<>();
    fields
        .entries()
        .forEach(
            (name, entry) -> {
              Object value = given(entry, of, words);
              if (value != null) {
                values.put(name, value);
              }
            });
    return Collections.unmodifiableMap(values);
  }

  private Object given(Node node, Type of, Words words) {
    if (node instanceof Node.Nothing) {
      findings.add(node, "has no value; write one, or take it out");
      return null;
    }
    return value(node, of, words);
  }

  private Object section(Node node, Class<? extends Record> type) {
    if (!(node instanceof Node.Fields fields)) {
      findings.add(
          node,
          "is "
              + node.kind()
              + ", not a section; below it belong "
              + String.join(", ", keys(type)));
      return null;
    }
    refuseUnknown(fields, keys(type));
    return attempt(fields, type).orElse(null);
  }

  private <R extends Record> Optional<R> construct(
      Node.Fields section, Class<R> type, Object[] values) {
    R made = null;
    try {
      made = constructor(type).newInstance(values);
      findings.addAll(section, problemsOf(made));
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      findings.addWorded(
          section,
          "",
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
    } catch (ReflectiveOperationException e) {
      throw unmakable(type, e);
    }
    return Optional.ofNullable(made);
  }

  /** Makes a record with stand-ins in it; what may be their fault alone is not told. */
  private <R extends Record> Optional<R> constructAnyway(
      Node.Fields section, Class<R> type, Object[] values, Set<String> wrong) {
    try {
      R made = constructor(type).newInstance(values);
      Set<String> told = findings.keys();
      for (Problems.Problem problem : problemsOf(made).found()) {
        boolean known =
            told.contains(Node.Fields.below(section.key(), problem.key()))
                || wrong.contains(problem.key())
                || wrong.stream().anyMatch(name -> speaksOf(name, problem.message()));
        if (!known) {
          findings.addWorded(section, problem.key(), problem.message());
        }
      }
      return Optional.of(made);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw unmakable(type, e);
    } catch (RuntimeException e) {
      // A check that does not expect what stands in; it is made again when the rest is right.
      return Optional.empty();
    }
  }

  private static boolean speaksOf(String name, String message) {
    return Pattern.compile("\\b" + Pattern.quote(name) + "\\b").matcher(message).find();
  }

  private static Problems problemsOf(Record made) {
    Problems problems = new Problems();
    if (made instanceof Checked checked) {
      checked.check(problems);
    }
    return problems;
  }

  private static IllegalStateException unmakable(
      Class<? extends Record> type, ReflectiveOperationException cause) {
    return new IllegalStateException("the record " + type.getName() + " cannot be made", cause);
  }

  static <R extends Record> Constructor<R> constructor(Class<R> type) throws NoSuchMethodException {
    Class<?>[] parameters =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    Constructor<R> constructor = type.getDeclaredConstructor(parameters);
    constructor.setAccessible(true);
    return constructor;
  }

  /**
   * What a message says about one component: its bounds, its default, and a value that is right.
   */
  private record Words(RecordComponent component, Optional<Object> byDefault) {

    private Optional<Setting> setting() {
      return Optional.ofNullable(component.getAnnotation(Setting.class));
    }

    boolean required() {
      return setting().map(Setting::required).orElse(false);
    }

    /** Which bound the value breaks, if any. */
    Optional<String> outside(Object value) {
      Bounds bounds = Bounds.of(component);
      return bounds.brokenBy(value);
    }

    /** The end of a message: what would be right. */
    String right() {
      boolean single =
          !(component.getGenericType() instanceof ParameterizedType)
              || component.getType() == Renewable.class;
      return Bounds.of(component).right(single ? byDefault : Optional.empty());
    }
  }
}
