package io.proofofplay.spool.file;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Spools as the tests want them. */
final class Spools {

  static final Path FOLDER = Path.of("/spool/billing");

  /** Small, because the tests copy whole disks. */
  static final int RESERVE = 100;

  private Spools() {}

  static FileSpool open(Disk disk, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
      throws IOException {
    return open(disk, keeping, batches, oneSender, ManualTime.standing());
  }

  static FileSpool open(
      Disk disk, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender, TimeSource time)
      throws IOException {
    return FileSpool.open(
        new SpoolFolder(disk, FOLDER, time),
        new Reserve(disk, FOLDER, time, RESERVE),
        time,
        keeping,
        batches,
        oneSender);
  }

  static FileSpool open(Disk disk, Durability durability, int maxEvents) throws IOException {
    return open(
        disk, SpoolPolicy.defaults().withDurability(durability), batchesOf(maxEvents), false);
  }

  static FileSpool open(Disk disk, int maxEvents) throws IOException {
    return open(disk, Durability.WRITE_AHEAD, maxEvents);
  }

  static BatchPolicy batchesOf(int maxEvents) {
    return new BatchPolicy(maxEvents, ByteSize.ofMiB(1), Duration.ZERO);
  }

  static byte[] bytesOf(Bytes bytes) {
    return Arrays.copyOf(bytes.array(), bytes.length());
  }

  static List<PopEvent> drain(Spool spool) throws IOException {
    List<PopEvent> events = new ArrayList<>();
    boolean unused = spool.roll();
    Optional<Batch> next = spool.peek();
    while (next.isPresent()) {
      events.addAll(next.get().events());
      spool.remove(next.get().id());
      next = spool.peek();
    }
    return events;
  }
}
