package io.proofofplay.spool.file;

import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Writes what a spool file consists of; {@link SpoolFileScan} reads it. Described for other readers
 * in {@code docs/spool-format.md}.
 *
 * <p>Not thread-safe.
 */
final class SpoolFileFormat {

  static final int VERSION = 1;
  static final String HEADER = "#pop-spool ";
  static final String SENDER = "#sender ";
  static final byte[] SENDER_BYTES = SENDER.getBytes(StandardCharsets.US_ASCII);

  /** What a record has around its payload, beside the digits of the length: CRC, blanks, LF. */
  private static final int FRAME = 8 + 1 + 1 + 1;

  private static final int SPARE = 64;

  /** What is kept for the next sender's line; longer ones are rare. */
  private static final int LARGEST_SPARE = 1024;

  private final CRC32C crc = new CRC32C();
  private Bytes json = new Bytes(SPARE);

  /** The length in the file of an event of so many bytes. */
  static long framed(int length) {
    return (long) FRAME + Bytes.digits(length) + length;
  }

  void putHeader(Bytes out, String id, long number, Instant created) {
    int start = out.length();
    out.put(HEADER + VERSION + " " + id + " " + number + " " + created);
    crc.reset();
    crc.update(out.array(), start, out.length() - start);
    out.put(' ');
    out.putHex((int) crc.getValue());
    out.put('\n');
  }

  /** What the player of the records behind this called itself; {@code null} for nothing. */
  void putSender(Bytes out, String sender) {
    out.put(SENDER);
    // The checksum covers the word too, so that what is left of a torn line is no record.
    crc.reset();
    crc.update(SENDER_BYTES, 0, SENDER_BYTES.length);
    putSenderJson(sender);
    putChecked(out, json.array(), 0, json.length());
    if (json.capacity() > LARGEST_SPARE) {
      json = new Bytes(SPARE);
    }
  }

  void putRecord(Bytes out, PopEvent event) {
    crc.reset();
    putChecked(out, event.array(), event.offset(), event.length());
  }

  private void putChecked(Bytes out, byte[] payload, int offset, int length) {
    int start = out.length();
    out.putHex(0);
    out.put(' ');
    int checked = out.length();
    out.putDecimal(length);
    out.put(' ');
    out.put(payload, offset, length);
    crc.update(out.array(), checked, out.length() - checked);
    out.setHex(start, (int) crc.getValue());
    out.put('\n');
  }

  /**
   * An object in the manner of the player's own first line. In ASCII, so that a name that is no
   * Unicode text (half a surrogate pair) comes back as it was.
   */
  private void putSenderJson(String sender) {
    json.cutTo(0);
    if (sender == null) {
      json.put("{}");
      return;
    }
    json.put("{\"pop\":\"");
    for (int i = 0; i < sender.length(); i++) {
      char c = sender.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        json.put(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        json.put(c);
      }
    }
    json.put("\"}");
  }
}
