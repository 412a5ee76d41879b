package io.proofofplay.runner.config;

import io.proofofplay.core.config.Setting;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bounds of one component, as its {@link Setting} gives them.
 *
 * @param notation how a value is written; empty for a section, a secret or something unknown
 * @param min the smallest value, as written; empty for none
 * @param max the largest value, as written; empty for none
 * @param example a value that is right, as written; empty for none
 */
record Bounds(Optional<Notation<?>> notation, String min, String max, String example) {

  static Bounds of(RecordComponent component) {
    Setting setting = component.getAnnotation(Setting.class);
    Optional<Notation<?>> notation = Notation.of(element(component.getGenericType()));
    return setting == null
        ? new Bounds(notation, "", "", "")
        : new Bounds(notation, setting.min(), setting.max(), setting.example());
  }

  /** The type of a list's items, a map's values or a renewable value; else the type itself. */
  private static Type element(Type type) {
    Type element = type;
    while (element instanceof ParameterizedType shape) {
      Type[] arguments = shape.getActualTypeArguments();
      element = arguments[arguments.length - 1];
    }
    return element;
  }

  /** Says which bound a value breaks, such as {@code above 16MiB}. */
  Optional<String> brokenBy(Object value) {
    if (!min.isEmpty() && compare(value, min) < 0) {
      return Optional.of("below " + min);
    }
    if (!max.isEmpty() && compare(value, max) > 0) {
      return Optional.of("above " + max);
    }
    return Optional.empty();
  }

  @SuppressWarnings("unchecked")
  private int compare(Object value, String bound) {
    Object other = notation.orElseThrow().read(bound);
    return ((Comparable<Object>) value).compareTo(other);
  }

  /** The bounds in words; empty if there are none. */
  String range() {
    if (min.isEmpty()) {
      return max.isEmpty() ? "" : "at most " + max;
    }
    return max.isEmpty() ? min + " or more" : min + " to " + max;
  }

  /** The end of a message: a value that is right, the bounds, the default. */
  String right(Optional<Object> byDefault) {
    Optional<String> written = byDefault.flatMap(value -> notation.map(form -> form.write(value)));
    List<String> aside = new ArrayList<>();
    if (!range().isEmpty()) {
      aside.add(range());
    }
    written.filter(text -> !text.isEmpty()).ifPresent(text -> aside.add("default " + text));
    String write = "";
    if (!example.isEmpty()) {
      write = example;
    } else if (notation.isPresent()) {
      write =
          notation.get().choices().isEmpty()
              ? written.filter(text -> !text.isEmpty()).orElse(notation.get().sample())
              : Notation.either(notation.get().choices());
    }
    return (write.isEmpty() ? "" : "; write " + write)
        + (aside.isEmpty() ? "" : " (" + String.join(", ", aside) + ")");
  }
}
