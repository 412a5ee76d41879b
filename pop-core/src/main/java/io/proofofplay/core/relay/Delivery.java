package io.proofofplay.core.relay;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
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
import java.util.concurrent.atomic.AtomicReference;
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
 *       or one that is to blame beyond doubt, see {@link Doubts}.
 *   <li>Never more than {@link #BRAKE_AFTER} events become dead letters without a delivery between.
 *   <li>Nothing is ever given up for {@link Later} without a doubt, or for {@link Held}.
 * </ul>
 *
 * <p>Not thread-safe: it belongs to the sink's thread, save what is said otherwise.
 */
final class Delivery {

  /** Single events given up in a row, without a delivery between, before the sink is held. */
  static final int BRAKE_AFTER = 10;

  /** A time without delivery that makes an outage, after which the backlog is drained gently. */
  private static final long OUTAGE = Duration.ofSeconds(5).toNanos();

  /** The longest pause that a destination is given because it asks for it. */
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  /** The first pause of a gentle drain; each next one is half of it. */
  private static final long FIRST_PACE = Duration.ofMillis(500).toNanos();

  /** The pause below which a gentle drain is over. */
  private static final long LAST_PACE = Duration.ofMillis(10).toNanos();

  /** How long the storage is left alone when it does not answer as it should. */
  private static final long STORAGE_RETRY = Duration.ofSeconds(1).toNanos();

  /**
   * How long one turn may give up what is too old. A whole backlog of it may take a slow card many
   * minutes, and a loop that does not come round is taken for one that hangs.
   */
  private static final long EXPIRY_TURN = Duration.ofSeconds(1).toNanos();

  /** How soon to look again when a batch that was announced could not be had. */
  private static final long LOOK_AGAIN = Duration.ofMillis(10).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  /** Who may book what comes of a submission. */
  private enum Verdict {
    /** There is nothing to book, or the sink's thread books it. */
    OURS,
    /** The submission has not come back. */
    AWAITED,
    /** It did not come back in time: whatever it comes to is no longer for us. */
    GIVEN_UP
  }

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
  private final Doorbell bell;
  private final LaneBooks books;
  private final DeadLetters deadLetters;
  private final StorageHealth health;
  private final StorageWatch watch;
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

  private final AtomicReference<Verdict> verdictOf = new AtomicReference<>(Verdict.OURS);

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

  /** Of the failures, those that were holds: what came before the first one does not slow it. */
  private int holds;

  private long failingSince;
  private boolean refreshFirst;
  private long pace;
  private final SizeLimit sizeLimit;
  private boolean gentle;
  private long lastEarlyTry;
  private boolean everEarly;
  private DeadLetter unwritten;
  private Batch unwrittenPart;

  /**
   * A new life knows of no delivery yet, so it may give up one event and no more: otherwise a
   * supervisor's restarts would give up ten each.
   */
  private int singlesInARow = BRAKE_AFTER - 1;

  private boolean braked;

  Delivery(
      Sink sink,
      Spool spool,
      Doorbell bell,
      LaneBooks books,
      DeadLetters deadLetters,
      StorageHealth health,
      StorageWatch watch,
      SubmissionLog submissions,
      Outage outage,
      TimeSource time,
      DoubleSupplier chance,
      Listeners listeners) {
    this.sink = sink;
    this.spool = spool;
    this.bell = bell;
    this.books = books;
    this.deadLetters = deadLetters;
    this.health = health;
    this.watch = watch;
    this.submissions = submissions;
    this.outage = outage;
    this.time = time;
    this.chance = chance;
    this.listeners = listeners;
    sizeLimit = new SizeLimit(sink.batch().maxBytes().bytes(), time);
    deadSeldom = new Seldom(time);
    // Beside the outage that it makes: that one has a line a minute already.
    bugSeldom = new Seldom(time, Duration.ofHours(1));
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
    if (giveUpOld()) {
      return 0;
    }
    // Before the look at what there is: what comes after it must not be missed.
    Doorbell.Mark mark = bell.mark();
    long now = time.nanos();
    if (waits(now)) {
      bell.wakeAfter(mark, ages() ? 1 : Doorbell.NEVER, Doorbell.NEVER);
      return waitUntil - now;
    }
    if (unwritten != null) {
      // Not sent again: what its destination thinks of it is known.
      writeDeadLetter();
      return waiting ? STORAGE_RETRY : 0;
    }
    Batch part;
    try {
      if (head == null) {
        long ripeIn = nanosUntilRipe(now, mark);
        if (ripeIn > 0) {
          if (ripeIn == Long.MAX_VALUE) {
            // What could not be read does not wait any more: it was set aside, or given up.
            health.well(StorageHealth.Duty.READING);
          }
          state = SinkState.IDLE;
          return ripeIn;
        }
        head = books.takeHead().orElse(null);
        if (head == null) {
          return LOOK_AGAIN;
        }
      }
      part = choose();
    } catch (IOException e) {
      storageTrouble(StorageHealth.Duty.READING, "the spool cannot be read: " + e.getMessage());
      return STORAGE_RETRY;
    }
    health.well(StorageHealth.Duty.READING);
    submit(part);
    return waiting ? Math.max(0, waitUntil - time.nanos()) : 0;
  }

  /**
   * Gives up what has waited too long, if the policy says so. Nothing is on its way now.
   *
   * @return whether there is more of it than one turn has time for
   */
  private boolean giveUpOld() {
    Duration maxAge = sink.spool().maxAge();
    if (!ages() || unwritten != null) {
      return false;
    }
    long began = time.nanos();
    try {
      // One at a time, so that nobody waits for a whole backlog to go.
      while (!closed) {
        LaneBooks.Expiry found = books.expire(maxAge);
        if (found == LaneBooks.Expiry.NOTHING) {
          return false;
        }
        if (found == LaneBooks.Expiry.HEAD) {
          head = null;
        }
        if (time.nanos() - began >= EXPIRY_TURN) {
          return true;
        }
      }
    } catch (IOException e) {
      // It stays, and is looked at again with the next step.
      LOG.debug("sink {}: batches that are too old cannot be given up yet", sink.name(), e);
    }
    return false;
  }

  private boolean waits(long now) {
    if (signOfLife) {
      signOfLife = false;
      // Seldom: a player that comes and goes must not turn the back-off into a hammer.
      boolean due = !everEarly || now - lastEarlyTry >= sink.retry().max().toNanos();
      if (waiting && waitMayEnd && due) {
        everEarly = true;
        lastEarlyTry = now;
        waitUntil = now + Math.min(waitUntil - now, jittered(sink.retry().initial().toNanos()));
        keepPause();
      }
    }
    if (waiting && now - waitUntil >= 0) {
      waiting = false;
    }
    return waiting;
  }

  /** Whether what waits is looked at with each event that comes, because it may be too old. */
  private boolean ages() {
    return !sink.spool().maxAge().isZero();
  }

  private long nanosUntilRipe(long now, Doorbell.Mark mark) {
    SpoolStats stats = spool.stats();
    if (stats.batches() > 0) {
      return 0;
    }
    if (stats.openEvents() == 0) {
      bell.wakeAfter(mark, 1, Doorbell.NEVER);
      return Long.MAX_VALUE;
    }
    BatchPolicy batch = sink.batch();
    if (!everSubmitted || batch.isFull(stats.openEvents(), stats.openBytes())) {
      return 0;
    }
    bell.wakeAfter(
        mark,
        ages() ? 1 : batch.maxEvents() - stats.openEvents(),
        batch.maxBytes().bytes() - stats.openBytes());
    return Math.max(0, sink.batch().minInterval().toNanos() - (now - lastSubmission));
  }

  /** What to send now: the next part in order, or a single event to learn from. */
  private Batch choose() throws IOException {
    if (braked) {
      turn = Turn.PROBE;
      Optional<Batch> other = another();
      return other.isPresent() ? other.get() : head.next(1);
    }
    turn = Turn.IN_ORDER;
    Batch part = head.next(sizeLimit.bytes());
    if (part.size() == 1 && head.doubts().wantComparison()) {
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
  private Optional<Batch> another() {
    int before = head.doubts().compare();
    boolean beside = before % 2 == 0;
    Optional<Batch> first = beside ? head.neighbour(before / 2) : behind();
    if (first.isPresent()) {
      return first;
    }
    return beside ? behind() : head.neighbour(before / 2);
  }

  private Optional<Batch> behind() {
    try {
      return books.behind();
    } catch (IOException e) {
      // It only serves to compare: the head goes on without it.
      LOG.debug("sink {}: the batch behind cannot be read", sink.name(), e);
      return Optional.empty();
    }
  }

  private void submit(Batch part) throws InterruptedException {
    // Before the secret is read again, too: whoever takes over must not wait for that either.
    verdictOf.set(Verdict.AWAITED);
    if (refreshFirst) {
      refreshFirst = false;
      refresh();
      if (closed) {
        if (verdictOf.compareAndSet(Verdict.AWAITED, Verdict.OURS)) {
          books.landed();
        }
        return;
      }
    }
    long began = time.nanos();
    everSubmitted = true;
    lastSubmission = began;
    submitting = true;
    state = SinkState.SUBMITTING;
    SubmitResult verdict;
    try {
      Attempt attempt = new Attempt(sink.timeout(), books.waiting(), () -> meanwhile(part));
      verdict = sink.submitter().submit(part, attempt);
      if (verdict == null) {
        throw new IllegalStateException("submit answered null");
      }
    } catch (RuntimeException e) {
      bug("submit", e);
      verdict = Later.because("the submitter failed: " + e);
    } finally {
      submitting = false;
    }
    if (!verdictOf.compareAndSet(Verdict.AWAITED, Verdict.OURS)) {
      // Another delivery has taken over: it sends this again and keeps the books.
      return;
    }
    if (closed && !(verdict instanceof Delivered)) {
      // The attempt was cut short: what it came to says nothing about the destination.
      books.landed();
      return;
    }
    Duration took = Duration.ofNanos(time.nanos() - began);
    submissions.add(verdict);
    SubmitResult told = verdict;
    listeners.tell(listener -> listener.submitted(sink.name(), part, told, took));
    follow(part, verdict);
    books.landed();
    keepPause();
    if (failing && sink.spool().durability() == Durability.ON_FAILURE) {
      persist();
    }
  }

  /** What would otherwise be done when the answer is there; nothing of it changes anything. */
  private void meanwhile(Batch part) {
    if (failing || closed || verdictOf.get() != Verdict.AWAITED) {
      return;
    }
    try {
      listeners.tell(listener -> listener.submitting(sink.name(), part));
      books.readAhead();
    } catch (RuntimeException e) {
      // The answer may be there: nothing here may make it be missed.
      LOG.debug("sink {}: could not read ahead", sink.name(), e);
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
      health.well(StorageHealth.Duty.FORCING);
    } catch (IOException e) {
      health.trouble(
          StorageHealth.Duty.FORCING, "events could not be forced to disk: " + e.getMessage());
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
    if (gentle || (failures > 0 && time.nanos() - failingSince >= OUTAGE)) {
      gentle = false;
      pace = FIRST_PACE;
    }
    failures = 0;
    holds = 0;
    failing = false;
    singlesInARow = 0;
    braked = false;
    sizeLimit.passed(part.bytes());
    if (turn == Turn.COMPARE) {
      head.doubts().otherPassed();
    }
    if (books.delivered(part, turn == Turn.IN_ORDER)) {
      head = null;
    }
    outage.delivered();
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
      head.doubts().otherFailed();
      return;
    }
    switch (later.doubt()) {
      case SIZE, BYTES -> doubt(part, later);
      case NONE -> head.doubts().failedOtherwise();
    }
  }

  /**
   * The size or the bytes of a part may be at fault: halves it, or finds out about a single event.
   */
  private void doubt(Batch part, Later later) {
    if (part.size() == 1) {
      if (head.doubts().failedAlone()) {
        deadLetter(part, later.reason());
      }
    } else if (later.doubt() == Later.Doubt.SIZE
        ? head.doubts().reset()
        : head.doubts().failedTogether()) {
      head.split();
    }
  }

  private long backOff() {
    return sink.retry().waitNanos(failures, chance.getAsDouble());
  }

  private void waitAfter(Later later) {
    Duration asked = later.notBefore().orElse(Duration.ZERO);
    long pause = (asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked).toNanos();
    long initial = sink.retry().initial().toNanos();
    if (pause < initial) {
      // So short a pause, or one that is over, is no leave to hammer; nor is it cut short.
      waitFor(Math.max(pause, backOff()), later.notBefore().isEmpty());
      return;
    }
    // A little beyond what was asked, by chance, so that many devices do not come at once.
    long spread = Math.min(pause / 10, initial);
    waitFor(pause + (long) (chance.getAsDouble() * (double) spread), false);
  }

  private void held(Held held) {
    failed(held.reason());
    holds++;
    if (turn == Turn.IN_ORDER) {
      head.doubts().failedOtherwise();
    } else {
      head.doubts().otherFailed();
    }
    refreshFirst = true;
    state = SinkState.HELD;
    // The first try after a hold comes soon, because the secret is read again before it.
    Duration full = holds == 1 ? sink.retry().initial() : sink.retry().max();
    waitFor(jittered(full.toNanos()), false);
  }

  private void tooLarge(Batch part, TooLarge verdict) {
    if (part.size() == 1) {
      badSingle(part, verdict.reason());
    } else {
      sizeLimit.tooLarge(part.bytes());
      head.recut();
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
      deadLetter(part, reason);
      return;
    }
    if (turn == Turn.COMPARE) {
      // It is judged when its turn comes, and says nothing about the one it was compared with.
      head.doubts().otherFailed();
      failed(reason);
      state = SinkState.BACKING_OFF;
      waitFor(backOff(), false);
      return;
    }
    braked = true;
    failed(
        new Reason(
            "the destination rejects everything; nothing more is given up until it takes an event;"
                + " last: "
                + reason.text(),
            reason.status(),
            reason.answer()));
    refreshFirst = true;
    state = SinkState.BRAKED;
    waitFor(jittered(sink.retry().max().toNanos()), false);
  }

  private void deadLetter(Batch part, Reason reason) {
    singlesInARow++;
    unwritten = new DeadLetter(time.now(), part.id(), reason, part.events().get(0));
    unwrittenPart = part;
    writeDeadLetter();
  }

  private void writeDeadLetter() {
    DeadLetter letter = unwritten;
    try {
      watch.during(
          "keep a dead letter",
          () -> {
            deadLetters.put(letter);
            return null;
          });
    } catch (IOException e) {
      storageTrouble(
          StorageHealth.Duty.DEAD_LETTERS, "a dead letter cannot be written: " + e.getMessage());
      return;
    }
    health.well(StorageHealth.Duty.DEAD_LETTERS);
    unwritten = null;
    if (books.dead(unwrittenPart)) {
      head = null;
    }
    unwrittenPart = null;
    long count = deadSeldom.due();
    if (count > 0) {
      LOG.warn(
          "sink {}: event {} is a dead letter: {}{}",
          sink.name(),
          letter.event().uuid(),
          letter.reason().text(),
          count > 1 ? "; " + (count - 1) + " more since the last word" : "");
    }
    listeners.tell(listener -> listener.dead(sink.name(), letter));
  }

  private void storageTrouble(StorageHealth.Duty duty, String what) {
    health.trouble(duty, what);
    state = SinkState.STORAGE_TROUBLE;
    waitFor(STORAGE_RETRY, false);
  }

  private void failed(Reason reason) {
    failures++;
    if (!failing) {
      failingSince = time.nanos();
    }
    failing = true;
    // A drain that had begun gently begins so again.
    gentle |= pace > 0;
    pace = 0;
    outage.failed(reason.text(), books.waiting());
  }

  private void waitFor(long nanos, boolean mayEnd) {
    waiting = true;
    waitMayEnd = mayEnd;
    waitUntil = time.nanos() + nanos;
  }

  /** The next submission does not begin before the policy's pause is over. */
  private void keepPause() {
    long until = lastSubmission + sink.batch().minPause().toNanos();
    if (until - (waiting ? waitUntil : time.nanos()) > 0) {
      waitMayEnd &= waiting;
      waiting = true;
      waitUntil = until;
    }
  }

  private long jittered(long nanos) {
    return (long) ((double) nanos * (1 - sink.retry().jitter() * chance.getAsDouble()));
  }

  // ---- from other threads

  /** Starts no submission any more. */
  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Gives the submission in flight up, if there is one: it books nothing any more.
   *
   * @return {@code false} if the sink's thread is about something else, and ends by itself
   */
  boolean giveUp() {
    if (verdictOf.compareAndSet(Verdict.AWAITED, Verdict.GIVEN_UP)) {
      books.landed();
      return true;
    }
    return verdictOf.get() == Verdict.GIVEN_UP;
  }

  /** Something came to life outside: a back-off of our own choice may end early, once. */
  void signOfLife() {
    signOfLife = failing;
  }

  /** Whether the last attempt failed. */
  boolean isFailing() {
    return failing;
  }

  SinkState state() {
    return closed && !submitting ? SinkState.STOPPED : state;
  }
}
