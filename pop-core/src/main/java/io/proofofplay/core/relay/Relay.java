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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proof-of-play relay: takes events from its sources, keeps them, and delivers them to its
 * sinks. An event that it accepted is delivered at least once, or still kept, or a dead letter, or
 * in the drop ledger.
 *
 * <p>It owns every thread: one for each source and each sink, one for what is due by time alone,
 * and one that looks whether a storage hangs. None is a daemon. It also owns what it was built
 * with: stopping it closes the sources, the submitters and the storage.
 *
 * <p>Thread-safe.
 */
public final class Relay {

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  /** The longest that a request in flight may hold up a stop. */
  private static final Duration LONGEST_GRACE = Duration.ofSeconds(3);

  /** How long a cancelled submission may take to return, see rule SU-6. */
  private static final Duration CANCEL = Duration.ofSeconds(1);

  /** After this a stop waits for nothing but {@link #REST}, so that it ends well within 5 s. */
  private static final Duration STOP = Duration.ofMillis(4400);

  /** How long threads may take that have nothing left to do. */
  private static final Duration REST = Duration.ofMillis(200);

  /** How often it is looked whether a storage hangs. */
  private static final long WATCH = Duration.ofSeconds(1).toNanos();

  private final TimeSource time;
  private final Storage storage;
  private final List<Sink> sinks;
  private final DoubleSupplier chance;
  private final Consumer<Thread> starting;
  private final Listeners listeners;

  private final Map<String, RelayIntake> intakes = new ConcurrentHashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Signal choresSignal = new Signal();
  private final Signal watchSignal = new Signal();
  private final Pulse choresPulse;
  private final Pulse watchPulse;

  /** Held during a change, so that there is one at a time. */
  private final ReentrantLock changing = new ReentrantLock();

  /** The lanes of sinks that are no more, until they have ended; guarded by this object. */
  private final List<Lane> leaving = new ArrayList<>();

  /** The sources that were and are no more, whose counts are not shown. */
  private final Set<String> sourcesGone = ConcurrentHashMap.newKeySet();

  /**
   * The last source of each name that is no more and may not have ended: one that comes back under
   * its name waits for it.
   */
  private final Map<String, RunningSource> sourcesLeaving = new ConcurrentHashMap<>();

  // Replaced under this object's monitor, never changed.
  private volatile Map<String, RunningSource> sources;
  private volatile List<Lane> lanes = List.of();
  private volatile RefusedLines refusedLines;
  private volatile RelayState state = RelayState.NEW;
  private volatile boolean failed;
  private volatile boolean stopping;
  private volatile boolean kept = true;

  /** Whether the storage is being opened; guarded by this object. */
  private boolean opening;

  private Thread choresThread;
  private Thread watchThread;

  /**
   * A source and its thread.
   *
   * @param source the source
   * @param thread runs it; {@code null} before the start
   */
  private record RunningSource(EventSource source, Thread thread) {}

  private Relay(Builder builder) {
    time = builder.time;
    choresPulse = new Pulse(time);
    watchPulse = new Pulse(time);
    storage =
        Objects.requireNonNull(builder.storage, "storage: a relay needs a place to keep events");
    Map<String, RunningSource> unstarted = new LinkedHashMap<>();
    builder.sources.forEach((name, source) -> unstarted.put(name, new RunningSource(source, null)));
    sources = Collections.unmodifiableMap(unstarted);
    sinks = List.copyOf(builder.sinks);
    chance = builder.chance;
    starting = builder.starting;
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
   * Opens the storage, with all that an earlier relay left in it, and starts the threads. A relay
   * that is told to stop meanwhile is stopped when this returns.
   *
   * @throws IOException if the storage cannot be used, or there is no thread to be had; the relay
   *     is at its end then
   * @throws IllegalStateException if it was started or stopped before
   */
  public void start() throws IOException {
    synchronized (this) {
      if (state != RelayState.NEW || opening) {
        throw new IllegalStateException(
            "a relay starts once; this one is " + (opening ? "starting" : state));
      }
      opening = true;
    }
    try {
      // Not under the monitor: a stop must not wait for it while a disk hangs.
      open();
    } catch (IOException | RuntimeException | Error e) {
      endUnused();
      throw e;
    }
    boolean runs;
    Optional<OutOfMemoryError> refused = Optional.empty();
    synchronized (this) {
      runs = !stopping;
      if (runs) {
        opening = false;
        refused = startThreads();
      }
    }
    if (!runs) {
      endUnused();
      return;
    }
    if (refused.isPresent()) {
      fail("relay", refused.get());
      awaitEnd();
      throw new IOException(
          "the machine has no room for " + (sources.size() + sinks.size() + 2) + " threads",
          refused.get());
    }
    LOG.info(
        "relay: runs; sources {}, sinks {}",
        sources.keySet(),
        lanes.stream().map(Lane::name).toList());
  }

  /** Has everything run; answers the error if there was no thread to be had for some of it. */
  private Optional<OutOfMemoryError> startThreads() {
    state = RelayState.RUNNING;
    lanes.forEach(lane -> lane.runsIn(thread("pop-sink-" + lane.name(), lane::run)));
    choresThread = thread("pop-chores", this::runChores);
    watchThread = thread("pop-watch", this::runWatch);
    Map<String, RunningSource> running = new LinkedHashMap<>();
    sources.forEach(
        (name, given) -> {
          EventSource source = given.source();
          RelayIntake intake = intakeOf(name);
          running.put(
              name,
              new RunningSource(
                  source, thread("pop-source-" + name, () -> run(name, source, intake))));
        });
    sources = Collections.unmodifiableMap(running);
    try {
      lanes.forEach(lane -> starting.accept(lane.thread()));
      starting.accept(choresThread);
      starting.accept(watchThread);
      running.values().forEach(source -> starting.accept(source.thread()));
      return Optional.empty();
    } catch (OutOfMemoryError e) {
      return Optional.of(e);
    }
  }

  private void open() throws IOException {
    refusedLines = storage.openRefusedLines();
    List<Lane> opened = new ArrayList<>();
    for (Sink sink : sinks) {
      opened.add(open(sink));
      lanes = List.copyOf(opened);
    }
  }

  private Lane open(Sink sink) throws IOException {
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      Spool spool =
          storage.openSpool(
              sink.name(), sink.spool(), sink.batch(), sink.submitter().wantsOneSender());
      opened.add(spool);
      DeadLetters dead = storage.openDeadLetters(sink.name());
      opened.add(dead);
      DropBook drops =
          new DropBook(sink.name(), storage.openDropLedger(sink.name()), time, listeners);
      opened.add(drops);
      long waiting = spool.stats().events();
      if (waiting > 0) {
        LOG.info("sink {}: {} events wait from before", sink.name(), waiting);
      }
      return new Lane(sink, storage, spool, dead, drops, time, chance, listeners);
    } catch (Throwable e) {
      // Errors too: else nobody could open it again as long as this storage is open.
      opened.forEach(part -> closeAfter(e, part));
      throw e;
    }
  }

  private static void closeAfter(Throwable failure, AutoCloseable opened) {
    try {
      opened.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
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
    RunningSource now = sources.get(name);
    if (!stopping && now != null && now.source() == source) {
      LOG.info("source {}: has ended", name);
    }
  }

  private void runChores() throws InterruptedException {
    boolean lostBefore = false;
    while (!stopping) {
      choresPulse.works(Duration.ZERO);
      // By the watch of one lane, so that it is known if it hangs.
      Optional<String> loss = lanes.get(0).storageLoss();
      if (loss.isPresent() && lostBefore) {
        fail("storage", new IOException(loss.get()));
        return;
      }
      // Twice, because a directory that is being removed or moved is not a lost one yet.
      lostBefore = loss.isPresent();
      long wait = Long.MAX_VALUE;
      for (Lane lane : lanes) {
        wait = Math.min(wait, lane.chores());
      }
      choresPulse.waits(wait);
      choresSignal.await(time, wait);
    }
  }

  /** Beside the chores, which hang themselves on a disk that hangs. */
  private void runWatch() throws InterruptedException {
    while (!stopping) {
      watchPulse.works(Duration.ofNanos(WATCH));
      lanes.forEach(Lane::watch);
      watchSignal.await(time, WATCH);
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
    Thread stop = new Thread(this::stopFailed, "pop-failed");
    try {
      starting.accept(stop);
    } catch (OutOfMemoryError e) {
      // What killed a loop may be that there is no thread to be had, so it must do without one.
      LOG.error("relay: stops without a thread for it: {}", e.getMessage());
      stopFailed();
    }
  }

  private void stopFailed() {
    stop(Duration.ofSeconds(1));
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
    RelayIntake intake = intakeOf(name);
    if (stopping) {
      // Perhaps one that the stop has not seen.
      intake.close();
    }
    return intake;
  }

  private RelayIntake intakeOf(String name) {
    return intakes.computeIfAbsent(
        name, key -> new RelayIntake(key, () -> lanes, refusedLines, storage, time, listeners));
  }

  /**
   * Changes the running relay. What the change does not name goes on untouched. Nothing that was
   * accepted is lost or changes its order, and nothing that was confirmed is sent again.
   *
   * <ul>
   *   <li>A sink that takes the place of another keeps its spool and its books: what waits goes to
   *       the new destination, at once. A request in flight gets the grace; one that does not end
   *       by then is given up, so that its events are sent again.
   *   <li>A new sink begins with what is kept under its name. One that is no more leaves there what
   *       waits; should it come back, its books begin anew.
   *   <li>A source that takes the place of another, also of one that is no more, runs once that one
   *       has ended, as ES-2 promises, and finds what that one wanted to be remembered. Its counts
   *       go on.
   * </ul>
   *
   * <p>Returns when all is done: a hung submitter holds that up for the grace and a second, a disk
   * that does not answer for as long as it takes, and no source does. A relay that is stopping or
   * stopped changes nothing, and a stop does not wait for a change. One change is made at a time.
   *
   * @param change what is to be other; the relay closes what is in it, whatever becomes of it
   * @param grace how long requests in flight to changed sinks may take; at most 3 s counts
   * @throws IOException if the storage of a new sink cannot be opened; nothing is changed then
   * @throws IllegalArgumentException if no sink would be left; nothing is changed then
   * @throws IllegalStateException if the relay was not started, or if it is called from one of the
   *     relay's own threads
   */
  public void change(Change change, Duration grace) throws IOException {
    if (state == RelayState.NEW || isOwnThread()) {
      close(change);
      throw new IllegalStateException("a relay is changed while it runs, from outside");
    }
    changing.lock();
    try {
      Map<Lane, Sink> renewed = new LinkedHashMap<>();
      List<Lane> left = new ArrayList<>(lanes);
      left.removeIf(lane -> change.sinksGone().contains(lane.name()));
      List<Sink> added = new ArrayList<>(change.sinks());
      for (Lane lane : left) {
        change.sinks().stream()
            .filter(sink -> sink.name().equals(lane.name()))
            .forEach(sink -> renewed.put(lane, sink));
      }
      added.removeAll(renewed.values());
      if (left.isEmpty() && added.isEmpty()) {
        close(change);
        throw new IllegalArgumentException("sinks: there would be none; a relay needs one");
      }
      List<Lane> opened = openAll(added, change);
      if (join(left, opened)) {
        changeSinks(renewed, grace.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : grace);
        changeSources(change);
      } else {
        opened.forEach(this::release);
        close(change);
      }
    } finally {
      changing.unlock();
    }
  }

  private static void close(Change change) {
    change.sources().forEach(Relay::close);
    change.sinks().forEach(Relay::close);
  }

  private List<Lane> openAll(List<Sink> added, Change change) throws IOException {
    List<Lane> opened = new ArrayList<>();
    boolean all = false;
    try {
      for (Sink sink : added) {
        opened.add(open(sink));
      }
      all = true;
      return opened;
    } finally {
      // Also for an error: whoever asked for the change goes on, and nobody else knows of these.
      if (!all) {
        opened.forEach(this::release);
        close(change);
      }
    }
  }

  /** Has the lanes that are left and the new ones run. {@code false}: the relay stops. */
  private synchronized boolean join(List<Lane> left, List<Lane> opened) {
    if (stopping) {
      return false;
    }
    leaving.addAll(lanes);
    leaving.removeAll(left);
    List<Lane> all = new ArrayList<>(left);
    all.addAll(opened);
    lanes = List.copyOf(all);
    opened.forEach(this::deliver);
    return true;
  }

  private void deliver(Lane lane) {
    lane.runsIn(thread("pop-sink-" + lane.name(), lane::run));
    start(lane.thread());
  }

  private void start(Thread thread) {
    try {
      starting.accept(thread);
    } catch (OutOfMemoryError e) {
      fail(thread.getName(), e);
    }
  }

  /** Each on a thread of its own, so that a sink that hangs holds up no other. */
  private void changeSinks(Map<Lane, Sink> renewed, Duration grace) {
    List<Lane> gone;
    synchronized (this) {
      gone = List.copyOf(leaving);
    }
    List<Thread> threads = new ArrayList<>();
    gone.forEach(lane -> threads.add(changing(lane, () -> leave(lane, grace))));
    renewed.forEach((lane, sink) -> threads.add(changing(lane, () -> renew(lane, sink, grace))));
    // Whatever hangs: the next change must not begin before this one has ended.
    Deadline.never().join(threads);
  }

  private Thread changing(Lane lane, Runnable task) {
    String name = "pop-change-" + lane.name();
    return aside(
        name,
        () -> {
          try {
            task.run();
          } catch (RuntimeException | Error e) {
            // The sink may be without a delivery now, which must not stay so in silence.
            fail(name, e);
          }
        });
  }

  private void leave(Lane lane, Duration grace) {
    lane.abolish();
    end(lane, lane.thread(), grace);
    synchronized (this) {
      leaving.remove(lane);
    }
  }

  private void renew(Lane lane, Sink sink, Duration grace) {
    Thread before = lane.thread();
    lane.retire();
    new Deadline(grace).join(List.of(before));
    lane.cancel();
    new Deadline(CANCEL).join(List.of(before));
    while (before.isAlive() && !lane.giveUp() && !stopping) {
      // It writes to the disk what the submission came to.
      new Deadline(CANCEL).join(List.of(before));
    }
    if (before.isAlive() && !stopping) {
      LOG.warn("sink {}: a request did not end and is left behind", lane.name());
    }
    if (!lane.follow(sink)) {
      close(sink);
      return;
    }
    synchronized (this) {
      if (!stopping) {
        deliver(lane);
      }
    }
  }

  private void changeSources(Change change) {
    List<Runnable> closes = new ArrayList<>();
    if (!replaceSources(change, closes)) {
      change.sources().forEach(Relay::close);
    }
    closes.forEach(Runnable::run);
  }

  /** Has the new ones run, and says what else is to be done. {@code false}: the relay stops. */
  private synchronized boolean replaceSources(Change change, List<Runnable> closes) {
    if (stopping) {
      return false;
    }
    sourcesLeaving.values().removeIf(source -> !source.thread().isAlive());
    Map<String, RunningSource> others = new LinkedHashMap<>(sources);
    List<Thread> starts = new ArrayList<>();
    for (String name : change.sourcesGone()) {
      RunningSource before = others.remove(name);
      if (before != null) {
        sourcesGone.add(name);
        sourcesLeaving.put(name, before);
        closes.add(() -> close(name, before.source()));
      }
    }
    change
        .sources()
        .forEach(
            (name, source) -> {
              sourcesGone.remove(name);
              RunningSource here = others.get(name);
              RunningSource before = here == null ? sourcesLeaving.get(name) : here;
              Thread thread = thread("pop-source-" + name, () -> runAfter(before, name, source));
              others.put(name, new RunningSource(source, thread));
              starts.add(thread);
              if (here != null) {
                closes.add(() -> close(name, here.source()));
              }
            });
    sources = Collections.unmodifiableMap(others);
    starts.forEach(this::start);
    return true;
  }

  /** The one before may have events in hand, and leaves word of the last ones when it ends. */
  private void runAfter(RunningSource before, String name, EventSource source)
      throws InterruptedException {
    if (before != null) {
      before.thread().join();
    }
    run(name, source, intakeOf(name));
  }

  /**
   * Stops: nothing is taken any more, requests in flight get the grace to end, and everything that
   * waits is kept. Returns when that is done, within 5 s whatever hangs. Once stopped, it stays so.
   *
   * <p>Where the machine has no thread to give, the parts are ended one after the other, and one
   * that hangs holds up the others.
   *
   * @param grace how long requests in flight may take; at most 3 s counts
   */
  public void stop(Duration grace) {
    boolean mine;
    boolean starts;
    synchronized (this) {
      mine = !stopping;
      stopping = true;
      starts = opening;
      if (mine && state == RelayState.NEW && !starts) {
        endUnused();
        return;
      }
      if (mine && state == RelayState.RUNNING) {
        state = RelayState.STOPPING;
      }
    }
    if (starts) {
      awaitStart();
    } else if (mine) {
      shutDown(grace.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : grace);
    } else if (!isOwnThread()) {
      awaitEnd();
    }
  }

  /** Waits, as long as a stop may last, for a start to see that it is over. */
  private void awaitStart() {
    long began = System.nanoTime();
    boolean over = false;
    boolean interrupted = false;
    long left = STOP.toNanos();
    while (!over && left > 0) {
      try {
        over = ended.await(left, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = STOP.toNanos() - (System.nanoTime() - began);
    }
    if (!over) {
      LOG.error("storage: does not open and is left behind; nothing was taken yet");
      state = RelayState.STOPPED;
      ended.countDown();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Every part is ended on a thread of its own, all at the same time and under one deadline: a
   * source, a submitter or a disk that hangs must not hold up the others, nor the stop.
   */
  private void shutDown(Duration grace) {
    Deadline deadline = new Deadline(STOP);
    intakes.values().forEach(RelayIntake::close);
    List<Lane> all;
    synchronized (this) {
      all = new ArrayList<>(lanes);
      all.addAll(leaving);
    }
    choresSignal.raise();
    watchSignal.raise();
    List<Thread> ends = new ArrayList<>();
    ends.add(ending("sources", this::closeSources));
    for (Lane lane : all) {
      ends.add(
          ending(
              lane.name(),
              () -> {
                // Here already: a disk that hangs may hold the lane's lock.
                lane.close();
                end(lane, lane.thread(), grace);
              }));
    }
    deadline.join(ends);
    for (Thread end : ends) {
      if (end.isAlive()) {
        LOG.error(
            "{}: did not end in time and is left behind; what was not forced to disk yet may be"
                + " lost",
            end.getName());
        kept = false;
      }
    }
    List<Thread> rest = new ArrayList<>();
    sources.values().stream()
        .map(RunningSource::thread)
        .filter(Objects::nonNull)
        .forEach(rest::add);
    sourcesLeaving.values().forEach(source -> rest.add(source.thread()));
    if (choresThread != null) {
      rest.add(choresThread);
      rest.add(watchThread);
    }
    new Deadline(REST).join(rest);
    if (kept) {
      // Only now: a memory of what was accepted must not outlive what was accepted.
      deadline.join(
          List.of(ending("memory", () -> intakes.values().forEach(RelayIntake::keepMemory))));
    }
    deadline.join(List.of(ending("storage", this::closeStorage)));
    state = failed ? RelayState.FAILED : RelayState.STOPPED;
    LOG.info("relay: {}", failed ? "failed" : "stopped");
    ended.countDown();
  }

  private Thread ending(String what, Runnable task) {
    String name = "pop-stop-" + what;
    return aside(
        name,
        () -> {
          try {
            task.run();
          } catch (RuntimeException | Error e) {
            // The rest of the stop must come to its end all the same.
            LOG.error("{}: could not end in good order", name, e);
            kept = false;
          }
        });
  }

  /** Runs a task on a thread of its own, or at once if there is none to be had. */
  private Thread aside(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    // One that hangs must not keep the process from its end.
    thread.setDaemon(true);
    try {
      starting.accept(thread);
    } catch (OutOfMemoryError e) {
      LOG.warn("{}: has no thread of its own: {}", name, e.getMessage());
      task.run();
    }
    return thread;
  }

  private void closeSources() {
    sources.forEach((name, running) -> close(name, running.source()));
  }

  private static void close(String name, EventSource source) {
    try {
      source.close();
    } catch (RuntimeException e) {
      LOG.warn("source {}: close threw", name, e);
    }
  }

  private static void close(Sink sink) {
    try {
      sink.submitter().close();
    } catch (RuntimeException e) {
      LOG.warn("sink {}: close threw", sink.name(), e);
    }
  }

  private void end(Lane lane, Thread delivery, Duration grace) {
    Deadline patience = new Deadline(grace);
    try {
      // First, for whoever waits for the end may not have the patience for the grace.
      lane.force();
      if (delivery != null) {
        patience.join(List.of(delivery));
      }
      lane.cancel();
      if (delivery != null) {
        new Deadline(CANCEL).join(List.of(delivery));
      }
    } finally {
      release(lane);
    }
  }

  private void release(Lane lane) {
    try {
      lane.release();
    } catch (IOException | RuntimeException e) {
      LOG.error("sink {}: its storage could not be closed in good order", lane.name(), e);
      kept = false;
    }
  }

  /**
   * A moment until which threads are waited for, by the machine's clock as they run by it. An
   * interrupt of who waits is kept for later: it must not end a stop or a change half-way.
   */
  private static final class Deadline {

    private final long began = System.nanoTime();
    private final long span;

    Deadline(Duration span) {
      this(span.toNanos());
    }

    private Deadline(long span) {
      this.span = span;
    }

    static Deadline never() {
      return new Deadline(Long.MAX_VALUE);
    }

    void join(List<Thread> threads) {
      boolean interrupted = false;
      for (Thread thread : threads) {
        long left = span - (System.nanoTime() - began);
        while (thread != Thread.currentThread() && thread.isAlive() && left > 0) {
          try {
            thread.join(Math.max(1, left / 1_000_000));
          } catch (InterruptedException e) {
            interrupted = true;
          }
          left = span - (System.nanoTime() - began);
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isOwnThread() {
    Thread current = Thread.currentThread();
    return sources.values().stream().anyMatch(source -> source.thread() == current)
        || sourcesLeaving.values().stream().anyMatch(source -> source.thread() == current)
        || lanes.stream().anyMatch(lane -> lane.thread() == current)
        || current == choresThread
        || current == watchThread;
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
  private void endUnused() {
    stopping = true;
    intakes.values().forEach(RelayIntake::close);
    lanes.forEach(Lane::close);
    closeSources();
    sinks.forEach(Relay::close);
    lanes.forEach(this::release);
    closeStorage();
    synchronized (this) {
      opening = false;
      state = RelayState.STOPPED;
    }
    ended.countDown();
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
   * Whether one of the relay's own loops stands still, as after a deadlock or in a submitter that
   * breaks its word to return: not a backend that is away, which is nothing to restart for. A
   * storage that hangs counts once it has done so for an hour. Of a source the relay knows only
   * what it does at the storage. What a relay that is not running does is not judged.
   *
   * <p>Waits for nothing and takes no lock, so that it can be asked whatever hangs.
   *
   * @return the loop; empty if all of them move
   */
  public Optional<Standstill> standstill() {
    if (state != RelayState.RUNNING) {
      return Optional.empty();
    }
    List<Lane> all = lanes;
    Optional<Standstill> found = watchPulse.standstill();
    // What all lanes have in common is on the same disk: the ledger of drops, what listeners write
    // down, what the chores look at. So they all hang with one.
    boolean hangs = all.stream().anyMatch(Lane::storageHangs);
    for (Lane lane : all) {
      found = found.or(() -> lane.standstill(hangs));
    }
    return hangs ? found : found.or(choresPulse::standstill);
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
    intakes.forEach(
        (name, intake) -> {
          if (!sourcesGone.contains(name)) {
            bySource.putIfAbsent(name, intake.stats());
          }
        });
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
    private Consumer<Thread> starting = Thread::start;

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

    /** Sets how a thread is started; {@link OutOfMemoryError} says that none is to be had. */
    Builder starting(Consumer<Thread> how) {
      starting = how;
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
