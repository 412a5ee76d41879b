package io.proofofplay.bench;

import java.util.Arrays;
import java.util.BitSet;

/**
 * What has come to the backend: which events, how often, in which order, and how late.
 *
 * <p>Thread-safe.
 */
final class Arrivals {

  /** When an event was due, on the clock of {@link System#nanoTime}. */
  @FunctionalInterface
  interface Due {
    long nanos(int source, long number);
  }

  private final BitSet[] seen;
  private final long[] highest;
  private final Due due;
  private long[] delays = new long[1024];
  private int delayed;
  private long count;
  private long repeated;
  private long reordered;
  private long changed;
  private long first;
  private long last;

  /**
   * Nothing has come.
   *
   * @param sources how many players there are
   * @param due when each event was due; {@code null} if nobody asks how late they are
   */
  Arrivals(int sources, Due due) {
    this.seen = new BitSet[sources];
    this.highest = new long[sources];
    this.due = due;
    Arrays.setAll(seen, any -> new BitSet());
    Arrays.fill(highest, -1);
  }

  /**
   * Takes the body of a request, a JSON array.
   *
   * @param body the array and perhaps more behind it
   * @param length how long it is
   * @param now when its last byte came
   */
  synchronized void take(byte[] body, int length, long now) {
    if (first == 0) {
      first = now;
    }
    if (length < 2 || body[0] != '[' || body[length - 1] != ']') {
      changed++;
      return;
    }
    for (int at = 1; at < length; at += Play.LENGTH + 1) {
      int behind = at + Play.LENGTH;
      if (Play.isIntact(body, at, length - 1)
          && (behind == length - 1 || (body[behind] == ',' && behind + 1 < length - 1))) {
        take(Play.source(body, at), Play.number(body, at), now);
      } else {
        // What was shifted by a missing byte is counted as well; what is meant is none at all.
        changed++;
      }
    }
    last = now;
  }

  private void take(int source, long number, long now) {
    if (source >= seen.length || number > Integer.MAX_VALUE) {
      changed++;
      return;
    }
    if (seen[source].get((int) number)) {
      repeated++;
      return;
    }
    seen[source].set((int) number);
    count++;
    if (number < highest[source]) {
      reordered++;
    } else {
      highest[source] = number;
    }
    if (due != null) {
      if (delayed == delays.length) {
        delays = Arrays.copyOf(delays, 2 * delayed);
      }
      delays[delayed++] = now - due.nanos(source, number);
    }
  }

  /** How many different events have come. */
  synchronized long count() {
    return count;
  }

  /**
   * How far it has come.
   *
   * @param count how many different events have come
   * @param last when the last body came
   */
  record Mark(long count, long last) {}

  /** How far it has come, both from one moment. */
  synchronized Mark mark() {
    return new Mark(count, last);
  }

  /** How many are missing of those that were sent before one that has come. */
  synchronized long holes() {
    long holes = 0;
    for (int source = 0; source < seen.length; source++) {
      holes += highest[source] + 1 - seen[source].cardinality();
    }
    return holes;
  }

  /** How many came that had come before. */
  synchronized long repeated() {
    return repeated;
  }

  /** How many came behind one that was sent after them. */
  synchronized long reordered() {
    return reordered;
  }

  /** How many had other bytes than were sent, or stood between other bytes than a comma. */
  synchronized long changed() {
    return changed;
  }

  /** When the first event came; 0 if none has. */
  synchronized long first() {
    return first;
  }

  /** Forgets how late the events were that came by now. */
  synchronized void forgetDelays() {
    delayed = 0;
  }

  /**
   * How late the events came that were not among the latest.
   *
   * @param share 0.99 for all but one in a hundred
   * @return milliseconds; {@link Double#NaN} if nobody asked
   */
  synchronized double delayMillis(double share) {
    if (delayed == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(delays, delayed);
    Arrays.sort(sorted);
    return sorted[Math.min(delayed - 1, (int) (share * delayed))] / 1e6;
  }
}
