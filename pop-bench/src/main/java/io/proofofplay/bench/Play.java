package io.proofofplay.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The event that all of this is measured with: as long as a real one, with a {@code uuid} that
 * tells the source and the event's number in it. All events have the same length.
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
  private static final int TAIL = MILLIS + MILLIS_DIGITS;

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

  /** Whether these bytes are an event as it was written, whatever its source, number and time. */
  static boolean isIntact(byte[] bytes, int at) {
    return at + LENGTH <= bytes.length
        && Arrays.equals(bytes, at, at + SOURCE, TEXT, 0, SOURCE)
        && Arrays.equals(bytes, at + TAIL, at + LENGTH, TEXT, TAIL, LENGTH);
  }

  /** Which player said it. */
  static int source(byte[] bytes, int at) {
    return (int) number(bytes, at + SOURCE, SOURCE_DIGITS);
  }

  /** Which of that player's events it is. */
  static long number(byte[] bytes, int at) {
    return number(bytes, at + NUMBER, NUMBER_DIGITS);
  }

  private static long number(byte[] bytes, int at, int digits) {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      value = value << 4 | Character.digit(bytes[i], 16);
    }
    return value;
  }
}
