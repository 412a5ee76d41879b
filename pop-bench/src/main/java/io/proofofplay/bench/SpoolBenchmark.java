package io.proofofplay.bench;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The spool's steps for a whole batch, an operation being an event. Each is measured with what must
 * follow it so that the spool does not grow: {@code append}, then with a force, then read back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpoolBenchmark {

  private static final int EVENTS = Scenario.BATCH;

  private final List<PopEvent> events = new ArrayList<>(EVENTS);
  private Path directory;
  private FileStorage storage;
  private Spool memory;
  private Spool forced;

  /** Makes the events. */
  public SpoolBenchmark() {
    byte[] array = new byte[EVENTS * Play.LENGTH];
    for (int i = 0; i < EVENTS; i++) {
      Play.write(array, i * Play.LENGTH, 0, i, 0);
      events.add(PopEvent.scanned(array, i * Play.LENGTH, Play.LENGTH, "player"));
    }
  }

  /**
   * Opens the spools.
   *
   * @throws IOException if the disk fails
   */
  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Files.createTempDirectory("spool");
    storage = FileStorage.open(directory, TimeSource.system());
    memory = spool("memory", Durability.ON_FAILURE);
    forced = spool("forced", Durability.WRITE_AHEAD);
  }

  /** Where the spools lie, as long as they are open. */
  Path directory() {
    return directory;
  }

  private Spool spool(String name, Durability durability) throws IOException {
    SpoolPolicy policy =
        new SpoolPolicy(durability, null, ByteSize.ofMiB(64), WhenFull.BLOCK, Duration.ZERO);
    return storage.openSpool(name, policy, BatchPolicy.defaults(), false);
  }

  /**
   * Leaves nothing behind.
   *
   * @throws IOException if the disk fails
   */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    memory.close();
    forced.close();
    storage.close();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  /**
   * In memory: append, seal, look, remove. Nothing is forced: a force would write to the disk.
   *
   * @return the batch
   * @throws IOException if the disk fails
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Batch inMemory() throws IOException {
    return through(memory, false);
  }

  /**
   * On disk: append and seal, which forces the file and its name; read back; remove.
   *
   * @return the batch
   * @throws IOException if the disk fails
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Batch onDisk() throws IOException {
    return through(forced, false);
  }

  /**
   * On disk, with a force of the open batch between its halves as write-ahead asks for it.
   *
   * @return the batch
   * @throws IOException if the disk fails
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Batch onDiskForcedTwice() throws IOException {
    return through(forced, true);
  }

  private Batch through(Spool spool, boolean twice) throws IOException {
    append(spool, 0, EVENTS / 2);
    if (twice) {
      spool.sync();
    }
    // Full, and sealed by that.
    append(spool, EVENTS / 2, EVENTS);
    if (spool == forced) {
      spool.sync();
    }
    Batch batch = spool.peek().orElseThrow();
    spool.remove(batch.id());
    return batch;
  }

  private void append(Spool spool, int from, int to) throws IOException {
    if (spool.append(events.subList(from, to)) != Spool.Append.KEPT) {
      throw new IOException("the spool takes nothing");
    }
  }
}
