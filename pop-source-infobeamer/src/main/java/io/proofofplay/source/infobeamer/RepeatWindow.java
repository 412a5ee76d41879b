package io.proofofplay.source.infobeamer;

import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.json.Members;
import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The events that were taken last, to know one that comes again: a player that keeps its last
 * events sends them anew with each connection.
 *
 * <p>An event comes again when all its bytes are the same. It is known by 64 bits of its id's
 * {@link Fingerprint} together with the 64 bits of a {@link Checksum} of all of it. So an event
 * under an id of its own is taken for another with a probability below 2<sup>-111</sup> at the
 * largest window, and one of two with the same id with one of 2<sup>-64</sup>. The same id with
 * other bytes is another event; that is only counted. Of an event of more than 64 KiB whose id has
 * an escape all bytes are taken for the id: it counts as no other's.
 *
 * <p>An event enters the window when the intake has taken it, and not before: whatever was not
 * taken must not make its own repeat vanish.
 *
 * <p>At most {@value #EVENT_BYTES} bytes an event, taken as events come. All windows of a process
 * together take an eighth of its heap, or {@value #LEAST} events each if that is more: when there
 * are so many sources that they cannot have what they ask for, each has the same. Not thread-safe.
 */
final class RepeatWindow {

  /** The most that an event takes. */
  private static final int EVENT_BYTES = 32;

  /** The part of the heap that all windows of a process may take. */
  private static final int PART_OF_THE_HEAP = 8;

  /**
   * The events that all windows of this process hold together: some 120,000 in a heap of 32 MiB.
   */
  static final int ALL =
      (int)
          Math.min(
              Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP / EVENT_BYTES);

  /** What each may hold, however many there are. */
  static final int LEAST = 64;

  private static final int FEW = 16;

  private static final Members ID = Members.of("uuid");

  /** Few enough to keep room for, between two offers. */
  private static final int FEWEST = 4;

  /** What is left of some events; until the next ones are sifted. */
  static final class Sifted {

    private final Prints prints;
    private List<PopEvent> fresh;
    private int repeated;
    private int reusedIds;

    private Sifted(List<PopEvent> events, Prints prints) {
      this.prints = prints;
      fresh = events;
    }

    /** Those that did not come before, in their order. */
    List<PopEvent> fresh() {
      return fresh;
    }

    /** How many came before. */
    int repeated() {
      return repeated;
    }

    /** How many of the fresh have the id of another event. */
    int reusedIds() {
      return reusedIds;
    }
  }

  private static final int DIGITS = 16;

  /** A line of what is remembered: the id, a space, the sum, a line end. */
  private static final int LINE = DIGITS + 1 + DIGITS + 1;

  private static final Pattern ENTRY =
      Pattern.compile("[0-9a-f]{" + DIGITS + "} [0-9a-f]{" + DIGITS + "}");

  private final int size;
  private final Crowd crowd;
  private final int all;
  private final Checksum checksum = new Checksum();
  private final int[] span = new int[2];
  private Prints prints = new Prints(FEW);

  /** Room for the prints of what is sifted. */
  private Prints room = new Prints(FEWEST);

  /**
   * An empty window, for the only source of a process.
   *
   * @param size how many events it holds; 0 to know none
   */
  RepeatWindow(int size) {
    this(size, new Crowd(), ALL);
  }

  /**
   * An empty window.
   *
   * @param size how many events it holds, if the others leave it so much; 0 to know none
   * @param crowd the sources among which the room is divided
   * @param all the events for which there is room
   */
  RepeatWindow(int size, Crowd crowd, int all) {
    this.size = size;
    this.crowd = crowd;
    this.all = all;
  }

  /**
   * Tells those that come for the first time from those that come again. Remembers nothing yet.
   *
   * @param events nobody may change this list from now on
   */
  Sifted sift(List<PopEvent> events) {
    if (size == 0) {
      return new Sifted(events, room);
    }
    Prints sought = roomFor(events.size());
    Sifted sifted = new Sifted(events, sought);
    for (int i = 0; i < events.size(); i++) {
      PopEvent event = events.get(i);
      long id = idOf(event);
      long sum = checksum.of(event.array(), event.offset(), event.length());
      Known before = prints.know(id, sum);
      Known beside = before == Known.REPEATED ? before : sought.know(id, sum);
      if (beside == Known.REPEATED) {
        if (sifted.repeated == 0) {
          sifted.fresh = new ArrayList<>(events.subList(0, i));
        }
        sifted.repeated++;
        continue;
      }
      if (before == Known.REUSED || beside == Known.REUSED) {
        sifted.reusedIds++;
      }
      if (sifted.repeated > 0) {
        sifted.fresh.add(event);
      }
      sought.add(id, sum);
    }
    return sifted;
  }

  /** Empty, with room for so many, and not for very many more. */
  private Prints roomFor(int events) {
    if (room.most() < events || room.most() / FEWEST > events) {
      room = new Prints(Math.max(FEWEST, events));
    } else {
      room.clear();
    }
    return room;
  }

  private long idOf(PopEvent event) {
    byte[] array = event.array();
    if (JsonScanner.spans(array, event.offset(), event.length(), ID, span) && span[1] >= 0) {
      return Fingerprint.of(array, span[0], span[1]);
    }
    if (event.length() > PlayerSession.CHUNK_BYTES) {
      // Without its escapes, the id of a long event may take several times its bytes in memory.
      return Fingerprint.of(array, event.offset(), event.length());
    }
    byte[] id = event.uuid().getBytes(StandardCharsets.UTF_8);
    return Fingerprint.of(id, 0, id.length);
  }

  /** Remembers the fresh ones; for when they were taken. */
  void add(Sifted sifted) {
    for (int i = 0; i < sifted.prints.count(); i++) {
      add(sifted.prints.id(i), sifted.prints.sum(i));
    }
  }

  private void add(long id, long sum) {
    if (size == 0 || prints.know(id, sum) == Known.REPEATED) {
      return;
    }
    int most = crowd.share(all, Math.min(LEAST, size), size);
    if (prints.count() >= most) {
      if (prints.count() > most) {
        // Others have come since, and need their room.
        prints = prints.last(most - 1, most);
      } else {
        prints.removeOldest();
      }
    } else if (prints.isFull()) {
      prints = prints.last(prints.count(), Math.min(most, 2 * prints.count()));
    }
    prints.add(id, sum);
  }

  /** What the window holds, oldest first, one line an event. */
  byte[] memory() {
    StringBuilder text = new StringBuilder(prints.count() * LINE);
    HexFormat hex = HexFormat.of();
    for (int i = 0; i < prints.count(); i++) {
      text.append(hex.toHexDigits(prints.id(i)))
          .append(' ')
          .append(hex.toHexDigits(prints.sum(i)))
          .append('\n');
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Fills the window with what another one held; what is not of that form is left out. */
  void recall(byte[] memory) {
    for (String line : new String(memory, StandardCharsets.US_ASCII).lines().toList()) {
      if (ENTRY.matcher(line).matches()) {
        add(
            HexFormat.fromHexDigitsToLong(line, 0, DIGITS),
            HexFormat.fromHexDigitsToLong(line, DIGITS + 1, LINE - 1));
      }
    }
  }

  /** What is known of an event before it is taken. */
  private enum Known {
    NOT,
    /** Another event had its id. */
    REUSED,
    /** It came before, with all its bytes. */
    REPEATED
  }

  /** Ids in the order in which they came, each with the checksum of its event, in a ring. */
  private static final class Prints {

    private final long[] ids;
    private final long[] sums;
    private final Places byId;
    private int oldest;
    private int count;

    Prints(int most) {
      ids = new long[most];
      sums = new long[most];
      byId = new Places(ids);
    }

    int count() {
      return count;
    }

    int most() {
      return ids.length;
    }

    void clear() {
      count = 0;
      oldest = 0;
      byId.clear();
    }

    boolean isFull() {
      return count == ids.length;
    }

    private int at(int index) {
      int at = oldest + index;
      return at < ids.length ? at : at - ids.length;
    }

    long id(int index) {
      return ids[at(index)];
    }

    long sum(int index) {
      return sums[at(index)];
    }

    Known know(long id, long sum) {
      Known known = Known.NOT;
      int found = byId.first(id);
      while (found >= 0) {
        int place = byId.get(found);
        if (ids[place] == id) {
          if (sums[place] == sum) {
            return Known.REPEATED;
          }
          known = Known.REUSED;
        }
        found = byId.next(found);
      }
      return known;
    }

    void add(long id, long sum) {
      int at = at(count++);
      ids[at] = id;
      sums[at] = sum;
      byId.add(at);
    }

    void removeOldest() {
      byId.remove(oldest);
      count--;
      oldest = at(1);
    }

    /** The latest of these, with room for others. */
    Prints last(int kept, int most) {
      Prints others = new Prints(most);
      for (int i = count - kept; i < count; i++) {
        others.add(id(i), sum(i));
      }
      return others;
    }
  }

  /**
   * Where in an array a value stands. The values are prints, so that each bit of them is as good as
   * any other to begin the search with. A value may stand in several places.
   */
  private static final class Places {

    private final long[] values;

    /** A place plus one, or 0; what belongs here stands here or behind, without a gap between. */
    private final int[] slots;

    Places(long[] values) {
      this.values = values;
      this.slots = new int[Math.max(2, Integer.highestOneBit(Math.max(1, values.length)) * 4)];
    }

    private int slot(long value) {
      return (int) value & slots.length - 1;
    }

    /** The first slot with a place that may have the value; -1 if there is none. */
    int first(long value) {
      int slot = slot(value);
      return slots[slot] == 0 ? -1 : slot;
    }

    int next(int slot) {
      int behind = slot + 1 & slots.length - 1;
      return slots[behind] == 0 ? -1 : behind;
    }

    int get(int slot) {
      return slots[slot] - 1;
    }

    void clear() {
      Arrays.fill(slots, 0);
    }

    void add(int place) {
      int slot = slot(values[place]);
      while (slots[slot] != 0) {
        slot = slot + 1 & slots.length - 1;
      }
      slots[slot] = place + 1;
    }

    void remove(int place) {
      int gap = slot(values[place]);
      while (slots[gap] != place + 1) {
        gap = gap + 1 & slots.length - 1;
      }
      slots[gap] = 0;
      // What stands behind the gap and belongs before it moves into it.
      int slot = gap;
      while (true) {
        slot = slot + 1 & slots.length - 1;
        if (slots[slot] == 0) {
          return;
        }
        int home = slot(values[slots[slot] - 1]);
        if ((slot - home & slots.length - 1) >= (slot - gap & slots.length - 1)) {
          slots[gap] = slots[slot];
          slots[slot] = 0;
          gap = slot;
        }
      }
    }
  }
}
