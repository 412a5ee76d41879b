package io.proofofplay.bench;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Spools in a directory of their own, and a batch of events to put there.
 *
 * <p>Not thread-safe.
 */
final class TrialSpools implements AutoCloseable {

  private final List<PopEvent> events = new ArrayList<>(Scenario.BATCH);
  private final Path directory;
  private FileStorage storage;

  /** Makes the directory, in the one for temporary files. */
  TrialSpools() throws IOException {
    byte[] array = new byte[Scenario.BATCH * Play.LENGTH];
    for (int i = 0; i < Scenario.BATCH; i++) {
      Play.write(array, i * Play.LENGTH, 0, i, 0);
      events.add(PopEvent.scanned(array, i * Play.LENGTH, Play.LENGTH, "player"));
    }
    directory = Files.createTempDirectory("spool");
    storage = FileStorage.open(directory, TimeSource.system());
  }

  /** Where the spools lie, as long as they are open. */
  Path directory() {
    return directory;
  }

  Spool open(String name, Durability durability) throws IOException {
    SpoolPolicy policy =
        new SpoolPolicy(durability, null, ByteSize.ofMiB(64), WhenFull.BLOCK, Duration.ZERO);
    return storage.openSpool(name, policy, BatchPolicy.defaults(), false);
  }

  /**
   * Has the next ones find only what is on the disk: closes all, puts sealed files there, and goes
   * on.
   *
   * @param name the spool that gets the files
   * @param batches how many files, of a whole batch each
   */
  void reopenWith(String name, int batches) throws IOException {
    storage.close();
    Backlog.leave(directory.resolve(name), (long) batches * Scenario.BATCH, Scenario.BATCH);
    storage = FileStorage.open(directory, TimeSource.system());
  }

  /** Appends some of the events. */
  void append(Spool spool, int from, int to) throws IOException {
    if (spool.append(events.subList(from, to)) != Spool.Append.KEPT) {
      throw new IOException("the spool takes nothing");
    }
  }

  /** Leaves nothing behind. */
  @Override
  public void close() throws IOException {
    storage.close();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }
}
