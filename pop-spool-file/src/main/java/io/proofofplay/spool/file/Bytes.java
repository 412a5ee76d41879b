package io.proofofplay.spool.file;

import java.util.Arrays;

/**
 * A buffer of bytes that grows at its end, to be filled and written without a copy in between.
 *
 * <p>Not thread-safe.
 */
final class Bytes {

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private byte[] array;
  private int length;
  private boolean lent;

  Bytes(int capacity) {
    array = new byte[capacity];
  }

  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  int capacity() {
    return array.length;
  }

  void put(byte[] from, int offset, int count) {
    makeRoom(count);
    System.arraycopy(from, offset, array, length, count);
    length += count;
  }

  void put(Bytes from, int offset) {
    put(from.array, offset, from.length - offset);
  }

  void put(char ascii) {
    makeRoom(1);
    array[length++] = (byte) ascii;
  }

  /** The characters must be ASCII. */
  void put(String ascii) {
    makeRoom(ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      array[length++] = (byte) ascii.charAt(i);
    }
  }

  /** Not below 0. */
  void putDecimal(int number) {
    int digits = digits(number);
    makeRoom(digits);
    int rest = number;
    for (int i = length + digits - 1; i >= length; i--) {
      array[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
  }

  /** Eight lower-case hexadecimal digits. */
  void putHex(int number) {
    makeRoom(Integer.BYTES * 2);
    setHex(length, number);
    length += Integer.BYTES * 2;
  }

  void setHex(int at, int number) {
    for (int i = 0; i < Integer.BYTES * 2; i++) {
      array[at + i] = HEX[number >>> (28 - 4 * i) & 0xf];
    }
  }

  /** How long the first line is, its end included. */
  int firstLine() {
    int at = 0;
    while (array[at] != '\n') {
      at++;
    }
    return at + 1;
  }

  void cutTo(int newLength) {
    length = newLength;
  }

  /** Takes the first bytes out; a loan keeps them. */
  void dropFirst(int count) {
    if (lent) {
      array = Arrays.copyOfRange(array, count, length);
      lent = false;
    } else {
      System.arraycopy(array, count, array, 0, length - count);
    }
    length -= count;
  }

  /**
   * What somebody reads who was lent the bytes: all that there were then, whatever becomes of the
   * buffer. They are not to be changed.
   */
  static final class Loan {

    private final byte[] array;
    private final int length;

    private Loan(byte[] array, int length) {
      this.array = array;
      this.length = length;
    }

    byte[] array() {
      return array;
    }

    int length() {
      return length;
    }
  }

  /** Somebody reads the bytes from now on, for as long as they want: they must stay as they are. */
  Loan lend() {
    lent = true;
    return new Loan(array, length);
  }

  boolean isLent() {
    return lent;
  }

  /** Whether much room is not used. */
  boolean isWide() {
    return array.length - length > length / 4;
  }

  /** Gives room back that was taken in vain. */
  void trim() {
    if (isWide()) {
      array = Arrays.copyOf(array, length);
    }
  }

  static int digits(int number) {
    int digits = 1;
    for (int rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private void makeRoom(int count) {
    if (count > array.length - length) {
      int needed = Math.addExact(length, count);
      int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, array.length * 2L);
      array = Arrays.copyOf(array, Math.max(needed, doubled));
    }
  }
}
