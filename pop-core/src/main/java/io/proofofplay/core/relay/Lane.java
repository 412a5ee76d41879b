package io.proofofplay.core.relay;

import io.proofofplay.core.model.Durability;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sink inside: a door for the sources, a spool, and the delivery to its submitter.
 *
 * <p>{@link #door()} is for the threads of the sources, {@link #run} and {@link #runOnce} for the
 * sink's, {@link #chores} and {@link #watch} for two of the relay's; all else is for any.
 */
final class Lane {

  /** How often it is looked whether something is due by time alone. */
  private static final long CHORES = Duration.ofSeconds(1).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  private final String name;
  private final Storage storage;
  private final Spool spool;
  private final DeadLetters deadLetters;
  private final DropBook drops;
  private final LaneBooks books;
  private final StorageHealth health;
  private final StorageWatch watch;
  private final SubmissionLog submissions;
  private final Outage outage;
  private final Door door;
  private final DeadLetterDesk desk;
  private final TimeSource time;
  private final DoubleSupplier chance;
  private final Listeners listeners;
  private final Signal signal = new Signal();
  private final Doorbell bell = new Doorbell(signal);

  /** Held while the door goes over to other policies, which may wait for the disk. */
  private final Object following = new Object();

  // Changed under this object's monitor.
  private volatile Sink sink;
  private volatile Delivery delivery;
  private volatile boolean closed;
  private volatile Thread thread;

  /** That of the thread that delivers; one that was left behind keeps its own. */
  private volatile Pulse pulse;

  /** Whether the door still keeps by the policies of the sink as it was before. */
  private volatile boolean doorIsBehind;

  // The relay's thread alone.
  private long lastSync;

  // The relay's watching thread alone.
  private boolean toldOfTrouble;

  Lane(
      Sink sink,
      Storage storage,
      Spool spool,
      DeadLetters deadLetters,
      DropBook drops,
      TimeSource time,
      DoubleSupplier chance,
      Listeners listeners) {
    this.sink = sink;
    name = sink.name();
    this.storage = storage;
    watch = new StorageWatch(name, time);
    this.spool = new WatchedSpool(spool, watch);
    this.deadLetters = deadLetters;
    this.drops = drops;
    this.time = time;
    this.chance = chance;
    this.listeners = listeners;
    books = new LaneBooks(this.spool, drops, watch, time);
    health = new StorageHealth(sink.name(), time);
    submissions = new SubmissionLog(time);
    outage = new Outage(sink.name(), time);
    door = new Door(sink, this.spool, books, health, time, bell);
    delivery = deliveryTo(sink);
    desk = new DeadLetterDesk(sink.name(), deadLetters, door, watch, time);
    lastSync = time.nanos();
    pulse = new Pulse(time);
  }

  private Delivery deliveryTo(Sink to) {
    return new Delivery(
        to,
        spool,
        bell,
        books,
        deadLetters,
        health,
        watch,
        submissions,
        outage,
        time,
        chance,
        listeners);
  }

  String name() {
    return name;
  }

  /** The thread that delivers; {@code null} before there is one. */
  Thread thread() {
    return thread;
  }

  void runsIn(Thread other) {
    thread = other;
  }

  Door door() {
    return door;
  }

  /** Delivers until the lane is closed, or its delivery is retired. */
  void run() throws InterruptedException {
    Delivery mine = delivery;
    Pulse beat = new Pulse(time);
    pulse = beat;
    while (!mine.isClosed()) {
      beat.works(sink.timeout());
      long wait = mine.runOnce();
      beat.waits(wait);
      signal.await(time, wait);
    }
    beat.ends();
  }

  /** See {@link Delivery#runOnce}. */
  long runOnce() throws InterruptedException {
    return delivery.runOnce();
  }

  /**
   * What has to be done although nothing happens: forcing by the interval, saying that an outage
   * goes on, writing what the ledger did not take, looking whether a disk that takes no events
   * would, following what an operator decides about dead letters.
   *
   * @return nanoseconds until the next call makes sense
   */
  long chores() {
    if (closed || watch.isSlow()) {
      return CHORES;
    }
    catchUpAtTheDoor();
    long now = time.nanos();
    books.sample();
    // Who asks while the storage hangs is answered with what is known from here.
    books.balance();
    outage.remind(books.waiting());
    watch.run("write down what was given up", drops::flush);
    door.lookForRoom(this::couldKeep);
    if (!closed) {
      desk.runOnce();
    }
    long interval = Math.min(sink.spool().interval().toNanos(), CHORES);
    boolean due =
        switch (sink.spool().durability()) {
          case WRITE_AHEAD -> false;
          case INTERVAL -> now - lastSync >= sink.spool().interval().toNanos();
          case ON_FAILURE -> delivery.isFailing() || books.isOlderThan(longestInMemory());
        };
    if (due) {
      lastSync = now;
      try {
        spool.sync();
        health.well(StorageHealth.Duty.FORCING);
      } catch (IOException e) {
        if (!closed) {
          health.trouble(
              StorageHealth.Duty.FORCING, "events could not be forced to disk: " + e.getMessage());
        }
      }
    }
    return interval;
  }

  /** That the storage of all sinks is lost, with the reason; empty while it is not. */
  Optional<String> storageLoss() {
    return watch.during("see whether it is still there", storage::loss);
  }

  private boolean couldKeep(int bytes) {
    return watch.during(
        "try whether it takes events", () -> !closed && storage.couldKeep(name, bytes));
  }

  /**
   * Looks whether the storage hangs, and tells what is wrong with it when that changes. Waits for
   * nothing, so that it can be said whatever hangs.
   */
  void watch() {
    if (closed) {
      return;
    }
    watch.look();
    Optional<String> trouble = storageTrouble();
    if (trouble.isPresent() != toldOfTrouble) {
      toldOfTrouble = trouble.isPresent();
      listeners.tell(listener -> listener.storage(name, trouble));
    }
  }

  /** Whether a call to the spool hangs. */
  boolean storageHangs() {
    return watch.trouble().isPresent();
  }

  /**
   * See {@link Relay#standstill}. Takes no lock.
   *
   * @param storageHangs whether the storage of any lane hangs
   */
  Optional<Standstill> standstill(boolean storageHangs) {
    if (closed) {
      return Optional.empty();
    }
    return watch.standstill().or(() -> storageHangs ? Optional.empty() : pulse.standstill());
  }

  private Optional<String> storageTrouble() {
    return watch.trouble().or(health::trouble);
  }

  /** How long an event may be in memory alone. */
  private Duration longestInMemory() {
    Duration interval = sink.batch().minInterval();
    return interval.toNanos() < CHORES ? Duration.ofNanos(CHORES) : interval;
  }

  /** Something came to life outside: a back-off may end early. */
  void signOfLife() {
    delivery.signOfLife();
    signal.raise();
  }

  /** Starts no submission to the sink as it is, and ends the thread; goes on to keep events. */
  void retire() {
    delivery.close();
    signal.raise();
  }

  /**
   * Gives up a submission that does not end, so that another delivery can begin.
   *
   * @return {@code false} if the thread is about something else, and ends by itself
   */
  boolean giveUp() {
    return delivery.giveUp();
  }

  /**
   * Goes on as another sink of the same name, with the same spool and the same books. The thread
   * that delivered has ended, or has given up.
   *
   * @return {@code false} if the lane is closed meanwhile; the other sink is not used then
   */
  boolean follow(Sink other) {
    synchronized (following) {
      followAtTheDoor(other);
      synchronized (this) {
        if (closed) {
          return false;
        }
        sink = other;
        delivery = deliveryTo(other);
        return true;
      }
    }
  }

  private void catchUpAtTheDoor() {
    if (doorIsBehind) {
      synchronized (following) {
        followAtTheDoor(sink);
      }
    }
  }

  private void followAtTheDoor(Sink other) {
    try {
      door.follow(other);
      doorIsBehind = false;
      health.well(StorageHealth.Duty.FORCING);
    } catch (IOException e) {
      doorIsBehind = true;
      if (!closed) {
        health.trouble(
            StorageHealth.Duty.FORCING, "events could not be forced to disk: " + e.getMessage());
      }
    }
  }

  /** Takes nothing any more and starts no submission; whoever waits is let go. */
  synchronized void close() {
    closed = true;
    delivery.close();
    door.close();
    signal.raise();
  }

  /** The same while the relay goes on: from now on there is no such sink. */
  void abolish() {
    retire();
    // First: whoever offers must not be told that the relay stops.
    door.abolish();
    close();
  }

  /** Forces what was accepted and is not forced yet, for when the lane is closed. */
  void force() {
    if (sink.spool().durability() == Durability.WRITE_AHEAD && !doorIsBehind) {
      return;
    }
    try {
      spool.sync();
    } catch (IOException | RuntimeException e) {
      // It is tried again when the spool is closed, which says so.
      LOG.debug("sink {}: cannot force what waits yet", name, e);
    }
  }

  /** Ends a submission in flight. */
  void cancel() {
    try {
      sink.submitter().close();
    } catch (RuntimeException e) {
      LOG.warn("sink {}: close threw", name, e);
    }
  }

  /** Lets go of the storage, which keeps everything that waits. */
  void release() throws IOException {
    outage.close(books.waiting());
    books.release();
    IOException first = null;
    // What was read ahead, perhaps by a thread that was left behind, is known when the spool is
    // shut.
    List<AutoCloseable> parts = List.of(spool, books::noteDamage, deadLetters, drops);
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      } catch (Exception e) {
        first = first == null ? new IOException(e) : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  SinkStats stats() {
    LaneBooks.Balance balance = books.balance();
    return new SinkStats(
        delivery.state(),
        outage.isOn() ? Optional.of(outage.problem()) : Optional.empty(),
        storageTrouble(),
        balance.kept().recovered(),
        balance.accepted(),
        balance.delivered(),
        balance.waiting(),
        balance.dead(),
        balance.dropped(),
        balance.oldestAge(),
        balance.kept().bytes(),
        submissions.counts(),
        submissions.lastAnswer(),
        submissions.lastAttempt(),
        submissions.lastDelivery(),
        submissions.bugs(),
        balance.kept().damagedAtStart(),
        deadLetters.kept(),
        deadLetters.discarded(),
        drops.discarded(),
        balance.imbalance());
  }
}
