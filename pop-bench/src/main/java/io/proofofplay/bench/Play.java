package io.proofofplay.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The event that all of this is measured with: as long as a real one, with a {@code uuid} that
 * tells the source and the event's number in it, and a serial number whose end checks both and the
 * time. All events have the same length, and a changed byte anywhere is noticed.
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

  private static final int SOURCE = "{\"uuid\":\"".length();
  private static final int SOURCE_DIGITS = 8;
  private static final int NUMBER = SOURCE + "00000000-0000-4000-8000-".length();
  private static final int NUMBER_DIGITS = 12;
  private static final int SECONDS = NUMBER + NUMBER_DIGITS + "\",\"ts\":".length();
  private static final int SECONDS_DIGITS = 10;
  private static final int MILLIS = SECONDS + SECONDS_DIGITS + 1;
  private static final int MILLIS_DIGITS = 3;
  private static final int CHECK_DIGITS = 8;
  private static final int CHECK = new String(TEXT, StandardCharsets.US_ASCII).indexOf("c0ffee42");

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** The length of each event in bytes, without a line end. */
  public static final int LENGTH = TEXT.length;

  private Play() {}

  /**
   * Writes an event.
   *
   * @param into where
   * @param at the index of its first byte
   * @param source which player says it
   * @param number which of this player's events it is
   * @param millis when the play began, by the wall clock
   */
  public static void write(byte[] into, int at, int source, long number, long millis) {
    System.arraycopy(TEXT, 0, into, at, LENGTH);
    hex(into, at + SOURCE, SOURCE_DIGITS, source);
    hex(into, at + NUMBER, NUMBER_DIGITS, number);
    decimal(into, at + SECONDS, SECONDS_DIGITS, millis / 1000);
    decimal(into, at + MILLIS, MILLIS_DIGITS, millis % 1000);
    int check = check(source, number, millis);
    for (int i = CHECK_DIGITS - 1; i >= 0; i--) {
      into[at + CHECK + i] = HEX[check & 15];
      check >>>= 4;
    }
  }

  /** Another one for each source, number and time, as far as 32 bits reach. */
  private static int check(int source, long number, long millis) {
    long mixed = (source * 0x9e3779b97f4a7c15L + number) * 0xbf58476d1ce4e5b9L + millis;
    mixed = (mixed ^ mixed >>> 32) * 0x94d049bb133111ebL;
    return (int) (mixed >>> 32);
  }

  private static void hex(byte[] into, int at, int digits, long value) {
    long rest = value;
    for (int i = at + digits - 1; i >= at && rest != 0; i--) {
      into[i] = HEX[(int) (rest & 15)];
      rest >>>= 4;
    }
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
    if (at + LENGTH > end
        || !isFixed(bytes, at, 0, SOURCE)
        || !isFixed(bytes, at, SOURCE + SOURCE_DIGITS, NUMBER)
        || !isFixed(bytes, at, NUMBER + NUMBER_DIGITS, SECONDS)
        || !isFixed(bytes, at, SECONDS + SECONDS_DIGITS, MILLIS)
        || !isFixed(bytes, at, MILLIS + MILLIS_DIGITS, CHECK)
        || !isFixed(bytes, at, CHECK + CHECK_DIGITS, LENGTH)) {
      return false;
    }
    long source = number(bytes, at + SOURCE, SOURCE_DIGITS, 16);
    long number = number(bytes, at + NUMBER, NUMBER_DIGITS, 16);
    long seconds = number(bytes, at + SECONDS, SECONDS_DIGITS, 10);
    long millis = number(bytes, at + MILLIS, MILLIS_DIGITS, 10);
    long check = number(bytes, at + CHECK, CHECK_DIGITS, 16);
    return source >= 0
        && source <= Integer.MAX_VALUE
        && number >= 0
        && seconds >= 0
        && millis >= 0
        && check >= 0
        && (int) check == check((int) source, number, seconds * 1000 + millis);
  }

  private static boolean isFixed(byte[] bytes, int at, int from, int to) {
    return Arrays.equals(bytes, at + from, at + to, TEXT, from, to);
  }

  /** Which player said it, of an event that is intact. */
  static int source(byte[] bytes, int at) {
    return (int) number(bytes, at + SOURCE, SOURCE_DIGITS, 16);
  }

  /** Which of that player's events it is, of an event that is intact. */
  static long number(byte[] bytes, int at) {
    return number(bytes, at + NUMBER, NUMBER_DIGITS, 16);
  }

  /** Reads digits as they are written here, the letters among them small; -1 if one is none. */
  private static long number(byte[] bytes, int at, int digits, int radix) {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        digit = bytes[i] - 'a' + 10;
        if (digit < 10 || digit >= radix) {
          return -1;
        }
      }
      value = value * radix + digit;
    }
    return value;
  }
}
