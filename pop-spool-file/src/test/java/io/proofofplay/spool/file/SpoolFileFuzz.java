package io.proofofplay.spool.file;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.spool.file.SpoolFileScan.Damage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Any bytes at all as a spool file under any name, and a proper file that was damaged anywhere:
 * reading ends, invents nothing, accounts for every byte, and finds every record that was left
 * alone.
 *
 * <p>The first byte of an input chooses what its rest is: a file, a name, or a list of damages to a
 * file.
 */
public final class SpoolFileFuzz {

  private static final int HEAD = 3;
  private static final int DAMAGE = 4;
  private static final byte[] SENDER = SpoolFileFormat.SENDER_BYTES;

  private SpoolFileFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < HEAD) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, HEAD, input.length);
    switch (input[0] & 3) {
      case 0 -> name(new String(rest, StandardCharsets.UTF_8));
      case 1 -> damaged(rest);
      default -> file(rest, nameOf(input));
    }
    claim(FileRefusedLines.text(rest).length() <= 4 * rest.length, "a refused line grows");
  }

  private static SpoolFileName nameOf(byte[] input) {
    int count = 1 + (input[1] & 0x3f);
    return new SpoolFileName(input[1] & 0xff, count, Math.min(input[2] & 0x3f, count - 1));
  }

  private static void name(String text) {
    Optional<SpoolFileName> name = SpoolFileName.of(text);
    claim(name.isEmpty() || !SpoolFileName.isTemporary(text), "a name is of two kinds");
    name.ifPresent(
        found -> {
          claim(found.number() >= 0 && found.skip() >= 0, "a number is negative");
          claim(found.isOpen() ? found.skip() == 0 : found.skip() < found.count(), "all skipped");
          claim(SpoolFileName.of(found.toString()).equals(name), "a name is read differently");
        });
  }

  private static SpoolFileScan file(byte[] bytes, SpoolFileName name) {
    SpoolFileScan scan = SpoolFileScan.of(bytes);
    int at = 0;
    for (PopEvent event : scan.events(0)) {
      claim(event.array() == bytes, "a record is not one of the file's own");
      claim(event.offset() >= at, "two records overlap");
      at = event.offset() + event.length();
      claim(isChecked(bytes, event), "a record has no checksum that holds");
    }
    int behind = 0;
    int before = 0;
    for (Damage damage : scan.damages()) {
      claim(damage.offset() >= behind && damage.length() > 0, "two damages overlap");
      claim(damage.before() >= before && damage.before() <= scan.count(), "damage out of order");
      behind = damage.offset() + damage.length();
      before = damage.before();
      claim(scan.bytesOf(damage).length == damage.length(), "damage is not kept");
    }
    claim(behind <= bytes.length, "damage behind the end");
    claim(scan.count() + scan.damages().size() > 0 || onlyComments(scan, bytes), "bytes are lost");

    Remains remains = new Remains(scan, name);
    claim(remains.waiting() <= scan.count(), "an event is invented");
    claim(remains.lost() >= 0 && remains.lost() <= name.count(), "more lost than there was");
    if (remains.waiting() > 0) {
      claim(remains.batch().size() == remains.waiting(), "a batch of another size");
      claim(remains.batch().id().equals(new Remains(scan, name).batch().id()), "another id");
    }
    return scan;
  }

  private static boolean onlyComments(SpoolFileScan scan, byte[] bytes) {
    return scan.header().isPresent() || bytes.length == 0 || contains(bytes, SENDER);
  }

  private static boolean contains(byte[] bytes, byte[] what) {
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .contains(new String(what, StandardCharsets.ISO_8859_1));
  }

  /** Finds the sum and the length before a payload, from its end backwards. */
  private static boolean isChecked(byte[] bytes, PopEvent event) {
    int from = event.offset() - 1;
    while (bytes[from - 1] != ' ') {
      from--;
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, event.offset() + event.length() - from);
    String sum = new String(bytes, from - 9, 8, StandardCharsets.ISO_8859_1);
    return Integer.parseUnsignedInt(sum, 16) == (int) crc.getValue();
  }

  /** Overwrites single bytes of a proper file; every record of which none is hit must be found. */
  private static void damaged(byte[] damages) {
    List<PopEvent> events = new ArrayList<>();
    Bytes file = new Bytes(1024);
    SpoolFileFormat format = new SpoolFileFormat();
    format.putHeader(file, "abc", 7, Instant.EPOCH);
    format.putSender(file, "lobby");
    int[] ends = new int[8];
    for (int i = 0; i < ends.length; i++) {
      events.add(PopEvent.of("{\"uuid\":\"" + i + "\",\"x\":\"" + "ab 12 ".repeat(i) + "\"}"));
      format.putRecord(file, events.get(i));
      ends[i] = file.length();
    }
    byte[] bytes = Arrays.copyOf(file.array(), file.length());
    boolean[] hit = new boolean[ends.length];
    for (int i = 0; i + DAMAGE <= damages.length; i += DAMAGE) {
      int at = ((damages[i] & 0xff) << 8 | (damages[i + 1] & 0xff)) % bytes.length;
      if (bytes[at] == damages[i + 2]) {
        continue;
      }
      bytes[at] = damages[i + 2];
      for (int r = 0; r < ends.length; r++) {
        hit[r] |= at < ends[r] - 1 && at >= (r == 0 ? 0 : ends[r - 1]);
      }
    }
    SpoolFileScan scan = file(bytes, new SpoolFileName(7, ends.length, 0));
    List<PopEvent> found = scan.events(0);
    int next = 0;
    for (int r = 0; r < ends.length; r++) {
      boolean there = next < found.size() && found.get(next).equals(events.get(r));
      claim(there || hit[r], "record " + r + " is lost, and nothing of it was damaged");
      next += there ? 1 : 0;
    }
    claim(next == found.size(), "a record is invented");
  }

  private static void claim(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
