package io.proofofplay.core.relay;

import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLines;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proof-of-play relay: takes events from its sources, keeps them, and delivers them to its
 * sinks. An event that it accepted is delivered at least once, or still kept, or a dead letter, or
 * in the drop ledger.
 *
 * <p>It owns every thread: one for each source and each sink, and one for what is due by time
 * alone. None is a daemon. It also owns what it was built with: stopping it closes the sources, the
 * submitters and the storage.
 *
 * <p>Thread-safe.
 */
public final class Relay {

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  /** The longest that a request in flight may hold up a stop. */
  private static final Duration LONGEST_GRACE = Duration.ofSeconds(3);

  /** How long a cancelled submission may take to return, see rule SU-6. */
  private static final Duration CANCEL = Duration.ofSeconds(1);

  /** After this a stop returns, whatever still hangs, so that it ends within 5 s. */
  private static final Duration STOP = Duration.ofMillis(4600);

  private final TimeSource time;
  private final Storage storage;
  private final Map<String, EventSource> sources;
  private final List<Sink> sinks;
  private final DoubleSupplier chance;
  private final Listeners listeners;

  private final Map<String, RelayIntake> intakes = new ConcurrentHashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Signal choresSignal = new Signal();
  private final List<Thread> sourceThreads = new ArrayList<>();
  private final List<Thread> sinkThreads = new ArrayList<>();

  private volatile List<Lane> lanes = List.of();
  private volatile RefusedLines refusedLines;
  private volatile RelayState state = RelayState.NEW;
  private volatile boolean failed;
  private volatile boolean stopping;
  private Thread choresThread;

  private Relay(Builder builder) {
    time = builder.time;
    storage =
        Objects.requireNonNull(builder.storage, "storage: a relay needs a place to keep events");
    sources = new LinkedHashMap<>(builder.sources);
    sinks = List.copyOf(builder.sinks);
    chance = builder.chance;
    listeners = new Listeners(builder.listeners);
    if (sinks.isEmpty()) {
      throw new IllegalArgumentException("sinks: there is none; a relay needs at least one");
    }
  }

  /**
   * Begins to build a relay.
   *
   * @return a builder without sources, sinks and storage
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Opens the storage, with all that an earlier relay left in it, and starts the threads.
   *
   * @throws IOException if the storage cannot be used; the relay is stopped then
   * @throws IllegalStateException if it was started or stopped before
   */
  public synchronized void start() throws IOException {
    if (state != RelayState.NEW) {
      throw new IllegalStateException("a relay starts once; this one is " + state);
    }
    try {
      open();
    } catch (IOException | RuntimeException e) {
      closeUnused();
      state = RelayState.STOPPED;
      ended.countDown();
      throw e;
    }
    state = RelayState.RUNNING;
    for (Lane lane : lanes) {
      sinkThreads.add(thread("pop-sink-" + lane.name(), lane::run));
    }
    choresThread = thread("pop-chores", this::runChores);
    sources.forEach(
        (name, source) -> {
          RelayIntake intake = intakeOf(name);
          sourceThreads.add(thread("pop-source-" + name, () -> run(name, source, intake)));
        });
    try {
      sinkThreads.forEach(Thread::start);
      choresThread.start();
      sourceThreads.forEach(Thread::start);
    } catch (OutOfMemoryError e) {
      fail("relay", e);
      throw new IOException(
          "the machine has no room for " + (sources.size() + sinks.size() + 1) + " threads", e);
    }
    LOG.info(
        "relay: runs; sources {}, sinks {}",
        sources.keySet(),
        lanes.stream().map(Lane::name).toList());
  }

  private void open() throws IOException {
    refusedLines = storage.openRefusedLines();
    List<Lane> opened = new ArrayList<>();
    for (Sink sink : sinks) {
      Spool spool =
          storage.openSpool(
              sink.name(), sink.spool(), sink.batch(), sink.submitter().wantsOneSender());
      DeadLetters dead = storage.openDeadLetters(sink.name());
      DropBook drops =
          new DropBook(sink.name(), storage.openDropLedger(sink.name()), time, listeners);
      opened.add(new Lane(sink, spool, dead, drops, time, chance, listeners));
      lanes = List.copyOf(opened);
      long waiting = spool.stats().events();
      if (waiting > 0) {
        LOG.info("sink {}: {} events wait from before", sink.name(), waiting);
      }
    }
  }

  /** A loop of the relay. */
  private interface Loop {
    void run() throws InterruptedException;
  }

  private Thread thread(String name, Loop loop) {
    return new Thread(
        () -> {
          try {
            loop.run();
          } catch (Throwable e) {
            // Errors too: whatever ends a loop must not end it in silence.
            fail(name, e);
          }
        },
        name);
  }

  private void run(String name, EventSource source, RelayIntake intake)
      throws InterruptedException {
    source.run(intake);
    if (!stopping) {
      LOG.info("source {}: has ended", name);
    }
  }

  private void runChores() throws InterruptedException {
    while (!stopping) {
      long wait = Long.MAX_VALUE;
      for (Lane lane : lanes) {
        wait = Math.min(wait, lane.chores());
      }
      choresSignal.await(time, wait);
    }
  }

  private void fail(String thread, Throwable cause) {
    if (stopping) {
      LOG.warn("{}: ended with {} while the relay stopped", thread, cause.toString(), cause);
      return;
    }
    LOG.error("{}: died; the relay stops", thread, cause);
    failed = true;
    // Another thread, because stopping waits for this one.
    new Thread(() -> stop(Duration.ofSeconds(1)), "pop-failed").start();
  }

  /**
   * The relay's side of a source of one's own, for events that do not come from an {@link
   * EventSource}.
   *
   * @param name what the source is called in counts and logs
   * @return the intake; the same one for the same name
   * @throws IllegalStateException if the relay was not started
   */
  public Intake intake(String name) {
    if (state == RelayState.NEW) {
      throw new IllegalStateException("a relay has intakes once it is started");
    }
    return intakeOf(name);
  }

  private RelayIntake intakeOf(String name) {
    return intakes.computeIfAbsent(
        name, key -> new RelayIntake(key, lanes, refusedLines, time, listeners));
  }

  /**
   * Stops: nothing is taken any more, requests in flight get the grace to end, and everything that
   * waits is kept. Returns when that is done, within 5 s whatever hangs. Once stopped, it stays so.
   *
   * @param grace how long requests in flight may take; at most 3 s counts
   */
  public void stop(Duration grace) {
    boolean mine;
    synchronized (this) {
      mine = !stopping;
      stopping = true;
      if (mine && state == RelayState.NEW) {
        closeUnused();
        state = RelayState.STOPPED;
        ended.countDown();
        return;
      }
      if (mine && state == RelayState.RUNNING) {
        state = RelayState.STOPPING;
      }
    }
    if (mine) {
      shutDown(grace.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : grace);
    } else if (!isOwnThread()) {
      awaitEnd();
    }
  }

  /**
   * Every part is ended on a thread of its own, all at the same time and under one deadline: a
   * source, a submitter or a disk that hangs must not hold up the others, nor the stop.
   */
  private void shutDown(Duration grace) {
    Deadline deadline = new Deadline(STOP);
    intakes.values().forEach(RelayIntake::close);
    lanes.forEach(Lane::close);
    choresSignal.raise();
    List<Thread> ends = new ArrayList<>();
    ends.add(ending("sources", this::closeSources));
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      Thread delivery = i < sinkThreads.size() ? sinkThreads.get(i) : null;
      ends.add(ending(lane.name(), () -> end(lane, delivery, grace)));
    }
    deadline.join(ends);
    for (Thread end : ends) {
      if (end.isAlive()) {
        LOG.error(
            "{}: did not end in time and is left behind; what was not forced to disk yet may be"
                + " lost",
            end.getName());
      }
    }
    List<Thread> rest = new ArrayList<>(sourceThreads);
    if (choresThread != null) {
      rest.add(choresThread);
    }
    new Deadline(Duration.ofMillis(200)).join(rest);
    deadline.join(List.of(ending("storage", this::closeStorage)));
    state = failed ? RelayState.FAILED : RelayState.STOPPED;
    LOG.info("relay: {}", failed ? "failed" : "stopped");
    ended.countDown();
  }

  private static Thread ending(String what, Runnable task) {
    Thread thread = new Thread(task, "pop-stop-" + what);
    // One that hangs must not keep the process from its end.
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void closeSources() {
    sources.forEach(
        (name, source) -> {
          try {
            source.close();
          } catch (RuntimeException e) {
            LOG.warn("source {}: close threw", name, e);
          }
        });
  }

  private static void end(Lane lane, Thread delivery, Duration grace) {
    if (delivery != null) {
      new Deadline(grace).join(List.of(delivery));
    }
    lane.cancel();
    if (delivery != null) {
      new Deadline(CANCEL).join(List.of(delivery));
    }
    try {
      lane.release();
    } catch (IOException | RuntimeException e) {
      LOG.error("sink {}: its storage could not be closed in good order", lane.name(), e);
    }
  }

  /** A moment until which threads are waited for, by the machine's clock as they run by it. */
  private static final class Deadline {

    private final long at;

    Deadline(Duration span) {
      at = System.nanoTime() + span.toNanos();
    }

    void join(List<Thread> threads) {
      for (Thread thread : threads) {
        long left = at - System.nanoTime();
        if (thread == Thread.currentThread() || left <= 0) {
          continue;
        }
        try {
          thread.join(Math.max(1, left / 1_000_000));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private boolean isOwnThread() {
    Thread current = Thread.currentThread();
    return sourceThreads.contains(current)
        || sinkThreads.contains(current)
        || current == choresThread;
  }

  private void closeStorage() {
    if (refusedLines != null) {
      refusedLines.close();
    }
    try {
      storage.close();
    } catch (IOException | RuntimeException e) {
      LOG.error("storage: could not be closed in good order", e);
    }
  }

  /** Lets go of all that a relay was given that never ran. */
  private void closeUnused() {
    stopping = true;
    closeSources();
    sinks.forEach(
        sink -> {
          try {
            sink.submitter().close();
          } catch (RuntimeException e) {
            LOG.warn("sink {}: close threw", sink.name(), e);
          }
        });
    for (Lane lane : lanes) {
      try {
        lane.release();
      } catch (IOException | RuntimeException e) {
        LOG.error("sink {}: its storage could not be closed in good order", lane.name(), e);
      }
    }
    closeStorage();
  }

  /**
   * Waits until the relay has stopped or failed.
   *
   * @return {@link RelayState#STOPPED} or {@link RelayState#FAILED}; the state as it is if the
   *     waiting thread was interrupted, which stays interrupted
   */
  public RelayState awaitEnd() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return state;
  }

  /**
   * Where the relay is in its life.
   *
   * @return the state
   */
  public RelayState state() {
    return state;
  }

  /**
   * What the relay has done since its start.
   *
   * @return counts; those of one sink are from one moment
   */
  public RelayStats stats() {
    Map<String, SourceStats> bySource = new LinkedHashMap<>();
    for (String name : sources.keySet()) {
      RelayIntake intake = intakes.get(name);
      // Before the start too: a count that appears late looks like one that was lost.
      bySource.put(name, intake == null ? SourceStats.none(time.now()) : intake.stats());
    }
    intakes.forEach((name, intake) -> bySource.putIfAbsent(name, intake.stats()));
    Map<String, SinkStats> bySink = new LinkedHashMap<>();
    for (Lane lane : lanes) {
      bySink.put(lane.name(), lane.stats());
    }
    RefusedLines refused = refusedLines;
    return new RelayStats(
        state, bySource, bySink, refused == null ? 0 : refused.discarded(), listeners.failures());
  }

  /** Builds a {@link Relay}. Not thread-safe. */
  public static final class Builder {

    private final Map<String, EventSource> sources = new LinkedHashMap<>();
    private final List<Sink> sinks = new ArrayList<>();
    private final List<RelayListener> listeners = new ArrayList<>();
    private TimeSource time = TimeSource.system();
    private Storage storage;
    private DoubleSupplier chance = new Random()::nextDouble;

    private Builder() {}

    /**
     * Where to keep events.
     *
     * @param place the storage; the relay closes it
     * @return this builder
     */
    public Builder storage(Storage place) {
      storage = place;
      return this;
    }

    /**
     * Adds a source.
     *
     * @param name what it is called in counts and logs
     * @param source where events come from; the relay closes it
     * @return this builder
     * @throws IllegalArgumentException if there is one of this name
     */
    public Builder source(String name, EventSource source) {
      if (sources.putIfAbsent(name, Objects.requireNonNull(source, "source")) != null) {
        throw new IllegalArgumentException("sources." + name + ": there are two of this name");
      }
      return this;
    }

    /**
     * Adds a sink.
     *
     * @param sink the destination and its policies; the relay closes its submitter
     * @return this builder
     * @throws IllegalArgumentException if there is one of this name
     */
    public Builder sink(Sink sink) {
      if (sinks.stream().anyMatch(other -> other.name().equals(sink.name()))) {
        throw new IllegalArgumentException("sinks." + sink.name() + ": there are two of this name");
      }
      sinks.add(sink);
      return this;
    }

    /**
     * Adds a listener.
     *
     * @param listener hears what the relay does
     * @return this builder
     */
    public Builder listener(RelayListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Sets the clocks, which are the machine's unless set.
     *
     * @param clocks the time
     * @return this builder
     */
    public Builder time(TimeSource clocks) {
      time = Objects.requireNonNull(clocks, "clocks");
      return this;
    }

    /** Sets where chance comes from: numbers from 0 (inclusive) to 1 (exclusive). */
    Builder chance(DoubleSupplier numbers) {
      chance = numbers;
      return this;
    }

    /**
     * Builds the relay, which does nothing until it is started.
     *
     * @return the relay
     * @throws IllegalArgumentException if there is no sink
     */
    public Relay build() {
      return new Relay(this);
    }
  }
}
