package io.proofofplay.core.json;

import java.util.Arrays;

/**
 * Finds the same members in one object after another, which costs less where each looks like the
 * one before: as long, and different only within the values that are sought.
 *
 * <p>Such an object needs no look at its structure. What is no text's end, within a text, and a
 * digit, within a number, leads a reader from left to right to the same places as before.
 *
 * <p>Not thread-safe.
 */
public final class MemberFinder {

  private static final byte TEXT = 1;
  private static final byte NUMBER = 2;

  /** A longer object is not compared with the next one. */
  private static final int LONGEST = 1024;

  private final Members members;
  private final byte[] last = new byte[LONGEST];

  /** For each byte of the last one what it is a part of; 0 for what must be the same. */
  private final byte[] kinds = new byte[LONGEST];

  /** As the spans, from the beginning of the object on. */
  private final int[] places;

  /** How long the last one is; -1 if there is none to compare with. */
  private int length = -1;

  /** Behind what has to be compared. */
  private int stop;

  /**
   * A finder that has seen no object yet.
   *
   * @param members what to look for
   */
  public MemberFinder(Members members) {
    this.members = members;
    places = new int[2 * members.count()];
  }

  /**
   * Where the texts of the members stand; all as in {@link JsonScanner#spans}.
   *
   * @param bytes holds an object in which {@link JsonScanner#faultOf} found no fault
   * @param offset where it begins
   * @param count its length in bytes
   * @param spans twice as long as the members are many: gets where each begins, and how long it is
   * @return {@code false} if the texts do not stand there as they are
   */
  public boolean find(byte[] bytes, int offset, int count, int[] spans) {
    if (count == length && isAlike(bytes, offset)) {
      for (int i = 0; i < places.length; i += 2) {
        int found = places[i + 1];
        spans[i] = found < 0 ? places[i] : places[i] + offset;
        spans[i + 1] = found;
      }
      return true;
    }
    if (!JsonScanner.spans(bytes, offset, count, members, spans)) {
      return false;
    }
    if (count <= LONGEST) {
      remember(bytes, offset, count, spans);
    }
    return true;
  }

  private boolean isAlike(byte[] bytes, int offset) {
    byte[] before = last;
    byte[] kind = kinds;
    int end = stop;
    int i = 0;
    while (true) {
      // Machines have instructions for this, which the first compiler uses too.
      int same = Arrays.mismatch(before, i, end, bytes, offset + i, offset + end);
      if (same < 0) {
        return true;
      }
      i += same;
      byte part = kind[i];
      if (part == 0) {
        return false;
      }
      for (; i < end && kind[i] == part; i++) {
        byte one = bytes[offset + i];
        boolean fits = part == TEXT ? one != '"' && one != '\\' : one >= '0' && one <= '9';
        if (!fits && one != before[i]) {
          return false;
        }
      }
    }
  }

  private void remember(byte[] bytes, int offset, int count, int[] spans) {
    System.arraycopy(bytes, offset, last, 0, count);
    Arrays.fill(kinds, 0, count, (byte) 0);
    length = count;
    stop = 0;
    for (int i = 0; i < places.length; i += 2) {
      int found = spans[i + 1];
      places[i + 1] = found;
      if (found < 0) {
        places[i] = spans[i];
        // It may come behind all others, in the next one.
        stop = count;
        continue;
      }
      int from = spans[i] - offset;
      places[i] = from;
      Arrays.fill(kinds, from, from + found, last[from - 1] == '"' ? TEXT : NUMBER);
      // With what ends the value.
      stop = Math.max(stop, Math.min(count, from + found + 1));
    }
  }
}
