package io.proofofplay.core.json;

import java.util.Arrays;

/**
 * What one object looked like, by which the next one is known without a look at its structure: it
 * is as long, and differs only within texts and numbers, by bytes that end neither.
 *
 * <p>Such an object is as well formed as the one before, and its members stand in the same places:
 * what is no text's end, within a text, and a digit, within a number, leads a reader from left to
 * right to the same places as before.
 *
 * <p>Not thread-safe.
 */
public final class Shape {

  /** A longer object is not remembered. */
  public static final int LONGEST = 1024;

  /** A byte of a text, in ASCII, that neither ends it nor begins an escape. */
  private static final byte TEXT = 1;

  private static final byte DIGIT = 2;

  /** The first digit of several before the point. */
  private static final byte LEADING = 4;

  /** The bits for these, beside which it is kept for how many bytes they hold. */
  private static final int USE = 7;

  private static final int USE_BITS = 3;

  private static final int LONGEST_RUN = 31;

  /** So many bytes are looked at in one step. */
  private static final int FOUR = 4;

  /** For each byte what it may stand for. */
  private static final byte[] USES = uses();

  /** As long as the last one needs: there may be as many shapes as sources. */
  private byte[] last = {};

  /**
   * For each byte of the last one what may stand in its place, 0 for the same byte alone; and for
   * how many bytes from it on this holds, as far as that can be said.
   */
  private byte[] kinds = {};

  /** How long the last one is; -1 if there is none to compare with. */
  private int length = -1;

  /** Behind what has to be compared. */
  private int stop;

  /** None that anything could be like. */
  public Shape() {}

  private static byte[] uses() {
    byte[] uses = new byte[256];
    for (int one = ' '; one < 0x7f; one++) {
      if (one != '"' && one != '\\') {
        uses[one] |= TEXT;
      }
    }
    for (int digit = '0'; digit <= '9'; digit++) {
      uses[digit] |= DIGIT;
      if (digit != '0') {
        uses[digit] |= LEADING;
      }
    }
    return uses;
  }

  /**
   * Takes an object for the last one. All of the next one has to be the same, but for what is said
   * afterwards.
   *
   * @param bytes holds it; copied
   * @param offset where it begins
   * @param count how long it is, at most {@link #LONGEST}
   */
  public void remember(byte[] bytes, int offset, int count) {
    if (last.length < count || last.length > 2 * count) {
      byte[] room = new byte[count];
      kinds = new byte[count];
      last = room;
    }
    System.arraycopy(bytes, offset, last, 0, count);
    Arrays.fill(kinds, 0, count, (byte) 0);
    length = count;
    stop = count;
  }

  /**
   * Lets the value of a member of the last one be another: a text if a quotation mark stands before
   * it, else a number.
   *
   * @param from where it begins, counted from the object's beginning, which it is not
   * @param count how many bytes it has, without an escape among them
   */
  public void mayVary(int from, int count) {
    if (last[from - 1] == '"') {
      mayVaryAsText(from, count);
    } else {
      mayVaryAsNumber(from, count);
    }
  }

  /**
   * Lets other characters stand in a text of the last one, in ASCII where it is in ASCII.
   *
   * @param from where it begins, behind its quotation mark, counted from the object's beginning
   * @param count how many bytes it has, without an escape among them
   */
  void mayVaryAsText(int from, int count) {
    for (int i = from; i < from + count; i++) {
      kinds[i] = (byte) (USES[last[i] & 0xff] & TEXT);
    }
    count(from, count);
  }

  /**
   * Lets other digits stand in a number of the last one.
   *
   * @param from where it begins, counted from the object's beginning
   * @param count how many bytes it has
   */
  void mayVaryAsNumber(int from, int count) {
    for (int i = from; i < from + count; i++) {
      kinds[i] = (byte) (USES[last[i] & 0xff] & DIGIT);
    }
    int first = last[from] == '-' ? from + 1 : from;
    if (first + 1 < from + count && kinds[first + 1] == DIGIT) {
      // Else the number would begin with a 0 that is not all there is before the point.
      kinds[first] = LEADING;
    }
    count(from, count);
  }

  /** Says for how many bytes from each one on the same holds. */
  private void count(int from, int count) {
    int run = 0;
    int before = -1;
    for (int i = from + count - 1; i >= from; i--) {
      int use = kinds[i];
      run = use == before ? Math.min(LONGEST_RUN, run + 1) : 1;
      before = use;
      kinds[i] = (byte) (use == 0 ? 0 : run << USE_BITS | use);
    }
  }

  /**
   * Leaves the end of the objects alone.
   *
   * @param end behind the last byte that is compared, counted from the object's beginning
   */
  public void compareBefore(int end) {
    stop = end;
  }

  /**
   * How long the last one is.
   *
   * @return its length in bytes; -1 if there is none
   */
  public int length() {
    return length;
  }

  /**
   * Whether an object has the shape of the last one.
   *
   * @param bytes holds it
   * @param offset where it begins; so many bytes as the last one has must be there from here on
   * @return whether it differs only in what may vary; if all of it is compared, it is as well
   *     formed as that one then
   */
  public boolean fits(byte[] bytes, int offset) {
    if (length < 0) {
      return false;
    }
    byte[] before = last;
    byte[] kind = kinds;
    byte[] uses = USES;
    int end = stop;
    int i = 0;
    while (true) {
      // Machines have instructions for this, which the first compiler uses too.
      int same = Arrays.mismatch(before, i, end, bytes, offset + i, offset + end);
      if (same < 0) {
        return true;
      }
      i += same;
      int use = kind[i] & USE;
      if (use == 0) {
        return false;
      }
      do {
        int behind = Math.min(end, i + ((kind[i] & 0xff) >>> USE_BITS));
        for (; i + FOUR <= behind; i += FOUR) {
          int at = offset + i;
          int fits =
              uses[bytes[at] & 0xff]
                  & uses[bytes[at + 1] & 0xff]
                  & uses[bytes[at + 2] & 0xff]
                  & uses[bytes[at + 3] & 0xff];
          if ((fits & use) == 0) {
            return false;
          }
        }
        for (; i < behind; i++) {
          if ((uses[bytes[offset + i] & 0xff] & use) == 0) {
            return false;
          }
        }
      } while (i < end && (kind[i] & USE) == use);
    }
  }
}
