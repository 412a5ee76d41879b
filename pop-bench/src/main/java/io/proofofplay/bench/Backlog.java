package io.proofofplay.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Sealed spool files as docs/spool-format.md describes them, made without a relay and without a
 * force: ten million events are there in seconds.
 *
 * <p>Not thread-safe.
 */
final class Backlog {

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LENGTH = (Play.LENGTH + " ").getBytes(StandardCharsets.US_ASCII);

  /**
   * What stands around an event: checksum, blank, length and blank before it, a line end behind.
   */
  static final int FRAME = 8 + 1 + LENGTH.length + 1;

  private final CRC32C crc = new CRC32C();

  /**
   * Leaves events in a sink's folder.
   *
   * @param folder the folder, which is made
   * @param events how many
   * @param batch how many a file
   */
  static void leave(Path folder, long events, int batch) throws IOException {
    Files.createDirectories(folder);
    Backlog backlog = new Backlog();
    Instant created = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    byte[] file = new byte[256 + batch * (FRAME + Play.LENGTH)];
    long number = 1;
    for (long first = 0; first < events; first += batch) {
      int count = (int) Math.min(batch, events - first);
      int end = backlog.header(file, number, created);
      for (int i = 0; i < count; i++) {
        Play.write(file, end + FRAME - 1, 0, first + i, created.toEpochMilli());
        end = backlog.frame(file, end);
      }
      String name = String.format(Locale.ROOT, "%012d-n%d.ndjson", number, count);
      Files.write(folder.resolve(name), Arrays.copyOf(file, end));
      number++;
    }
  }

  private int header(byte[] into, long number, Instant created) {
    byte[] text =
        ("#pop-spool 1 bench " + number + " " + created + " ").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, into, 0, text.length);
    crc.reset();
    crc.update(text, 0, text.length - 1);
    checksum(into, text.length);
    into[text.length + 8] = '\n';
    return text.length + 9;
  }

  /**
   * Puts a record around an event that stands {@link #FRAME} - 1 bytes behind {@code at}.
   *
   * @return the index behind the record
   */
  int frame(byte[] into, int at) {
    int checked = at + 9;
    int end = at + FRAME - 1 + Play.LENGTH;
    into[at + 8] = ' ';
    System.arraycopy(LENGTH, 0, into, checked, LENGTH.length);
    crc.reset();
    crc.update(into, checked, end - checked);
    checksum(into, at);
    into[end] = '\n';
    return end + 1;
  }

  private void checksum(byte[] into, int at) {
    long sum = crc.getValue();
    for (int i = 7; i >= 0; i--) {
      into[at + i] = HEX[(int) (sum & 15)];
      sum >>>= 4;
    }
  }
}
