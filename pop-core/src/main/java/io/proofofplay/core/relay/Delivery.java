package io.proofofplay.core.relay;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.core.spi.TooLarge;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The delivery loop of a lane, and all consequences of a verdict.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>One submission at a time; a part that failed for the moment's fault is sent again as it is.
 *   <li>Only a single event becomes a dead letter: one that was rejected or is too large by itself,
 *       or one whose bytes are in doubt, failed, saw another event accepted, and failed again.
 *   <li>Never more than {@link #BRAKE_AFTER} events that were rejected or too large become dead
 *       letters without a delivery between.
 *   <li>Nothing is ever given up for {@link Later} without a doubt, or for {@link Held}.
 * </ul>
 *
 * <p>Not thread-safe: it belongs to the sink's thread, save what is said otherwise.
 */
final class Delivery {

  /** Single events given up in a row, without a delivery between, before the sink is held. */
  static final int BRAKE_AFTER = 10;

  /** Failures of one part with its bytes in doubt before it is split. */
  private static final int SPLIT_AFTER_BYTE_DOUBTS = 5;

  /** The same once the batch was split before: the doubt is older then. */
  private static final int SPLIT_AGAIN_AFTER_BYTE_DOUBTS = 2;

  /** Resets of one part before half of it is tried. */
  private static final int SPLIT_AFTER_SIZE_DOUBTS = 3;

  /** How long a size that was too large is remembered. */
  private static final long REMEMBER_SIZE = Duration.ofMinutes(10).toNanos();

  /** Failures in a row that make an outage, after which the backlog is drained gently. */
  private static final int OUTAGE_AFTER = 3;

  /** The first pause of a gentle drain; each next one is half of it. */
  private static final long FIRST_PACE = Duration.ofMillis(500).toNanos();

  /** The pause below which a gentle drain is over. */
  private static final long LAST_PACE = Duration.ofMillis(10).toNanos();

  /** How long the storage is left alone when it does not answer as it should. */
  private static final long STORAGE_RETRY = Duration.ofSeconds(1).toNanos();

  /** How soon to look again when a batch that was announced could not be had. */
  private static final long LOOK_AGAIN = Duration.ofMillis(10).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  /** Why a part is sent now. */
  private enum Turn {
    /** It is the next one in order. */
    IN_ORDER,
    /** To see whether the destination takes another event than the one that is in doubt. */
    COMPARE,
    /** To see whether the destination takes any event again. */
    PROBE
  }

  private final Sink sink;
  private final Spool spool;
  private final LaneBooks books;
  private final DeadLetters deadLetters;
  private final StorageHealth health;
  private final SubmissionLog submissions;
  private final Outage outage;
  private final TimeSource time;
  private final DoubleSupplier chance;
  private final Listeners listeners;
  private final Seldom deadSeldom;
  private final Seldom bugSeldom;

  // Written by the sink's thread, read by others.
  private volatile SinkState state = SinkState.IDLE;
  private volatile boolean failing;
  private volatile boolean submitting;
  private volatile long submittingSince;

  // Written by others, read by the sink's thread.
  private volatile boolean closed;
  private volatile boolean signOfLife;

  // The sink's thread alone.
  private Head head;
  private Turn turn = Turn.IN_ORDER;
  private boolean everSubmitted;
  private long lastSubmission;
  private boolean waiting;
  private boolean waitMayEnd;
  private long waitUntil;
  private int failures;
  private boolean refreshFirst;
  private long pace;
  private long sizeLimit = Long.MAX_VALUE;
  private long sizeLimitUntil;
  private int singlesInARow;
  private boolean braked;

  Delivery(
      Sink sink,
      Spool spool,
      LaneBooks books,
      DeadLetters deadLetters,
      StorageHealth health,
      SubmissionLog submissions,
      Outage outage,
      TimeSource time,
      DoubleSupplier chance,
      Listeners listeners) {
    this.sink = sink;
    this.spool = spool;
    this.books = books;
    this.deadLetters = deadLetters;
    this.health = health;
    this.submissions = submissions;
    this.outage = outage;
    this.time = time;
    this.chance = chance;
    this.listeners = listeners;
    deadSeldom = new Seldom(time);
    bugSeldom = new Seldom(time);
  }

  /**
   * Does the next thing that is due, at most one submission.
   *
   * @return nanoseconds until the next call makes sense; {@link Long#MAX_VALUE}: not before a
   *     signal
   */
  long runOnce() throws InterruptedException {
    if (closed) {
      return Long.MAX_VALUE;
    }
    long now = time.nanos();
    if (waits(now)) {
      return waitUntil - now;
    }
    Batch part;
    try {
      if (head == null) {
        long ripeIn = nanosUntilRipe(now);
        if (ripeIn > 0) {
          state = SinkState.IDLE;
          return ripeIn;
        }
        head = books.takeHead().orElse(null);
        if (head == null) {
          return LOOK_AGAIN;
        }
      }
      part = choose(now);
    } catch (IOException e) {
      storageTrouble("the spool cannot be read: " + e.getMessage());
      return STORAGE_RETRY;
    }
    submit(part);
    return waiting ? Math.max(0, waitUntil - time.nanos()) : 0;
  }

  private boolean waits(long now) {
    if (signOfLife) {
      signOfLife = false;
      if (waiting && waitMayEnd) {
        waitUntil = now + Math.min(waitUntil - now, jittered(sink.retry().initial().toNanos()));
        // Once: somebody who comes and goes must not make a back-off short for ever.
        waitMayEnd = false;
      }
    }
    if (waiting && now - waitUntil >= 0) {
      waiting = false;
    }
    return waiting;
  }

  private long nanosUntilRipe(long now) {
    SpoolStats stats = spool.stats();
    if (stats.batches() > 0) {
      return 0;
    }
    if (stats.openEvents() == 0) {
      return Long.MAX_VALUE;
    }
    if (!everSubmitted || sink.batch().isFull(stats.openEvents(), stats.openBytes())) {
      return 0;
    }
    return Math.max(0, sink.batch().minInterval().toNanos() - (now - lastSubmission));
  }

  /** What to send now: the next part in order, or a single event to learn from. */
  private Batch choose(long now) throws IOException {
    while (sizeLimit != Long.MAX_VALUE && now - sizeLimitUntil >= 0) {
      sizeLimit *= 2;
      sizeLimitUntil += REMEMBER_SIZE;
      if (sizeLimit >= sink.batch().maxBytes().bytes()) {
        sizeLimit = Long.MAX_VALUE;
      }
    }
    if (braked) {
      turn = Turn.PROBE;
      Optional<Batch> other = another();
      return other.isPresent() ? other.get() : head.next(1);
    }
    turn = Turn.IN_ORDER;
    Batch part = head.next(sizeLimit);
    if (part.size() == 1 && head.byteDoubts >= head.compareAfter && !head.neighbourAccepted) {
      Optional<Batch> other = another();
      if (other.isPresent()) {
        turn = Turn.COMPARE;
        return other.get();
      }
    }
    return part;
  }

  /**
   * Another event than the head's next one. First the one behind it, which keeps the order if the
   * one in doubt turns out to be bad; then by turns one of the next batch and one of the head.
   */
  private Optional<Batch> another() throws IOException {
    int before = head.compare();
    boolean beside = before % 2 == 0;
    Optional<Batch> first = beside ? head.neighbour(before / 2) : books.behind();
    if (first.isPresent()) {
      return first;
    }
    return beside ? books.behind() : head.neighbour(before / 2);
  }

  private void submit(Batch part) throws InterruptedException {
    if (refreshFirst) {
      refreshFirst = false;
      refresh();
    }
    long began = time.nanos();
    everSubmitted = true;
    lastSubmission = began;
    submittingSince = began;
    submitting = true;
    state = SinkState.SUBMITTING;
    SubmitResult verdict;
    try {
      verdict = sink.submitter().submit(part, new Attempt(sink.timeout(), books.waiting()));
      if (verdict == null) {
        throw new IllegalStateException("submit answered null");
      }
    } catch (RuntimeException e) {
      bug("submit", e);
      verdict = Later.because("the submitter failed: " + e);
    } finally {
      submitting = false;
    }
    if (closed && !(verdict instanceof Delivered)) {
      // The attempt was cut short: what it came to says nothing about the destination.
      return;
    }
    Duration took = Duration.ofNanos(time.nanos() - began);
    submissions.add(verdict);
    SubmitResult told = verdict;
    listeners.tell(listener -> listener.submitted(sink.name(), part, told, took));
    follow(part, verdict);
    if (failing && sink.spool().durability() == Durability.ON_FAILURE) {
      persist();
    }
  }

  private void refresh() {
    try {
      sink.submitter().refresh();
    } catch (RuntimeException e) {
      bug("refresh", e);
    }
  }

  private void bug(String call, RuntimeException e) {
    submissions.bug();
    if (bugSeldom.due() > 0) {
      LOG.error(
          "sink {}: {} threw, which it must not; treated as a failed attempt",
          sink.name(),
          call,
          e);
    }
  }

  private void persist() {
    try {
      spool.sync();
      health.recovered();
    } catch (IOException e) {
      health.trouble("events could not be forced to disk: " + e.getMessage());
    }
  }

  private void follow(Batch part, SubmitResult verdict) {
    if (verdict instanceof Delivered) {
      delivered(part);
    } else if (verdict instanceof Later later) {
      later(part, later);
    } else if (verdict instanceof Held held) {
      held(held);
    } else if (verdict instanceof TooLarge tooLarge) {
      tooLarge(part, tooLarge);
    } else if (verdict instanceof Rejected rejected) {
      rejected(part, rejected);
    }
  }

  private void delivered(Batch part) {
    if (failures >= OUTAGE_AFTER) {
      pace = FIRST_PACE;
    }
    failures = 0;
    failing = false;
    singlesInARow = 0;
    braked = false;
    if (turn == Turn.COMPARE) {
      head.neighbourAccepted = true;
    }
    if (books.delivered(part, turn == Turn.IN_ORDER)) {
      head = null;
    }
    outage.over(books.waiting());
    if (pace >= LAST_PACE) {
      waitFor(jittered(pace), false);
      pace /= 2;
    } else {
      pace = 0;
    }
  }

  private void later(Batch part, Later later) {
    failed(later.reason());
    state = braked ? SinkState.BRAKED : SinkState.BACKING_OFF;
    waitAfter(later);
    if (turn != Turn.IN_ORDER) {
      // Both fail, so it is not this one event. Back to the one whose turn it is.
      head.bothFailed();
      return;
    }
    switch (later.doubt()) {
      case SIZE -> {
        head.sizeDoubts++;
        if (part.size() > 1 && head.sizeDoubts >= SPLIT_AFTER_SIZE_DOUBTS) {
          head.split();
        }
      }
      case BYTES -> doubtBytes(part, later.reason());
      case NONE -> head.neighbourAccepted = false;
    }
  }

  private void doubtBytes(Batch part, Reason reason) {
    if (part.size() == 1) {
      if (head.neighbourAccepted) {
        deadLetter(part, reason);
      } else {
        head.byteDoubts++;
      }
      return;
    }
    head.byteDoubts++;
    int enough = head.suspected ? SPLIT_AGAIN_AFTER_BYTE_DOUBTS : SPLIT_AFTER_BYTE_DOUBTS;
    if (head.byteDoubts >= enough) {
      head.suspected = true;
      head.split();
    }
  }

  private void waitAfter(Later later) {
    if (later.notBefore().isEmpty()) {
      waitFor(sink.retry().waitNanos(failures, chance.getAsDouble()), true);
      return;
    }
    long asked = later.notBefore().get().toNanos();
    long least = jittered(sink.retry().initial().toNanos());
    // A little beyond what was asked, by chance, so that many devices do not come at once.
    long spread = (long) (chance.getAsDouble() * (double) Math.min(asked / 10, least));
    waitFor(Math.max(asked, least) + spread, false);
  }

  private void held(Held held) {
    failed(held.reason());
    refreshFirst = true;
    state = SinkState.HELD;
    // The first try after a hold comes soon, because the secret is read again before it.
    Duration full = failures == 1 ? sink.retry().initial() : sink.retry().max();
    waitFor(jittered(full.toNanos()), true);
  }

  private void tooLarge(Batch part, TooLarge verdict) {
    if (part.size() == 1) {
      badSingle(part, verdict.reason());
    } else {
      sizeLimit = Math.max(1, part.bytes() / 2);
      sizeLimitUntil = time.nanos() + REMEMBER_SIZE;
    }
  }

  private void rejected(Batch part, Rejected verdict) {
    if (part.size() == 1) {
      badSingle(part, verdict.reason());
    } else {
      head.split();
    }
  }

  /**
   * A single event that the destination will not take: a dead letter, unless it takes none at all.
   */
  private void badSingle(Batch part, Reason reason) {
    if (turn == Turn.IN_ORDER && singlesInARow < BRAKE_AFTER) {
      if (deadLetter(part, reason)) {
        singlesInARow++;
      }
      return;
    }
    if (turn == Turn.COMPARE) {
      // It is judged when its turn comes.
      failed(reason);
      state = SinkState.BACKING_OFF;
      waitFor(jittered(sink.retry().initial().toNanos()), true);
      return;
    }
    braked = true;
    failed(
        new Reason(
            "the destination rejects everything ("
                + singlesInARow
                + " events in a row); nothing more is given up until it takes one; last: "
                + reason.text(),
            reason.status(),
            reason.answer()));
    refreshFirst = true;
    state = SinkState.BRAKED;
    waitFor(jittered(sink.retry().max().toNanos()), true);
  }

  private boolean deadLetter(Batch part, Reason reason) {
    DeadLetter letter = new DeadLetter(time.now(), part.id(), reason, part.events().get(0));
    try {
      deadLetters.put(letter);
    } catch (IOException e) {
      storageTrouble("a dead letter cannot be written: " + e.getMessage());
      return false;
    }
    if (books.dead(part)) {
      head = null;
    }
    long count = deadSeldom.due();
    if (count > 0) {
      LOG.warn(
          "sink {}: event {} is a dead letter: {}{}",
          sink.name(),
          letter.event().uuid(),
          reason.text(),
          count > 1 ? "; " + (count - 1) + " more since the last word" : "");
    }
    listeners.tell(listener -> listener.dead(sink.name(), letter));
    return true;
  }

  private void storageTrouble(String what) {
    health.trouble(what);
    state = SinkState.STORAGE_TROUBLE;
    waitFor(STORAGE_RETRY, false);
  }

  private void failed(Reason reason) {
    failures++;
    failing = true;
    pace = 0;
    outage.failed(reason.text(), books.waiting());
  }

  private void waitFor(long nanos, boolean mayEnd) {
    waiting = true;
    waitMayEnd = mayEnd;
    waitUntil = time.nanos() + nanos;
  }

  private long jittered(long nanos) {
    return (long) ((double) nanos * (1 - sink.retry().jitter() * chance.getAsDouble()));
  }

  // ---- from other threads

  /** Starts no submission any more. */
  void close() {
    closed = true;
  }

  /** Something came to life outside: a back-off of our own choice may end early, once. */
  void signOfLife() {
    signOfLife = failing;
  }

  /**
   * Whether events in memory only would wait longer than the sink's interval: then they must not.
   */
  boolean isLate() {
    return failing
        || (submitting && time.nanos() - submittingSince > sink.batch().minInterval().toNanos());
  }

  SinkState state() {
    return closed && !submitting ? SinkState.STOPPED : state;
  }
}
