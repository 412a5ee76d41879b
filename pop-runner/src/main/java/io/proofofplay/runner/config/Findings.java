package io.proofofplay.runner.config;

import io.proofofplay.core.config.Problems;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that is wrong with one file. A message has the form {@code file:line: key: what is
 * wrong; what would be right}.
 *
 * <p>Not thread-safe.
 */
final class Findings {

  private record Finding(int line, String text) {}

  private final String file;
  private final Hidden hidden;
  private final List<Finding> found = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();

  Findings(String file) {
    this(file, new Hidden());
  }

  private Findings(String file, Hidden hidden) {
    this.file = file;
    this.hidden = hidden;
  }

  /** The texts that no message may show. */
  Hidden hidden() {
    return hidden;
  }

  int count() {
    return found.size();
  }

  /** The keys from the root with which something is wrong so far. */
  Set<String> keys() {
    return Set.copyOf(keys);
  }

  /** A problem of the file as a whole. */
  void add(String message) {
    found.add(new Finding(0, file + ": " + message));
  }

  /** A problem in a line, for which there is no key. */
  void add(int line, String message) {
    found.add(new Finding(line, file + ":" + line + ": " + message));
  }

  void add(Node node, String message) {
    add(node.line(), node.key(), message);
  }

  private void add(int line, String key, String message) {
    keys.add(key);
    add(line, key.isEmpty() ? message : key + ": " + message);
  }

  /** A problem with an entry of a section, present or not. */
  void add(Node.Fields section, String name, String message) {
    Node entry = section.entries().get(name);
    add((entry != null ? entry : section).line(), section.keyOf(name), message);
  }

  /** Problems that someone else has worded, who has seen the values that references stand for. */
  void addAll(Node.Fields section, Problems problems) {
    for (Problems.Problem problem : problems.found()) {
      addWorded(section, problem.key(), problem.message());
    }
  }

  /** One such problem; the key is relative to the section and may be empty. */
  void addWorded(Node.Fields section, String key, String message) {
    Node nearest = section;
    String full = section.key();
    boolean present = true;
    for (String name : key.isEmpty() ? List.<String>of() : List.of(key.split("\\.", -1))) {
      if (present && nearest instanceof Node.Fields fields) {
        full = fields.keyOf(name);
        present = fields.entries().containsKey(name);
        nearest = fields.entries().getOrDefault(name, fields);
      } else {
        full = Node.Fields.below(full, name);
        present = false;
      }
    }
    add(nearest.line(), full, hidden.cover(message));
  }

  /** Ends here if anything was found. */
  void orElseThrow() throws ConfigurationException {
    if (!found.isEmpty()) {
      throw new ConfigurationException(
          found.stream()
              .sorted(Comparator.comparingInt(Finding::line))
              .map(Finding::text)
              .distinct()
              .toList());
    }
  }

  /** The same file, with nothing found yet. */
  Findings afresh() {
    return new Findings(file, hidden);
  }
}
