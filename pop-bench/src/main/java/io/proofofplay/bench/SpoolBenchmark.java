package io.proofofplay.bench;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.spi.Spool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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
 * A whole batch through the spool, as it goes while the backend keeps pace: the batch is at hand
 * when it is looked at, and no file is read. An operation is an event. The single steps are in
 * {@link SpoolStepBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpoolBenchmark {

  private static final int EVENTS = Scenario.BATCH;

  private TrialSpools spools;
  private Spool memory;
  private Spool forced;

  /** For JMH, which opens it then. */
  public SpoolBenchmark() {}

  /**
   * Opens the spools.
   *
   * @throws IOException if the disk fails
   */
  @Setup(Level.Trial)
  public void open() throws IOException {
    spools = new TrialSpools();
    memory = spools.open("memory", Durability.ON_FAILURE);
    forced = spools.open("forced", Durability.WRITE_AHEAD);
  }

  /** Where the spools lie, as long as they are open. */
  Path directory() {
    return spools.directory();
  }

  /**
   * Leaves nothing behind.
   *
   * @throws IOException if the disk fails
   */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    spools.close();
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
   * On disk: append and seal, which forces the file and its name; look; remove.
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
    spools.append(spool, 0, EVENTS / 2);
    if (twice) {
      spool.sync();
    }
    // Full, and sealed by that.
    spools.append(spool, EVENTS / 2, EVENTS);
    if (spool == forced) {
      spool.sync();
    }
    Batch batch = spool.peek().orElseThrow();
    spool.remove(batch.id());
    return batch;
  }
}
