package io.proofofplay.spool.file;

import io.proofofplay.spool.file.SpoolFileScan.Damage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Says line by line what is wrong in a spool file.
 *
 * <p>Immutable; the bytes must not change while it is used.
 */
final class Verification {

  private static final Pattern RECORD =
      Pattern.compile("([0-9a-fA-F]{8}) (\\d{1,10}) .*", Pattern.DOTALL);

  private final String file;
  private final byte[] bytes;
  private final SpoolFileScan scan;
  private final boolean beingWritten;

  /**
   * A file to verify.
   *
   * @param beingWritten whether it may end in the middle of a line, because somebody writes it
   */
  Verification(String file, byte[] bytes, SpoolFileScan scan, boolean beingWritten) {
    this.file = file;
    this.bytes = bytes;
    this.scan = scan;
    this.beingWritten = beingWritten;
  }

  /** What is damaged, where so many events are promised. */
  List<SpoolDamage> damages(int promised) {
    List<SpoolDamage> found = new ArrayList<>();
    long suspects = 0;
    for (Damage damage : scan.damages()) {
      if (damage.content()) {
        suspects += damage.lines();
        lines(damage, found);
      } else {
        found.add(damage(damage.offset(), damage.length(), "a wrong byte in place of a line end"));
      }
    }
    long missing = promised - scan.count() - suspects;
    if (missing > 0) {
      found.add(
          damage(
              bytes.length,
              0,
              (missing == 1
                      ? "1 event that the name promises is"
                      : missing + " events that the name promises are")
                  + " not there"));
    }
    return found;
  }

  private void lines(Damage damage, List<SpoolDamage> found) {
    int end = damage.offset() + damage.length();
    for (int from = damage.offset(); from < end; ) {
      int lineEnd = from;
      while (lineEnd < end && bytes[lineEnd] != '\n') {
        lineEnd++;
      }
      boolean torn = lineEnd == bytes.length;
      if (!(torn && beingWritten)) {
        String what = lineEnd == end ? whatWithoutLineEnd(from, end) : what(from, lineEnd);
        found.add(damage(from, Math.min(lineEnd + 1, end) - from, what));
      }
      from = lineEnd + 1;
    }
  }

  /**
   * Either the file ends in the middle of the line, or the last byte is a wrong one in place of the
   * line end: there is none before the record at which the reading went on, nor behind a last
   * record that is one byte too long.
   */
  private String whatWithoutLineEnd(int from, int end) {
    boolean wrong = end < bytes.length || isRecordOf(from, end - 1);
    return wrong
        ? what(from, end - 1) + ", and a wrong byte in place of its line end"
        : "the file ends in the middle of this line; " + what(from, end);
  }

  private boolean isRecordOf(int from, int end) {
    Matcher form = record(from, end);
    return form.matches() && Long.parseLong(form.group(2)) == end - (from + form.end(2) + 1);
  }

  private Matcher record(int from, int end) {
    return RECORD.matcher(
        new String(bytes, from, Math.min(end - from, 32), StandardCharsets.ISO_8859_1));
  }

  private String what(int from, int end) {
    if (bytes[from] == '#') {
      return from == 0
          ? "the first line: its checksum does not hold"
          : "a line that tells a sender";
    }
    Matcher form = record(from, end);
    if (!form.matches()) {
      return "not a record";
    }
    int checked = from + form.start(2);
    int payload = from + form.end(2) + 1;
    if (Long.parseLong(form.group(2)) != end - payload) {
      return "a record of "
          + form.group(2)
          + " bytes by its own length, where "
          + (end - payload)
          + " stand";
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, checked, end - checked);
    return String.format(
        Locale.ROOT,
        "a record with the checksum %s, whose bytes have %08x",
        form.group(1),
        (int) crc.getValue());
  }

  private SpoolDamage damage(long offset, long length, String what) {
    return new SpoolDamage(file, offset, length, what);
  }
}
