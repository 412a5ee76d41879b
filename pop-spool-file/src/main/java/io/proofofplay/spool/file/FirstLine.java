package io.proofofplay.spool.file;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads the first line of a spool file. It is read with every batch, and so by its bytes: a pattern
 * and a formatter were a twenty-fifth of what the thread that sends did in a drain.
 *
 * <p>Not thread-safe.
 */
final class FirstLine {

  /** Longer first lines were made by nobody. */
  static final int LONGEST = 256;

  private static final byte[] WORD = SpoolFileFormat.HEADER.getBytes(StandardCharsets.US_ASCII);

  private static final int LONGEST_VERSION = 9;
  private static final int LONGEST_ID = 40;
  private static final int LONGEST_NUMBER = 18;
  private static final int LONGEST_TIME = 64;
  private static final int SUM = 8;

  /** As much as {@code 2026-11-27T03:14:41Z}. */
  private static final int SECONDS = 20;

  private static final int NANO_DIGITS = 9;

  private final byte[] bytes;
  private final int end;

  /** Where the field begins that was found last, and how long it is. */
  private int field;

  private int length;

  /** Where the next one begins. */
  private int at;

  private FirstLine(byte[] bytes, int end) {
    this.bytes = bytes;
    this.end = end;
  }

  /**
   * The first line of a file.
   *
   * @param bytes the file's first bytes
   * @param length how many there are
   * @return what it says; empty if it is not whole
   */
  static Optional<SpoolFileScan.Header> of(byte[] bytes, int length) {
    return new FirstLine(bytes, Math.min(length, LONGEST)).read();
  }

  private Optional<SpoolFileScan.Header> read() {
    at = WORD.length;
    if (end < at || !Arrays.equals(WORD, 0, at, bytes, 0, at)) {
      return Optional.empty();
    }
    if (!next(LONGEST_VERSION)) {
      return Optional.empty();
    }
    long version = digits(field, length);
    if (version < 0 || !next(LONGEST_ID) || !isWord()) {
      return Optional.empty();
    }
    String id = text();
    if (!next(LONGEST_NUMBER)) {
      return Optional.empty();
    }
    long number = digits(field, length);
    if (number < 0 || !next(LONGEST_TIME) || !isSummedUp()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new SpoolFileScan.Header((int) version, id, number, instant(), at + SUM));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Finds the next field, up to the blank behind it, which must be there. */
  private boolean next(int longest) {
    field = at;
    int last = Math.min(end, field + longest + 1);
    while (at < last && bytes[at] != ' ') {
      at++;
    }
    length = at - field;
    return length > 0 && at++ < last;
  }

  private String text() {
    return new String(bytes, field, length, StandardCharsets.ISO_8859_1);
  }

  private boolean isWord() {
    for (int i = field; i < field + length; i++) {
      byte one = bytes[i];
      boolean letter = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z');
      if (!letter && one != '_' && (one < '0' || one > '9')) {
        return false;
      }
    }
    return true;
  }

  /** A number of at most 18 digits; -1 if there is anything else. */
  private long digits(int from, int count) {
    long value = 0;
    for (int i = from; i < from + count; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = 10 * value + digit;
    }
    return value;
  }

  /** Whether the next eight bytes are the checksum of all before them and their blank. */
  private boolean isSummedUp() {
    if (end - at < SUM) {
      return false;
    }
    int sum = 0;
    for (int i = at; i < at + SUM; i++) {
      int digit = Character.digit((char) (bytes[i] & 0xff), 16);
      if (digit < 0) {
        return false;
      }
      sum = sum << 4 | digit;
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, at - 1);
    return (int) crc.getValue() == sum;
  }

  /** The time that the field says: in the form that is written by its digits, else as Java does. */
  private Instant instant() {
    int from = field;
    int zone = from + length - 1;
    boolean usual =
        length >= SECONDS
            && bytes[from + 4] == '-'
            && bytes[from + 7] == '-'
            && bytes[from + 10] == 'T'
            && bytes[from + 13] == ':'
            && bytes[from + 16] == ':'
            && bytes[zone] == 'Z';
    if (!usual) {
      return Instant.parse(text());
    }
    long year = digits(from, 4);
    long month = digits(from + 5, 2);
    long day = digits(from + 8, 2);
    long hour = digits(from + 11, 2);
    long minute = digits(from + 14, 2);
    long second = digits(from + 17, 2);
    long nanos = nanos(from + SECONDS - 1, zone);
    boolean read = (year | month | day | hour | minute | second | nanos) >= 0;
    if (!read || hour > 23 || minute > 59 || second > 59) {
      return Instant.parse(text());
    }
    long days = LocalDate.of((int) year, (int) month, (int) day).toEpochDay();
    return Instant.ofEpochSecond(((days * 24 + hour) * 60 + minute) * 60 + second, nanos);
  }

  /** The part of a second behind the point, if there is any; -1 if it is written in another way. */
  private long nanos(int point, int behind) {
    int count = behind - point - 1;
    if (point == behind) {
      return 0;
    }
    if (bytes[point] != '.' || count < 1 || count > NANO_DIGITS) {
      return -1;
    }
    long nanos = digits(point + 1, count);
    for (int i = count; i < NANO_DIGITS; i++) {
      nanos *= 10;
    }
    return nanos;
  }
}
