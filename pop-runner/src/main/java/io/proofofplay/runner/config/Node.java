package io.proofofplay.runner.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value of a configuration file, with its key from the root and its line. */
sealed interface Node {

  /** The key as the author of the file knows it, such as {@code sinks.billing.url}. */
  String key();

  /** The line of the file, counted from 1. */
  int line();

  /** What it is, for a message. */
  String kind();

  /** A section: keys and their values, in the file's order. */
  record Fields(String key, int line, Map<String, Node> entries) implements Node {

    public Fields {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** The key of an entry, present or not. */
    String keyOf(String name) {
      Node entry = entries.get(name);
      return entry != null ? entry.key() : below(key, name);
    }

    static String below(String key, String name) {
      return key.isEmpty() ? name : key + "." + name;
    }

    @Override
    public String kind() {
      return "a section";
    }
  }

  /** A list of values. */
  record Items(String key, int line, List<Node> items) implements Node {

    public Items {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /** A string, a number or a truth value, in the file's own spelling. */
  record Text(String key, int line, String text) implements Node {

    @Override
    public String kind() {
      return "a single value";
    }

    // The text may be a secret.
    @Override
    public String toString() {
      return "Text[key=" + key + ", line=" + line + "]";
    }
  }

  /** Nothing, or {@code null}: the same as a key that is not there. */
  record Nothing(String key, int line) implements Node {

    @Override
    public String kind() {
      return "nothing";
    }
  }
}
