package io.proofofplay.runner.history;

import io.proofofplay.runner.history.ConnectionChange.What;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Makes changes of the lines of connections. A file that follows another begins with a summary:
 * {@code C} with a time alone, the lines from which it follows how the sources were then, and an
 * empty line. There is one behind a hole too.
 *
 * <p>Not thread-safe.
 */
final class ConnectionLines {

  private final Consumer<ConnectionChange> reader;
  private final Set<String> older = new TreeSet<>();

  /** Whether any change was told so far, and of this file. */
  private boolean any;

  private boolean anyOfFile;

  /** Whether a hole was told, and no summary since. */
  private boolean behindHole;

  /** What still says something of all that was told, with the last start. */
  private final LastKnown told = new LastKnown();

  /** What stands in the summary so far; empty if this is not in one. */
  private Optional<List<ConnectionChange>> summary = Optional.empty();

  /**
   * No line read yet.
   *
   * @param reader gets each change once
   */
  ConnectionLines(Consumer<ConnectionChange> reader) {
    this.reader = reader;
  }

  /** Whether a line begins a summary. */
  static boolean isSummary(String line) {
    return line.startsWith("C\t")
        && line.indexOf(HistoryLine.NOWHERE) < 0
        && HistoryLine.fields(line).size() == 2;
  }

  /**
   * Takes in one line of a file.
   *
   * @return whether it is one, or the torn beginning of one
   */
  boolean read(String line) {
    if (line.indexOf(HistoryLine.NOWHERE) >= 0) {
      return false;
    }
    if (isSummary(line)) {
      // One that was begun before was torn.
      tellSummary();
      summary = Optional.of(new ArrayList<>());
      return true;
    }
    if (line.isEmpty()) {
      endSummary();
      return true;
    }
    if (List.of("S", "C", "D").contains(line)) {
      return true;
    }
    List<String> fields = HistoryLine.fields(line);
    if (fields.get(0).matches("[CD]") && fields.size() < 4) {
      return true;
    }
    Optional<ConnectionChange> change = change(fields);
    change.ifPresent(
        known -> summary.ifPresentOrElse(sources -> sources.add(known), () -> tell(known)));
    return change.isPresent();
  }

  /** Something could not be written down; the next summary says what it has come to. */
  void hole() {
    behindHole = true;
  }

  /** No more lines of this file come. */
  void endOfFile() {
    tellSummary();
    anyOfFile = false;
  }

  /** The sources that are in the summary before all else: what they did before is forgotten. */
  Set<String> older() {
    return older;
  }

  private void endSummary() {
    if (!any) {
      summary.ifPresent(sources -> sources.forEach(change -> older.add(change.source())));
      older.remove("");
    }
    if (any && !anyOfFile && !behindHole) {
      // The files before this one have said it, and what was before.
      summary = Optional.empty();
    }
    tellSummary();
    behindHole = false;
  }

  private void tellSummary() {
    Optional<List<ConnectionChange>> ended = summary;
    summary = Optional.empty();
    ended.ifPresent(this::tellNew);
  }

  /**
   * A summary says again what many sources did long before. Whatever of it was told still says
   * something: so the rest is what could not be written down.
   */
  private void tellNew(List<ConnectionChange> changes) {
    Set<ConnectionChange> known = new HashSet<>(told.changes());
    changes.stream().filter(change -> !known.contains(change)).forEach(this::tell);
  }

  private void tell(ConnectionChange change) {
    told.heard(change);
    any = true;
    anyOfFile = true;
    reader.accept(change);
  }

  private static Optional<ConnectionChange> change(List<String> fields) {
    try {
      if (fields.size() == 2 && fields.get(0).equals("S")) {
        return Optional.of(
            new ConnectionChange(Instant.parse(fields.get(1)), What.STARTED, "", ""));
      }
      if (fields.size() == 4 && fields.get(0).matches("[CD]")) {
        return Optional.of(
            new ConnectionChange(
                Instant.parse(fields.get(1)),
                fields.get(0).equals("C") ? What.CONNECTED : What.DISCONNECTED,
                fields.get(2),
                fields.get(3)));
      }
      return Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
