package io.proofofplay.core.relay;

import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Spool;
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
 * sink's, {@link #chores} for the relay's; all else is for any.
 */
final class Lane {

  /** How often it is looked whether something is due by time alone. */
  private static final long CHORES = Duration.ofSeconds(1).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  private final Sink sink;
  private final Spool spool;
  private final DeadLetters deadLetters;
  private final DropBook drops;
  private final LaneBooks books;
  private final StorageHealth health;
  private final SubmissionLog submissions;
  private final Outage outage;
  private final Door door;
  private final Delivery delivery;
  private final DeadLetterDesk desk;
  private final TimeSource time;
  private final Signal signal = new Signal();

  private volatile boolean closed;

  // The relay's thread alone.
  private long lastSync;

  Lane(
      Sink sink,
      Spool spool,
      DeadLetters deadLetters,
      DropBook drops,
      TimeSource time,
      DoubleSupplier chance,
      Listeners listeners) {
    this.sink = sink;
    this.spool = spool;
    this.deadLetters = deadLetters;
    this.drops = drops;
    this.time = time;
    books = new LaneBooks(spool, drops, time);
    health = new StorageHealth(sink.name(), time);
    submissions = new SubmissionLog(time);
    outage = new Outage(sink.name(), time);
    door = new Door(sink, spool, books, health, time, signal);
    delivery =
        new Delivery(
            sink, spool, books, deadLetters, health, submissions, outage, time, chance, listeners);
    desk = new DeadLetterDesk(sink.name(), deadLetters, door, time);
    lastSync = time.nanos();
  }

  String name() {
    return sink.name();
  }

  Door door() {
    return door;
  }

  /** Delivers until the lane is closed. */
  void run() throws InterruptedException {
    while (!closed) {
      signal.await(time, runOnce());
    }
  }

  /** See {@link Delivery#runOnce}. */
  long runOnce() throws InterruptedException {
    return delivery.runOnce();
  }

  /**
   * What has to be done although nothing happens: forcing by the interval, saying that an outage
   * goes on, writing what the ledger did not take, following what an operator decides about dead
   * letters.
   *
   * @return nanoseconds until the next call makes sense
   */
  long chores() {
    long now = time.nanos();
    books.sample();
    outage.remind(books.waiting());
    drops.flush();
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
        health.trouble(
            StorageHealth.Duty.FORCING, "events could not be forced to disk: " + e.getMessage());
      }
    }
    return interval;
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

  /** Takes nothing any more and starts no submission; whoever waits is let go. */
  void close() {
    closed = true;
    delivery.close();
    door.close();
    signal.raise();
  }

  /** Ends a submission in flight. */
  void cancel() {
    try {
      sink.submitter().close();
    } catch (RuntimeException e) {
      LOG.warn("sink {}: close threw", name(), e);
    }
  }

  /** Lets go of the storage, which keeps everything that waits. */
  void release() throws IOException {
    outage.close(books.waiting());
    books.release();
    IOException first = null;
    for (AutoCloseable part : List.of(spool, deadLetters, drops)) {
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
        health.isWell(),
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
        deadLetters.discarded(),
        drops.discarded(),
        balance.imbalance());
  }
}
