package io.proofofplay.spool.file;

import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.json.Members;
import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads the bytes of a spool file: every record whose checksum holds, wherever it stands, and what
 * lies between them. Needs no lock and no disk, only the bytes.
 *
 * <p>A record is found by its length first, so that a damaged line end cannot join two; behind
 * damage the reading goes on at the next line end, or at a record before it: the line end of a
 * damaged record may be damaged as well.
 *
 * <p>Immutable; the bytes must not change while it is used.
 */
final class SpoolFileScan {

  /**
   * The first line of a file.
   *
   * @param version the version of the format
   * @param id the life of the spool that made the file
   * @param number the file's number in that life
   * @param created when, by the wall clock
   * @param length how many bytes the line takes, without its end
   */
  record Header(int version, String id, long number, Instant created, int length) {}

  /**
   * Bytes that are neither a record nor a comment of this format.
   *
   * @param offset where they begin
   * @param length how many they are
   * @param before how many intact records stand before them
   * @param lines how many lines they look like
   * @param comment whether they look like a comment, or are only a wrong byte between two lines
   * @param content whether an event or a sender may have been lost in them
   */
  record Damage(int offset, int length, int before, int lines, boolean comment, boolean content) {}

  /**
   * How often the file's size may be summed up in vain. A file made to be slow claims long lengths
   * in many places; from here on a length must lead to the next line end, and within a damaged line
   * nothing is looked for.
   */
  private static final long PATIENCE = 8;

  /** About what a record takes; there is room for as many at first, and for more when there are. */
  private static final int LIKELY_BYTES = 256;

  private static final int FEWEST_RECORDS = 64;
  private static final int MOST_AT_FIRST = 1024;

  private static final int LONGEST_LENGTH_DIGITS = 10;
  private static final Members POP = Members.of("pop");
  private static final byte[] SENDER = SpoolFileFormat.SENDER_BYTES;
  private static final byte[] NOTHING = {};

  /** What a byte is worth as a hexadecimal digit; -1 if it is none. */
  private static final byte[] WORTH = worth();

  private final byte[] bytes;
  private final int end;
  private final boolean ours;
  private final CRC32C crc = new CRC32C();
  private final List<Damage> damages = new ArrayList<>();
  private final Optional<Header> header;
  private int[] offsets;
  private int[] lengths;
  private String[] senders;
  private int count;
  private String sender;
  private long wasted;

  /** Where the payload found last begins, and how long it is. */
  private int payload;

  private int payloadLength;

  private SpoolFileScan(byte[] bytes, int end, boolean ours) {
    this.bytes = bytes;
    this.end = end;
    this.ours = ours;
    this.header = FirstLine.of(bytes, end);
    int likely = Math.min(FEWEST_RECORDS + end / LIKELY_BYTES, MOST_AT_FIRST);
    offsets = new int[likely];
    lengths = new int[likely];
    senders = new String[likely];
    scan();
  }

  private static byte[] worth() {
    byte[] worth = new byte[256];
    for (int i = 0; i < worth.length; i++) {
      worth[i] = (byte) Character.digit((byte) i, 16);
    }
    return worth;
  }

  static SpoolFileScan of(byte[] bytes) {
    return new SpoolFileScan(bytes, bytes.length, false);
  }

  /**
   * Of bytes that this process has put together and that have been in its memory since: the
   * checksums are not computed again.
   */
  static SpoolFileScan ofOurs(byte[] bytes, int length) {
    return new SpoolFileScan(bytes, length, true);
  }

  Optional<Header> header() {
    return header;
  }

  /** How many intact records there are. */
  int count() {
    return count;
  }

  /** The intact records from one on, in order, over the file's own bytes. */
  List<PopEvent> events(int first) {
    List<PopEvent> events = new ArrayList<>(count - first);
    for (int i = first; i < count; i++) {
      events.add(PopEvent.scanned(bytes, offsets[i], lengths[i], senders[i]));
    }
    return events;
  }

  /** What is damaged, in order. */
  List<Damage> damages() {
    return damages;
  }

  byte[] bytesOf(Damage damage) {
    return Arrays.copyOfRange(bytes, damage.offset, damage.offset + damage.length);
  }

  /** Whether something was lost before the last intact record. */
  boolean hasHoles() {
    // Nearly always there is nothing, and no stream is needed to see that.
    return !damages.isEmpty()
        && damages.stream().anyMatch(damage -> damage.content && damage.before < count);
  }

  /** Names a life for a file that has lost its first line. */
  String idFromContent() {
    return "x" + fingerprint();
  }

  /** A name for exactly these intact records, from their bytes alone. */
  String fingerprint() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (int i = 0; i < count; i++) {
        if (senders[i] != null) {
          sha.update(senders[i].getBytes(StandardCharsets.UTF_8));
        }
        sha.update((byte) 0);
        sha.update(bytes, offsets[i], lengths[i]);
        sha.update((byte) '\n');
      }
      return HexFormat.of().formatHex(sha.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java runtime has SHA-256", e);
    }
  }

  private void scan() {
    int at = header.isPresent() ? lineEnd(header.get().length()) : 0;
    while (at < end) {
      int behind = checked(at, NOTHING);
      if (behind > 0) {
        add();
        at = lineEnd(behind);
        continue;
      }
      behind = sender(at);
      if (behind > 0) {
        sender = JsonScanner.text(bytes, payload, payloadLength, POP).orElse(null);
        at = lineEnd(behind);
      } else {
        at = damaged(at);
      }
    }
  }

  /** Reads a line that tells a sender; answers as {@link #checked}. */
  private int sender(int at) {
    return startsWith(SENDER, at) ? checked(at + SENDER.length, SENDER) : 0;
  }

  private void add() {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, count * 2);
      lengths = Arrays.copyOf(lengths, count * 2);
      senders = Arrays.copyOf(senders, count * 2);
    }
    offsets[count] = payload;
    lengths[count] = payloadLength;
    senders[count] = sender;
    count++;
  }

  /** Steps over a line end; a wrong byte in its place costs nothing but itself. */
  private int lineEnd(int at) {
    if (at < end && bytes[at] != '\n') {
      damages.add(new Damage(at, 1, count, 0, true, false));
    }
    return at + 1;
  }

  /**
   * Reads {@code crc SP length SP payload}, with a checksum that covers the word before it as well;
   * answers the index behind it, or 0 if it is not one.
   */
  private int checked(int at, byte[] word) {
    int sum = 0;
    int i = at;
    if (end - at < 12) {
      return 0;
    }
    for (; i < at + 8; i++) {
      int digit = WORTH[bytes[i] & 0xff];
      if (digit < 0) {
        return 0;
      }
      sum = sum << 4 | digit;
    }
    if (bytes[i++] != ' ') {
      return 0;
    }
    int checked = i;
    long length = 0;
    while (i < end && bytes[i] >= '0' && bytes[i] <= '9') {
      if (i - checked == LONGEST_LENGTH_DIGITS) {
        return 0;
      }
      length = length * 10 + bytes[i++] - '0';
    }
    if (i == checked || i >= end || bytes[i++] != ' ' || length > end - i) {
      return 0;
    }
    int behind = i + (int) length;
    if (wasted > PATIENCE * end && firstLineEnd(i) != behind) {
      return 0;
    }
    if (!ours && sumOf(word, checked, behind) != sum) {
      wasted += behind - checked;
      return 0;
    }
    payload = i;
    payloadLength = (int) length;
    return behind;
  }

  private int sumOf(byte[] word, int from, int behind) {
    crc.reset();
    if (word.length > 0) {
      crc.update(word, 0, word.length);
    }
    crc.update(bytes, from, behind - from);
    return (int) crc.getValue();
  }

  private int damaged(int at) {
    int lineEnd = firstLineEnd(at);
    int within = resumption(at, lineEnd);
    int behind = within > 0 ? within : Math.min(end, lineEnd + 1);
    boolean comment = bytes[at] == '#';
    // The line end, or the byte that stands in its place.
    int line = within > 0 || lineEnd < end ? behind - 1 : end;
    if (!isRecordAlone(at, line) && !(at == 0 && comment)) {
      sender = null;
    }
    Damage last = damages.isEmpty() ? null : damages.get(damages.size() - 1);
    if (last != null && last.content && last.offset + last.length == at) {
      // Several lines in a row: a sender among them would not be seen.
      sender = null;
      damages.set(
          damages.size() - 1,
          new Damage(
              last.offset,
              last.length + behind - at,
              count,
              last.lines + (comment ? 0 : 1),
              last.comment && comment,
              true));
    } else {
      damages.add(new Damage(at, behind - at, count, comment ? 0 : 1, comment, true));
    }
    return behind;
  }

  /**
   * Where in a damaged line the reading can go on; 0 if nowhere. What the player has written must
   * not be taken for a record because it looks like one: no text in an event can hold another
   * event, as there would be a quotation mark in it, nor end where the event ends.
   */
  private int resumption(int from, int lineEnd) {
    for (int at = from + 1; at < lineEnd && wasted <= PATIENCE * end; at++) {
      int behind = checked(at, NOTHING);
      if (behind > 0 && PopEvent.refusalOf(bytes, payload, payloadLength).isEmpty()) {
        return at;
      }
      if (behind == 0) {
        behind = sender(at);
        if (behind == lineEnd && JsonScanner.faultOf(bytes, payload, payloadLength).isEmpty()) {
          return at;
        }
      }
      if (behind > 0) {
        wasted += behind - at;
      }
    }
    return 0;
  }

  private int firstLineEnd(int from) {
    int at = from;
    while (at < end && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  /**
   * Whether a damaged line is a single record whose length at least is right. In any other a change
   * of sender may be lost, and behind it rather no sender is told than a wrong one.
   */
  private boolean isRecordAlone(int from, int line) {
    int at = from + 9;
    long length = 0;
    while (at < line
        && at - from < 9 + LONGEST_LENGTH_DIGITS
        && bytes[at] >= '0'
        && bytes[at] <= '9') {
      length = length * 10 + bytes[at++] - '0';
    }
    return at > from + 9 && at < line && line - at - 1 == length;
  }

  private boolean startsWith(byte[] what, int at) {
    return at + what.length <= end
        && Arrays.equals(what, 0, what.length, bytes, at, at + what.length);
  }
}
