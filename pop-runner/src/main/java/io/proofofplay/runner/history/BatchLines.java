package io.proofofplay.runner.history;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.json.MemberFinder;
import io.proofofplay.core.json.Members;
import io.proofofplay.core.json.Shape;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import java.util.Arrays;

/**
 * Writes what is remembered of the events of a batch, a line for each. One that has all but its id
 * and its time in common with the event before it has a line of only those.
 *
 * <p>Not thread-safe.
 */
final class BatchLines {

  /** What the line of an event begins with that says all. */
  static final char WHOLE = 'E';

  /** What the line of one begins with that says how it differs from the event before it. */
  static final char SHORT = 'e';

  /**
   * A larger event is remembered by its id and time alone: all members of one that was made to be
   * bad would not fit into the daemon's memory.
   */
  static final int LARGEST = 64 << 10;

  /** What is remembered of an event; of the last ones, one for the device and one for the asset. */
  private static final Members MEMBERS =
      Members.of(
          "uuid", "ts", "duration", "device.id", "device.serial", "asset.id", "asset.filename");

  private static final int COUNT = MEMBERS.count();

  private static final int UUID = 0;
  private static final int TS = 1;

  /** From here on the members are the same in one event after the other, mostly. */
  private static final int DURATION = 2;

  /** From here on two members are for one field. */
  private static final int DEVICE = 3;

  private static final int ASSET = 5;

  /** What a line is made of. */
  private static final int[] LINE = {UUID, TS, DURATION, DEVICE, ASSET};

  private final MemberFinder finder = new MemberFinder(MEMBERS);

  /** Where each member stands, and its length; of this event, and of the one before it. */
  private int[] spans = new int[2 * COUNT];

  private int[] spansBefore = new int[2 * COUNT];

  /** The bytes of the event before it; {@code null} if its line does not say what stands there. */
  private byte[] before;

  /** That of two events one after the other of which the second one had a short line. */
  private final Shape shape = new Shape();

  /** Whether the event before it was one of that shape. */
  private boolean isShaped;

  /** Where in those id and time stand, counted from the beginning, and their lengths. */
  private final int[] places = new int[2 * DURATION];

  /** Adds the lines of a batch's events. */
  void add(HistoryLine lines, Batch batch) {
    // Whoever reads the first one has read no other of this batch.
    before = null;
    isShaped = false;
    for (PopEvent event : batch.events()) {
      int offset = event.offset();
      if (isShaped && event.length() == shape.length() && shape.fits(event.array(), offset)) {
        lines.put(
            SHORT, event.array(), offset + places[0], places[1], offset + places[2], places[3]);
      } else if (!addAsItStands(lines, event)) {
        addInOtherWords(lines, event);
        before = null;
        isShaped = false;
      }
    }
    before = null;
  }

  /** Copies what needs no change; {@code false}, with nothing added, if something does. */
  private boolean addAsItStands(HistoryLine lines, PopEvent event) {
    byte[] array = event.array();
    int[] found = spans;
    if (event.length() > LARGEST
        || !finder.find(array, event.offset(), event.length(), found)
        || !areShort(found)) {
      return false;
    }
    chooseOne(found, DEVICE);
    chooseOne(found, ASSET);
    isShaped =
        before != null
            && isAsBefore(array, DURATION)
            && isAsBefore(array, DEVICE)
            && isAsBefore(array, ASSET);
    if (isShaped) {
      lines.put(SHORT, array, found[0], found[1], found[2], found[3]);
      isShaped = event.length() <= Shape.LONGEST;
      if (isShaped) {
        remember(event, found);
      }
    } else {
      lines.put(WHOLE);
      putMember(lines, array, UUID);
      putMember(lines, array, TS);
      putMember(lines, array, DURATION);
      putMember(lines, array, DEVICE);
      putMember(lines, array, ASSET);
      lines.put('\n');
    }
    before = array;
    spans = spansBefore;
    spansBefore = found;
    return true;
  }

  /** Remembers what an event looks like of which only id and time may be others. */
  private void remember(PopEvent event, int[] found) {
    byte[] array = event.array();
    int offset = event.offset();
    shape.remember(array, offset, event.length());
    for (int i = 0; i < places.length; i += 2) {
      places[i] = found[i] - offset;
      places[i + 1] = found[i + 1];
      if (found[i + 1] > 0) {
        shape.mayVary(places[i], places[i + 1]);
      }
    }
    shape.compareBefore(behindMembers(found, offset, event.length()));
  }

  /** Behind the last member that a line is made of, counted from the object's beginning. */
  private static int behindMembers(int[] found, int offset, int length) {
    boolean isSecond = isSecond(found, DEVICE) || isSecond(found, ASSET);
    int behind = 0;
    for (int member : LINE) {
      int from = found[2 * member];
      int count = found[2 * member + 1];
      if (isSecond || count < 0) {
        // What this one does not have may come behind all others, in the next one.
        return length;
      }
      // With what ends it.
      behind = Math.max(behind, from - offset + count + 1);
    }
    return Math.min(behind, length);
  }

  private static boolean isSecond(int[] found, int first) {
    return found[2 * first] == found[2 * first + 2];
  }

  /** Whether no member but the id, which is written whole, is too long for a field. */
  private static boolean areShort(int[] spans) {
    for (int i = 2 * TS + 1; i < spans.length; i += 2) {
      if (!HistoryLine.isShort(spans[i])) {
        return false;
      }
    }
    return true;
  }

  /** Lets the second of two members stand for the first one if that has no text. */
  private static void chooseOne(int[] spans, int first) {
    if (spans[2 * first + 1] <= 0) {
      spans[2 * first] = spans[2 * first + 2];
      spans[2 * first + 1] = spans[2 * first + 3];
    }
  }

  private boolean isAsBefore(byte[] array, int member) {
    int from = spans[2 * member];
    int length = spans[2 * member + 1];
    int fromBefore = spansBefore[2 * member];
    int lengthBefore = spansBefore[2 * member + 1];
    return length <= 0
        ? lengthBefore <= 0
        : length == lengthBefore
            && Arrays.equals(array, from, from + length, before, fromBefore, fromBefore + length);
  }

  private void putMember(HistoryLine lines, byte[] array, int member) {
    lines.put('\t');
    if (spans[2 * member + 1] > 0) {
      lines.put(array, spans[2 * member], spans[2 * member + 1]);
    }
  }

  private static void addInOtherWords(HistoryLine lines, PopEvent event) {
    if (event.length() > LARGEST) {
      JsonNumber ts = event.ts();
      lines.addEvent(event.uuid(), ts == null ? "" : ts.text(), "", "", "");
      return;
    }
    String[] texts = JsonScanner.texts(event.array(), event.offset(), event.length(), MEMBERS);
    lines.addEvent(
        texts[UUID],
        texts[TS],
        texts[DURATION],
        either(texts[DEVICE], texts[DEVICE + 1]),
        either(texts[ASSET], texts[ASSET + 1]));
  }

  private static String either(String one, String other) {
    return one == null || one.isEmpty() ? other : one;
  }
}
