package io.proofofplay.runner.history;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Makes deliveries of the lines of one file, in the order in which they stand there.
 *
 * <p>Not thread-safe.
 */
final class DeliveryLines {

  private static final String BATCH = "B\t";
  private static final String WHOLE = BatchLines.WHOLE + "\t";
  private static final String SHORT = BatchLines.SHORT + "\t";

  /** Of which a power cut may have left no more. */
  private static final List<String> TORN =
      List.of("", "B", "" + BatchLines.WHOLE, "" + BatchLines.SHORT);

  private static final int BATCH_FIELDS = 7;
  private static final int WHOLE_FIELDS = 6;
  private static final int SHORT_FIELDS = 3;

  /** So many tabs stand between the fields of these lines. */
  private static final int WHOLE_TABS = WHOLE_FIELDS - 1;

  private static final int SHORT_TABS = SHORT_FIELDS - 1;

  private final Predicate<String> wanted;
  private final Consumer<DeliveredEvent> reader;

  /** The line of the batch that the events belong to. */
  private String batch = "";

  /** The last line that said all of an event; empty if it cannot be gone by. */
  private String whole = "";

  /** How many more events the batch has. */
  private int left;

  /**
   * None of which is read yet.
   *
   * @param wanted of which lines of events something is made
   * @param reader gets it
   */
  DeliveryLines(Predicate<String> wanted, Consumer<DeliveredEvent> reader) {
    this.wanted = wanted;
    this.reader = reader;
  }

  /** Reads the next line; says whether nothing is wrong but that it may be torn. */
  boolean read(String line) {
    if (line.indexOf(HistoryLine.NOWHERE) >= 0) {
      // What a power cut leaves of a part of a file. The line of a batch may have stood there.
      endBatch();
      return false;
    }
    if (line.startsWith(SHORT)) {
      return readShort(line);
    }
    if (line.startsWith(WHOLE)) {
      return readWhole(line);
    }
    whole = "";
    if (line.startsWith(BATCH)) {
      batch = line;
      left = eventsOf(line);
      return true;
    }
    return TORN.contains(line);
  }

  /** A line that tells of a hole: behind it there is another batch. */
  void readHole() {
    endBatch();
  }

  private void endBatch() {
    batch = "";
    whole = "";
    left = 0;
  }

  /** How many events a line of a batch promises; none if it does not say. */
  private static int eventsOf(String line) {
    try {
      return Integer.parseInt(line.substring(line.lastIndexOf('\t') + 1));
    } catch (NumberFormatException e) {
      // What is behind it is damage, and told of as such.
      return 0;
    }
  }

  private boolean readWhole(String line) {
    // What could not be copied as it stands is what no short line goes by.
    whole = tabsOfPlain(line) == WHOLE_TABS ? line : "";
    if (isBeyondTheBatch()) {
      return false;
    }
    if (!wanted.test(line)) {
      return true;
    }
    List<String> event = HistoryLine.fields(line);
    return event.size() < WHOLE_FIELDS
        || (event.size() == WHOLE_FIELDS && tell(event.get(1), event.get(2), event));
  }

  private boolean readShort(String line) {
    int tabs = tabsOfPlain(line);
    if (tabs != SHORT_TABS) {
      // More than this line may be lost: what the next short ones go by is not known.
      whole = "";
      return tabs >= 0 && tabs < SHORT_TABS;
    }
    if (isBeyondTheBatch() || whole.isEmpty()) {
      return false;
    }
    if (!wanted.test(line)) {
      return true;
    }
    List<String> event = HistoryLine.fields(line);
    return tell(event.get(1), event.get(2), HistoryLine.fields(whole));
  }

  /** Whether the line of another batch must have been lost, by how many events this one has. */
  private boolean isBeyondTheBatch() {
    if (left > 0) {
      left--;
      return false;
    }
    endBatch();
    return true;
  }

  /** How many tabs a line has that has neither an escape nor another control; else -1. */
  private static int tabsOfPlain(String line) {
    int tabs = 0;
    for (int i = 0; i < line.length(); i++) {
      char one = line.charAt(i);
      if (one == '\t') {
        tabs++;
      } else if (one < ' ' || one == '\\') {
        return -1;
      }
    }
    return tabs;
  }

  private boolean tell(String uuid, String ts, List<String> rest) {
    List<String> fields = HistoryLine.fields(batch);
    if (fields.size() != BATCH_FIELDS) {
      return false;
    }
    DeliveredEvent read;
    try {
      read =
          new DeliveredEvent(
              Instant.parse(fields.get(1)),
              fields.get(2),
              fields.get(3),
              Integer.parseInt(fields.get(4)),
              Duration.ofMillis(Long.parseLong(fields.get(5))),
              uuid,
              ts,
              rest.get(3),
              rest.get(4),
              rest.get(5));
    } catch (DateTimeException | NumberFormatException e) {
      return false;
    }
    reader.accept(read);
    return true;
  }
}
