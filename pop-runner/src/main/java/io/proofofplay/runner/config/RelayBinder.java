package io.proofofplay.runner.config;

import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.SubmitterProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Binds the root of a configuration: what the relay and what each adapter understands of it. */
final class RelayBinder {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final String TYPE = "type";

  private final Findings findings;
  private final Surroundings surroundings;
  private final Adapters adapters;
  private final RecordBinder records;

  RelayBinder(Findings findings, Surroundings surroundings, Adapters adapters) {
    this.findings = findings;
    this.surroundings = surroundings;
    this.adapters = adapters;
    this.records = new RecordBinder(findings, surroundings);
  }

  RelayConfig bind(Node.Fields root) throws ConfigurationException {
    records.refuseUnknown(root, List.of("spool", "sources", "sinks", "history", "ops"));
    Optional<SpoolPlace> spool = spool(root);
    Map<String, SourceConfig> sources = named(root, "sources", "source", this::source);
    Map<String, SinkConfig> sinks = named(root, "sinks", "sink", this::sink);
    Optional<OpsConfig> ops = present(root, "ops").flatMap(node -> section(node, OpsConfig.class));
    HistoryConfig history =
        present(root, "history")
            .flatMap(node -> section(node, HistoryConfig.class))
            .orElseGet(HistoryConfig::defaults);
    findings.orElseThrow();
    return new RelayConfig(spool.orElseThrow(), sources, sinks, history, ops);
  }

  /** Passes over what only the adapters understand. */
  RelayOutline outline(Node.Fields root) throws ConfigurationException {
    Optional<SpoolPlace> spool = spool(root);
    Map<String, Node.Fields> sources = named(root, "sources", "source", Optional::of);
    Map<String, Delivery> sinks =
        named(root, "sinks", "sink", section -> records.bind(section, Delivery.class));
    findings.orElseThrow();
    return new RelayOutline(spool.orElseThrow(), sources.keySet(), sinks);
  }

  private Optional<SpoolPlace> spool(Node.Fields root) {
    SpoolPlace byDefault = SpoolPlace.in(surroundings);
    Optional<Node> given = present(root, "spool");
    if (given.isEmpty()) {
      return Optional.of(byDefault);
    }
    Optional<SpoolPlace> bound = section(given.get(), SpoolPlace.class);
    boolean says =
        given.get() instanceof Node.Fields fields && present(fields, "directory").isPresent();
    return bound.map(
        place ->
            says ? new SpoolPlace(surroundings.directory().resolve(place.directory())) : byDefault);
  }

  private <R extends Record> Optional<R> section(Node node, Class<R> type) {
    Optional<Node.Fields> fields = fields(node, RecordBinder.keys(type));
    fields.ifPresent(section -> records.refuseUnknown(section, RecordBinder.keys(type)));
    return fields.flatMap(section -> records.bind(section, type));
  }

  private Optional<Node.Fields> fields(Node node, Collection<String> below) {
    if (node instanceof Node.Fields fields) {
      return Optional.of(fields);
    }
    findings.add(
        node, "is " + node.kind() + ", not a section; below it belong " + String.join(", ", below));
    return Optional.empty();
  }

  private <T> Map<String, T> named(
      Node.Fields root, String key, String one, Function<Node.Fields, Optional<T>> maker) {
    Map<String, T> made = new LinkedHashMap<>();
    Optional<Node> given = present(root, key);
    if (given.isEmpty()) {
      findings.add(root, key, "is missing; write at least one " + one);
      return made;
    }
    Optional<Node.Fields> all = fields(given.get(), List.of("the " + key + " by their names"));
    if (all.isPresent() && all.get().entries().isEmpty()) {
      findings.add(all.get(), "is empty; write at least one " + one);
    }
    Map<String, String> spellings = new HashMap<>();
    all.ifPresent(
        section ->
            section
                .entries()
                .forEach(
                    (name, node) -> {
                      checkName(node, name, spellings);
                      fields(node, List.of(TYPE, "the settings of that type"))
                          .flatMap(maker)
                          .ifPresent(bound -> made.put(name, bound));
                    }));
    return made;
  }

  private void checkName(Node node, String name, Map<String, String> spellings) {
    if (!NAME.matcher(name).matches()) {
      findings.add(node, "is not a name; write 1 to 64 of the characters A-Z a-z 0-9 _ -");
    }
    String other = spellings.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
    if (other != null) {
      // Names become folders, and some file systems take both for one.
      findings.add(node, "differs from " + other + " only in upper and lower case; rename one");
    }
  }

  private Optional<SourceConfig> source(Node.Fields section) {
    Optional<EventSourceProvider<?>> provider = provider(section, adapters.sources(), "source");
    if (provider.isEmpty()) {
      return Optional.empty();
    }
    List<String> known = new ArrayList<>(List.of(TYPE));
    known.addAll(RecordBinder.keys(provider.get().configType()));
    records.refuseUnknown(section, known);
    return records
        .bind(section, provider.get().configType())
        .map(settings -> new SourceConfig(provider.get().type(), settings));
  }

  private Optional<SinkConfig> sink(Node.Fields section) {
    Optional<SubmitterProvider<?>> provider = provider(section, adapters.sinks(), "sink");
    Optional<Delivery> delivery = records.bind(section, Delivery.class);
    if (provider.isEmpty()) {
      return Optional.empty();
    }
    List<String> known = new ArrayList<>(List.of(TYPE));
    known.addAll(RecordBinder.keys(Delivery.class));
    known.addAll(RecordBinder.keys(provider.get().configType()));
    records.refuseUnknown(section, known);
    Optional<? extends Record> settings = records.bind(section, provider.get().configType());
    return delivery.isEmpty() || settings.isEmpty()
        ? Optional.empty()
        : Optional.of(new SinkConfig(provider.get().type(), delivery.get(), settings.get()));
  }

  private <P> Optional<P> provider(Node.Fields section, Map<String, P> known, String what) {
    Set<String> types = known.keySet();
    Node type = section.entries().get(TYPE);
    if (type instanceof Node.Text text) {
      P provider = known.get(text.text());
      if (provider == null) {
        findings.add(
            type,
            Hidden.quote(text.text())
                + " is not a type of "
                + what
                + "; "
                + Suggestion.among(text.text(), types));
      }
      return Optional.ofNullable(provider);
    }
    findings.add(
        section,
        TYPE,
        (type == null || type instanceof Node.Nothing ? "is missing" : "is " + type.kind())
            + "; write "
            + (types.isEmpty() ? "the word of a plugin" : Notation.either(List.copyOf(types))));
    return Optional.empty();
  }

  private static Optional<Node> present(Node.Fields section, String name) {
    return Optional.ofNullable(section.entries().get(name))
        .filter(node -> !(node instanceof Node.Nothing));
  }
}
