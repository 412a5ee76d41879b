package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool.Append;
import io.proofofplay.testkit.Events;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A backlog of one life, and other limits or other files in the next. */
class OtherLimitsTest {

  /** In bytes, whatever the file holds. */
  private static final long MOST_HEAP_OF_A_FILE = 128;

  private static final ByteSize TIGHT = new ByteSize(1500);

  private static FileSpool open(FaultyDisk disk, Durability durability, ByteSize bound, int events)
      throws IOException {
    return Spools.open(
        disk,
        SpoolPolicy.defaults().withDurability(durability).withMaxBytes(bound),
        new BatchPolicy(events, ByteSize.ofMiB(1), Duration.ZERO),
        false);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void aBoundBelowTheBacklogKeepsItAndTakesNothingUntilThereIsRoom(Durability durability)
      throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool wide = open(disk, durability, ByteSize.ofMiB(1), 5);
    wide.append(Events.numbered(20));
    wide.close();

    FileSpool tight = open(disk, durability, TIGHT, 2);
    assertThat(tight.stats().events()).isEqualTo(20);
    assertThat(tight.stats().bytes()).isGreaterThan(TIGHT.bytes());
    assertThat(tight.append(Events.numbered(20, 21))).isEqualTo(Append.FULL);
    for (int batch = 0; batch < 3; batch++) {
      assertThat(tight.peek().orElseThrow().size()).as("as it was sealed").isEqualTo(5);
      tight.remove(tight.peek().orElseThrow().id());
    }
    assertThat(tight.append(Events.numbered(20, 21))).isEqualTo(Append.KEPT);
    tight.close();

    FileSpool again = open(disk, durability, ByteSize.ofMiB(1), 100);
    assertThat(again.append(Events.numbered(21, 60))).isEqualTo(Append.KEPT);
    assertThat(Spools.drain(again)).isEqualTo(Events.numbered(15, 60));
    assertThat(again.stats().bytes()).isZero();
  }

  @Test
  void theRoomIsCountedFromTheFilesAtEveryStart() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    for (int life = 0; life < 4; life++) {
      FileSpool spool = Spools.open(disk, 5);
      long files =
          disk.files().stream()
              .filter(file -> SpoolFileName.of(file.getFileName().toString()).isPresent())
              .mapToLong(file -> disk.bytes(file).length)
              .sum();
      assertThat(spool.stats().bytes()).as("life %s", life).isEqualTo(files);
      spool.append(Events.numbered(life * 7, life * 7 + 7));
      spool.sync();
      spool.remove(spool.peek().orElseThrow().part(0, 1).id());
      if (life % 2 == 0) {
        disk.kill();
      } else {
        spool.close();
      }
    }
    // Somebody takes a file away: its room is free after the next start.
    Path gone =
        disk.files().stream()
            .filter(file -> file.toString().endsWith(".ndjson"))
            .findFirst()
            .orElseThrow();
    long before = Spools.open(disk.copy(), 5).stats().bytes();
    long size = disk.bytes(gone).length;
    disk.take(gone);
    assertThat(Spools.open(disk, 5).stats().bytes()).isEqualTo(before - size);
  }

  @Test
  void anOlderVersionIsLeftAloneToo() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    Bytes earlier = new Bytes(100);
    new SpoolFileFormat().putHeader(earlier, "abc", 2, Instant.EPOCH);
    byte[] header = Spools.bytesOf(earlier);
    header["#pop-spool ".length()] = '0';
    CRC32C crc = new CRC32C();
    crc.update(header, 0, header.length - 10);
    byte[] sum =
        String.format(Locale.ROOT, "%08x", (int) crc.getValue())
            .getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(sum, 0, header, header.length - 9, sum.length);
    Bytes file = new Bytes(200);
    file.put(header, 0, header.length);
    new SpoolFileFormat().putRecord(file, Events.number(1));
    disk.createDirectories(Spools.FOLDER);
    for (String name : List.of("000000000002-n1.ndjson", "000000000003.open")) {
      disk.put(Spools.FOLDER.resolve(name), Spools.bytesOf(file));
    }

    FileSpool spool = Spools.open(disk, 5);

    assertThat(spool.peek()).isEqualTo(Optional.empty());
    for (String name : List.of("000000000002-n1.ndjson.bad", "000000000003.open.bad")) {
      assertThat(disk.bytes(Spools.FOLDER.resolve("quarantine").resolve(name)))
          .isEqualTo(Spools.bytesOf(file));
    }
  }

  /** The memory of a backlog is that of its names. */
  @Test
  void aFileThatWaitsNeedsMemoryForItsNameAlone() {
    int files = 20_000;
    long before = used();
    List<Segment> backlog = new ArrayList<>(files);
    for (int i = 0; i < files; i++) {
      String name = new SpoolFileName(i, 1, 0).toString();
      SpoolFileName parsed = SpoolFileName.of(name).orElseThrow();
      backlog.add(Segment.found(parsed, name, 1, 300, Instant.ofEpochSecond(i)));
    }
    long each = (used() - before) / files;
    assertThat(backlog).hasSize(files);
    assertThat(each).isLessThan(MOST_HEAP_OF_A_FILE);
  }

  private static long used() {
    long least = Long.MAX_VALUE;
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
