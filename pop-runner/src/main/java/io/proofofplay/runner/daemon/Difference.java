package io.proofofplay.runner.daemon;

import io.proofofplay.core.relay.Change;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.OpsConfig;
import io.proofofplay.runner.config.RelayConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one configuration says otherwise than another, by the names of what it is about. Settings
 * are the same if their records are equal, the secrets as they are known now included. That is
 * looked at once, for a sink may read a secret again at any moment.
 */
final class Difference {

  private static final Logger LOG = LoggerFactory.getLogger(Difference.class);

  /** How the entries of a section differ; each list in the order of its file. */
  private record Names(List<String> added, List<String> changed, List<String> gone) {

    static Names between(Map<String, ?> before, Map<String, ?> after) {
      List<String> added = new ArrayList<>(after.keySet());
      added.removeAll(before.keySet());
      List<String> changed = new ArrayList<>(after.keySet());
      changed.removeAll(added);
      changed.removeIf(name -> after.get(name).equals(before.get(name)));
      List<String> gone = new ArrayList<>(before.keySet());
      gone.removeAll(after.keySet());
      return new Names(added, changed, gone);
    }

    List<String> made() {
      List<String> made = new ArrayList<>(added);
      made.addAll(changed);
      return made;
    }

    /** The entries of after, but for what goes on untouched: that has the settings of before. */
    <T> Map<String, T> inForce(Map<String, T> before, Map<String, T> after) {
      List<String> made = made();
      Map<String, T> all = new LinkedHashMap<>(after);
      all.replaceAll((name, entry) -> made.contains(name) ? entry : before.get(name));
      return all;
    }

    void describe(String what, List<String> words) {
      describe(what + " added", added, words);
      describe(what + " changed", changed, words);
      describe(what + " gone", gone, words);
    }

    private static void describe(String what, List<String> names, List<String> words) {
      if (!names.isEmpty()) {
        words.add(what + ": " + String.join(", ", names));
      }
    }
  }

  private final Configuration before;
  private final Configuration after;
  private final Names sources;
  private final Names sinks;

  Difference(Configuration before, Configuration after) {
    this.before = before;
    this.after = after;
    sources = Names.between(before.relay().sources(), after.relay().sources());
    sinks = Names.between(before.relay().sinks(), after.relay().sinks());
  }

  /**
   * Refuses what only a new start can change.
   *
   * @throws ConfigurationException with all of it
   */
  void expectPossible() throws ConfigurationException {
    List<String> problems = new ArrayList<>();
    Path then = place(before);
    if (!place(after).equals(then)) {
      problems.addAll(
          after
              .problem(
                  "spool.directory",
                  "is another one, which needs a restart; until then write " + then)
              .problems());
    }
    if (!after.relay().history().equals(before.relay().history())) {
      problems.addAll(
          after
              .problem(
                  "history", "is another one, which needs a restart; until then write it as it was")
              .problems());
    }
    Optional<String> listened = before.relay().ops().map(OpsConfig::listen);
    if (!after.relay().ops().map(OpsConfig::listen).equals(listened)) {
      problems.addAll(
          after
              .problem(
                  "ops.listen",
                  "is another one, which needs a restart; until then "
                      + listened.map(at -> "write " + at).orElse("take ops out"))
              .problems());
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
  }

  private static Path place(Configuration configuration) {
    return configuration.relay().spool().directory().toAbsolutePath().normalize();
  }

  /**
   * Makes all that is new or other.
   *
   * @throws ConfigurationException if an adapter refuses its settings, with all of these; nothing
   *     is left of what was made then
   */
  Change change(Parts parts) throws ConfigurationException {
    Made made = new Made(parts);
    boolean good = false;
    try {
      sources.made().forEach(made::source);
      sinks.made().forEach(made::sink);
      if (!made.problems.isEmpty()) {
        throw new ConfigurationException(made.problems);
      }
      good = true;
    } finally {
      // Also for an error, which a plugin's classes may cause: the daemon goes on.
      if (!good) {
        made.close();
      }
    }
    Change change = made.change;
    for (String name : sources.gone()) {
      change = change.withoutSource(name);
    }
    for (String name : sinks.gone()) {
      change = change.withoutSink(name);
    }
    return change;
  }

  /** What was made so far. */
  private final class Made {

    private final Parts parts;
    private final List<String> problems = new ArrayList<>();
    private Change change = Change.nothing();

    Made(Parts parts) {
      this.parts = parts;
    }

    void source(String name) {
      try {
        change = change.withSource(name, parts.source(after, name));
      } catch (ConfigurationException e) {
        problems.addAll(e.problems());
      }
    }

    void sink(String name) {
      try {
        change = change.withSink(parts.sink(after, name));
      } catch (ConfigurationException e) {
        problems.addAll(e.problems());
      }
    }

    void close() {
      change.sources().values().forEach(source -> quietly(source::close));
      change.sinks().forEach(sink -> quietly(sink.submitter()::close));
    }

    private void quietly(Runnable close) {
      try {
        close.run();
      } catch (RuntimeException e) {
        LOG.warn("pop: a part that is not used after all could not be closed", e);
      }
    }
  }

  /**
   * What is in force after the change. A sink or source that goes on untouched has the settings
   * that it was made with: these alone are what it goes by and reads again, and so what the next
   * configuration is to be compared with.
   */
  Configuration inForce() {
    RelayConfig then = before.relay();
    RelayConfig now = after.relay();
    return after.with(
        new RelayConfig(
            now.spool(),
            sources.inForce(then.sources(), now.sources()),
            sinks.inForce(then.sinks(), now.sinks()),
            now.history(),
            now.ops()));
  }

  /** What has changed, for people, by names alone. */
  String words() {
    List<String> words = new ArrayList<>();
    sources.describe("sources", words);
    sinks.describe("sinks", words);
    if (!after.relay().ops().equals(before.relay().ops())) {
      words.add("ops changed");
    }
    return words.isEmpty() ? "nothing has changed" : String.join("; ", words);
  }
}
