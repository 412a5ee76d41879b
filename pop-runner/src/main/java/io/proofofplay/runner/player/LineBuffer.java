package io.proofofplay.runner.player;

import java.util.Arrays;

/**
 * Bytes that are gathered and used again: what is played next.
 *
 * <p>Not thread-safe.
 */
public final class LineBuffer {

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private static final int DIGITS_OF_A_LONG = 19;

  private byte[] bytes;
  private int length;
  private final byte[] digits = new byte[DIGITS_OF_A_LONG];

  LineBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  int length() {
    return length;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }

  void clear() {
    length = 0;
  }

  /**
   * Adds bytes.
   *
   * @param source holds them
   * @param offset where they begin
   * @param count how many
   * @return this
   */
  public LineBuffer add(byte[] source, int offset, int count) {
    room(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
    return this;
  }

  /**
   * Adds bytes.
   *
   * @param source the bytes
   * @return this
   */
  public LineBuffer add(byte[] source) {
    return add(source, 0, source.length);
  }

  LineBuffer addByte(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  /** Adds a number of 0 or more in decimal digits, with zeros in front up to a width. */
  LineBuffer addNumber(long value, int width) {
    int at = DIGITS_OF_A_LONG;
    long rest = value;
    do {
      digits[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    while (DIGITS_OF_A_LONG - at < width) {
      digits[--at] = '0';
    }
    return add(digits, at, DIGITS_OF_A_LONG - at);
  }

  /** Adds the highest {@code count} of the 16 hexadecimal digits of a value, after a shift. */
  LineBuffer addHex(long value, int highestBit, int count) {
    room(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] = HEX[(int) (value >>> (highestBit - 4 * (i + 1))) & 0xf];
    }
    return this;
  }

  private void room(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
  }
}
