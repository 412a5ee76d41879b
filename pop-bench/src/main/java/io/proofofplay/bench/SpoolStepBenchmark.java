package io.proofofplay.bench;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.spi.Spool;
import java.io.IOException;
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
 * The steps of a batch through a spool on disk, each alone: what must go before it and behind it is
 * not timed. An operation is an event, save for {@link #begin}, {@link #force} and {@link #seal}:
 * they take as long for one event as for many, and an operation is a batch.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpoolStepBenchmark {

  /** Fewer than a batch, so that none is sealed before it is asked for. */
  static final int EVENTS = 400;

  private static final int WHOLE = Scenario.BATCH;

  /** For JMH. */
  public SpoolStepBenchmark() {}

  /** An empty spool that forces everything. */
  @State(Scope.Thread)
  public static class Empty {

    TrialSpools spools;
    Spool spool;

    /** For JMH, which opens it then. */
    public Empty() {}

    /**
     * Opens it.
     *
     * @throws IOException if the disk fails
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
      spools = new TrialSpools();
      spool = spools.open("spool", Durability.WRITE_AHEAD);
    }

    /**
     * Puts there what goes before the step: nothing.
     *
     * @throws IOException if the disk fails
     */
    @Setup(Level.Invocation)
    public void prepare() throws IOException {}

    /**
     * Makes it empty again.
     *
     * @throws IOException if the disk fails
     */
    @TearDown(Level.Invocation)
    public void empty() throws IOException {
      spool.sync();
      while (spool.stats().events() > 0) {
        boolean unused = spool.roll();
        spool.remove(spool.peek().orElseThrow().id());
      }
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
  }

  /** One whose open batch holds an event, forced: its file is there. */
  @State(Scope.Thread)
  public static class Begun extends Empty {

    /** For JMH. */
    public Begun() {}

    @Override
    public void prepare() throws IOException {
      spools.append(spool, EVENTS, EVENTS + 1);
      spool.sync();
    }
  }

  /** One whose open batch holds events that are written and not forced. */
  @State(Scope.Thread)
  public static class Written extends Begun {

    /** For JMH. */
    public Written() {}

    @Override
    public void prepare() throws IOException {
      super.prepare();
      spools.append(spool, 0, EVENTS);
    }
  }

  /** One whose open batch is forced. */
  @State(Scope.Thread)
  public static class Forced extends Written {

    /** For JMH. */
    public Forced() {}

    @Override
    public void prepare() throws IOException {
      super.prepare();
      spool.sync();
    }
  }

  /** One that was opened with sealed files in it: nothing of them is in its memory. */
  @State(Scope.Thread)
  public static class Found {

    /** So many that opening anew is rare, and so few that they are quickly made. */
    private static final int BATCHES = 100;

    TrialSpools spools;
    Spool spool;
    private long before;

    /** For JMH, which opens it then. */
    public Found() {}

    /**
     * Makes its directory.
     *
     * @throws IOException if the disk fails
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
      spools = new TrialSpools();
      refill();
    }

    private void refill() throws IOException {
      spools.reopenWith("found", BATCHES);
      spool = spools.open("found", Durability.WRITE_AHEAD);
      before = spool.stats().events();
    }

    /**
     * Does what goes before the step: nothing.
     *
     * @throws IOException if the disk fails
     */
    @Setup(Level.Invocation)
    public void prepare() throws IOException {}

    /**
     * Takes the batch away that was looked at, if it is still there.
     *
     * @throws IOException if the disk fails
     */
    @TearDown(Level.Invocation)
    public void drop() throws IOException {
      if (spool.stats().events() == before) {
        spool.remove(spool.peek().orElseThrow().id());
      }
      before = spool.stats().events();
      // There is always one behind it: the last removal of all forces at once.
      if (before <= WHOLE) {
        refill();
      }
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
  }

  /** One whose oldest batch was looked at. */
  @State(Scope.Thread)
  public static class Looked extends Found {

    Batch oldest;

    /** For JMH. */
    public Looked() {}

    @Override
    public void prepare() throws IOException {
      oldest = spool.peek().orElseThrow();
    }
  }

  /**
   * Makes the file of a batch, with one event in it, not forced: an operation is a batch.
   *
   * @param empty where
   * @throws IOException if the disk fails
   */
  @Benchmark
  public void begin(Empty empty) throws IOException {
    empty.spools.append(empty.spool, 0, 1);
  }

  /**
   * Frames events, computes their checksums and writes them to a file, not forced.
   *
   * @param begun where
   * @throws IOException if the disk fails
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void append(Begun begun) throws IOException {
    begun.spools.append(begun.spool, 0, EVENTS);
  }

  /**
   * Forces what was written to a file: an operation is a batch.
   *
   * @param written where
   * @throws IOException if the disk fails
   */
  @Benchmark
  public void force(Written written) throws IOException {
    written.spool.sync();
  }

  /**
   * Gives a batch that is forced its last name, and forces that: an operation is a batch.
   *
   * @param forced where
   * @return true
   * @throws IOException if the disk fails
   */
  @Benchmark
  public boolean seal(Forced forced) throws IOException {
    return forced.spool.roll();
  }

  /**
   * Reads a sealed file that this process has not written, checks it, and finds its events.
   *
   * @param found where
   * @return the batch
   * @throws IOException if the disk fails
   */
  @Benchmark
  @OperationsPerInvocation(WHOLE)
  public Batch readBack(Found found) throws IOException {
    return found.spool.peek().orElseThrow();
  }

  /**
   * Removes a batch while others wait: each eighth removal forces the folder.
   *
   * @param looked where
   */
  @Benchmark
  @OperationsPerInvocation(WHOLE)
  public void remove(Looked looked) {
    looked.spool.remove(looked.oldest.id());
  }
}
