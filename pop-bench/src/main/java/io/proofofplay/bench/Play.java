package io.proofofplay.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The event that all of this is measured with: as long as a real one, with a {@code uuid} of
 * version 4 that looks as random as a player's, and a serial number whose end checks the time. The
 * same source and number always have the same {@code uuid}, all events have the same length, and a
 * changed byte anywhere is noticed.
 *
 * <p>Source and number are mixed into 64 of the 122 free bits of the {@code uuid}, in a way that
 * can be undone; the other 58 follow from those. Plain numbers, most of whose digits are 0, would
 * pack better than what players send.
 *
 * <p>Thread-safe: it has no state.
 */
public final class Play {

  private static final byte[] TEXT =
      ("{\"uuid\":\"00000000-0000-4000-8000-000000000000\",\"ts\":0000000000.000,"
              + "\"asset\":{\"filename\":\"spring-campaign-05.mp4\",\"id\":1005},\"duration\":10.016,"
              + "\"device\":{\"id\":20417,\"serial\":\"10000000c0ffee42\",\"location\":\"Hall 3\"},"
              + "\"setup\":{\"id\":3117,\"name\":\"Lobby\"},\"extra\":{\"slot\":4}}")
          .getBytes(StandardCharsets.US_ASCII);

  private static final int ID = "{\"uuid\":\"".length();

  /** Where in the event the digits stand into which source and number are mixed, in pairs. */
  private static final int[] MIXED = places(0, 2, 4, 6, 9, 11, 15, 20);

  /** Where the digits stand that follow from them, in pairs. */
  private static final int[] CHECKING = places(24, 26, 28, 30, 32, 34);

  /** Likewise, single ones. */
  private static final int[] CHECKING_ALONE = places(17, 22);

  /** Where the digit stands of which two bits follow from them. */
  private static final int VARIANT = ID + 19;

  /** The other two bits of that digit: those of RFC 9562. */
  private static final int VARIANT_BITS = 8;

  private static final int SECONDS = ID + "00000000-0000-4000-8000-000000000000\",\"ts\":".length();
  private static final int SECONDS_DIGITS = 10;
  private static final int MILLIS = SECONDS + SECONDS_DIGITS + 1;
  private static final int MILLIS_DIGITS = 3;
  private static final int CHECK_DIGITS = 8;
  private static final int CHECK = new String(TEXT, StandardCharsets.US_ASCII).indexOf("c0ffee42");

  /** Where an event has always the same bytes: from, to, from, to and so on. */
  private static final int[] FIXED = fixed();

  /** An odd number with well-spread bits, and the one that undoes a multiplication by it. */
  private static final long FACTOR = 0xdaba0b6eb09322e3L;

  private static final long INVERSE = 0xa6f8e26927e132cbL;

  /** So that the first event of the first source has other digits than 0 too. */
  private static final long SALT = 0x9e3779b97f4a7c15L;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** What a character is worth as a digit as it is written here; -1 if it is none. */
  private static final byte[] WORTH = worth();

  /** The length of each event in bytes, without a line end. */
  public static final int LENGTH = TEXT.length;

  private static final int ID_LENGTH = 36;
  private static final int TIME_LENGTH = SECONDS_DIGITS + 1 + MILLIS_DIGITS;

  /** The length of what {@link #briefly} writes. */
  static final int BRIEF_LENGTH = 2 + ID_LENGTH + 1 + TIME_LENGTH + 1;

  private Play() {}

  private static int[] places(int... inId) {
    return Arrays.stream(inId).map(place -> ID + place).toArray();
  }

  private static byte[] worth() {
    byte[] worth = new byte[256];
    Arrays.fill(worth, (byte) -1);
    for (byte i = 0; i < HEX.length; i++) {
      worth[HEX[i]] = i;
    }
    return worth;
  }

  private static int[] fixed() {
    boolean[] free = new boolean[TEXT.length];
    for (int place : MIXED) {
      Arrays.fill(free, place, place + 2, true);
    }
    for (int place : CHECKING) {
      Arrays.fill(free, place, place + 2, true);
    }
    for (int place : CHECKING_ALONE) {
      free[place] = true;
    }
    free[VARIANT] = true;
    Arrays.fill(free, SECONDS, SECONDS + SECONDS_DIGITS, true);
    Arrays.fill(free, MILLIS, MILLIS + MILLIS_DIGITS, true);
    Arrays.fill(free, CHECK, CHECK + CHECK_DIGITS, true);
    int[] edges = new int[free.length];
    int count = 0;
    boolean before = true;
    for (int at = 0; at < free.length; at++) {
      if (free[at] != before) {
        edges[count++] = at;
        before = free[at];
      }
    }
    if (!before) {
      edges[count++] = free.length;
    }
    return Arrays.copyOf(edges, count);
  }

  /**
   * Writes an event.
   *
   * @param into where
   * @param at the index of its first byte
   * @param source which player says it, 0 or more
   * @param number which of this player's events it is; its lower 32 bits count
   * @param millis when the play began, by the wall clock
   */
  public static void write(byte[] into, int at, int source, long number, long millis) {
    System.arraycopy(TEXT, 0, into, at, LENGTH);
    long mixed = mixed((long) source << 32 | (number & 0xffff_ffffL));
    long rest = mixed;
    for (int place : MIXED) {
      pair(into, at + place, (int) rest);
      rest >>>= 8;
    }
    long following = mixed(~mixed);
    for (int place : CHECKING) {
      pair(into, at + place, (int) following);
      following >>>= 8;
    }
    for (int place : CHECKING_ALONE) {
      into[at + place] = HEX[(int) following & 15];
      following >>>= 4;
    }
    into[at + VARIANT] = HEX[VARIANT_BITS | ((int) following & 3)];
    decimal(into, at + SECONDS, SECONDS_DIGITS, millis / 1000);
    decimal(into, at + MILLIS, MILLIS_DIGITS, millis % 1000);
    int check = check(mixed, millis);
    for (int i = 0; i < CHECK_DIGITS; i += 2) {
      pair(into, at + CHECK + i, check);
      check >>>= 8;
    }
  }

  /**
   * Writes the line that the relay's history has for an event like the one before it: its id and
   * its time.
   *
   * @param event where an event stands
   * @param at the index of its first byte
   * @param into where the line is written
   * @param to the index of its first byte
   */
  static void briefly(byte[] event, int at, byte[] into, int to) {
    into[to] = 'e';
    into[to + 1] = '\t';
    System.arraycopy(event, at + ID, into, to + 2, ID_LENGTH);
    into[to + 2 + ID_LENGTH] = '\t';
    System.arraycopy(event, at + SECONDS, into, to + 3 + ID_LENGTH, TIME_LENGTH);
    into[to + BRIEF_LENGTH - 1] = '\n';
  }

  /** Another one for each value, all bits of it dependent on all bits of that. */
  private static long mixed(long value) {
    long mixed = value ^ SALT;
    mixed = (mixed ^ mixed >>> 32) * FACTOR;
    mixed = (mixed ^ mixed >>> 32) * FACTOR;
    return mixed ^ mixed >>> 32;
  }

  private static long unmixed(long mixed) {
    long value = mixed;
    value = (value ^ value >>> 32) * INVERSE;
    value = (value ^ value >>> 32) * INVERSE;
    return value ^ value >>> 32 ^ SALT;
  }

  /** Another one for each event and time, as far as 32 bits reach. */
  private static int check(long mixed, long millis) {
    return (int) mixed(mixed + millis);
  }

  private static void pair(byte[] into, int at, int value) {
    into[at] = HEX[value >>> 4 & 15];
    into[at + 1] = HEX[value & 15];
  }

  private static void decimal(byte[] into, int at, int digits, long value) {
    long rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      into[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /**
   * Whether these bytes are an event as it was written, whatever its source, number and time.
   *
   * @param bytes where it stands
   * @param at the index of its first byte
   * @param end the index behind the last byte that may belong to it
   */
  static boolean isIntact(byte[] bytes, int at, int end) {
    if (at + LENGTH > end) {
      return false;
    }
    for (int i = 0; i < FIXED.length; i += 2) {
      if (!Arrays.equals(bytes, at + FIXED[i], at + FIXED[i + 1], TEXT, FIXED[i], FIXED[i + 1])) {
        return false;
      }
    }
    for (int place : MIXED) {
      if (pair(bytes, at + place) < 0) {
        return false;
      }
    }
    long mixed = mixed(bytes, at);
    if (unmixed(mixed) < 0 || !follows(bytes, at, mixed(~mixed))) {
      return false;
    }
    long seconds = decimal(bytes, at + SECONDS, SECONDS_DIGITS);
    long millis = decimal(bytes, at + MILLIS, MILLIS_DIGITS);
    if (seconds < 0 || millis < 0) {
      return false;
    }
    int check = check(mixed, seconds * 1000 + millis);
    for (int i = 0; i < CHECK_DIGITS; i += 2) {
      if (pair(bytes, at + CHECK + i) != (check & 255)) {
        return false;
      }
      check >>>= 8;
    }
    return true;
  }

  private static boolean follows(byte[] bytes, int at, long wanted) {
    long rest = wanted;
    for (int place : CHECKING) {
      if (pair(bytes, at + place) != (rest & 255)) {
        return false;
      }
      rest >>>= 8;
    }
    for (int place : CHECKING_ALONE) {
      if (worth(bytes[at + place]) != (rest & 15)) {
        return false;
      }
      rest >>>= 4;
    }
    return worth(bytes[at + VARIANT]) == (VARIANT_BITS | (rest & 3));
  }

  /** Which player said it, of an event that is intact. */
  static int source(byte[] bytes, int at) {
    return (int) (unmixed(mixed(bytes, at)) >>> 32);
  }

  /** Which of that player's events it is, of an event that is intact. */
  static long number(byte[] bytes, int at) {
    return unmixed(mixed(bytes, at)) & 0xffff_ffffL;
  }

  private static long mixed(byte[] bytes, int at) {
    long mixed = 0;
    for (int i = MIXED.length - 1; i >= 0; i--) {
      mixed = mixed << 8 | pair(bytes, at + MIXED[i]);
    }
    return mixed;
  }

  /** Two digits of 16; negative if one is none. */
  private static int pair(byte[] bytes, int at) {
    return worth(bytes[at]) << 4 | worth(bytes[at + 1]);
  }

  private static int worth(byte digit) {
    return WORTH[digit & 255];
  }

  /** Digits of 10; -1 if one is none. */
  private static long decimal(byte[] bytes, int at, int digits) {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
