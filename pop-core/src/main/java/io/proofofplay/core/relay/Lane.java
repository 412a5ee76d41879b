package io.proofofplay.core.relay;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropReason;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sink inside: filter, spool, delivery loop, submitter.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>An event leaves the spool only when it was delivered, became a dead letter, or was put in
 *       the drop ledger; each of these is counted under the same lock as the removal.
 *   <li>One batch is in flight at a time, and it is never evicted.
 *   <li>Only a {@link Rejected} or {@link TooLarge} single event, or a single event whose bytes are
 *       in doubt while others pass, becomes a dead letter; never more than {@link #BRAKE_AFTER} of
 *       them without a delivery between.
 *   <li>No submission and no callback happens under the lock.
 * </ul>
 *
 * <p>Sources call {@link #keep}, {@link #keepSome} and {@link #awaitRoom} from any thread; {@link
 * #runOnce} belongs to the sink's thread, {@link #chores} to the relay's.
 */
final class Lane {

  /** Single events given up in a row, without a delivery between, before the sink is held. */
  static final int BRAKE_AFTER = 10;

  /** Failures of one part with its bytes in doubt before it is split. */
  private static final int SPLIT_AFTER_BYTE_DOUBTS = 5;

  /** The same once the batch was split before: the doubt is older then. */
  private static final int SPLIT_AGAIN_AFTER_BYTE_DOUBTS = 2;

  /** Failures of a single event with its bytes in doubt before another event is tried. */
  private static final int COMPARE_AFTER_BYTE_DOUBTS = 3;

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

  /** How often room on a full disk is looked for: nobody tells when somebody else makes some. */
  private static final long LOOK_FOR_ROOM = Duration.ofMillis(200).toNanos();

  /** How soon to look again when a batch that was announced could not be had. */
  private static final long LOOK_AGAIN = Duration.ofMillis(10).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /** Why a part is sent now. */
  private enum Turn {
    /** It is the next one in order. */
    IN_ORDER,
    /** To see whether the destination takes another event than the one that is in doubt. */
    COMPARE,
    /** To see whether the destination takes any event again. */
    PROBE
  }

  /** What became of events at a lane's door. */
  enum Keep {
    KEPT,
    FULL,
    CLOSED
  }

  private final Sink sink;
  private final Spool spool;
  private final DeadLetters deadLetters;
  private final DropBook drops;
  private final TimeSource time;
  private final DoubleSupplier chance;
  private final Listeners listeners;
  private final Signal signal = new Signal();
  private final Outage outage;
  private final Seldom deadSeldom;
  private final Seldom storageSeldom;
  private final Seldom roomSeldom;

  /** Guards the removal of events together with the counts of it, and the wait for room. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition room = lock.newCondition();

  // Guarded by the lock.
  private Head head;
  private BitSet doneAhead = new BitSet();
  private BatchId aheadId;
  private int aheadFrom;
  private long delivered;
  private long dead;
  private long evicted;
  private long damaged;
  private long givenUpAtTheDoor;
  private long removals;
  private boolean released;
  private final Map<String, Long> submissions = new TreeMap<>();
  private Optional<Reason> lastAnswer = Optional.empty();
  private Optional<Instant> lastAttempt = Optional.empty();
  private Optional<Instant> lastDelivery = Optional.empty();
  private long bugs;

  // Written by one thread, read by others.
  private volatile boolean closed;
  private volatile boolean storing = true;
  private volatile SinkState state = SinkState.IDLE;
  private volatile boolean failing;
  private volatile boolean submitting;
  private volatile long submittingSince;
  private volatile boolean signOfLife;
  private volatile boolean waitedInVain;

  // Touched by the sink's thread alone.
  private boolean everSubmitted;
  private long lastSubmission;
  private boolean waiting;
  private long waitUntil;
  private boolean waitMayEnd;
  private int failures;
  private boolean refreshFirst;
  private long pace;
  private long sizeLimit = Long.MAX_VALUE;
  private long sizeLimitUntil;
  private int singlesInARow;
  private boolean braked;
  private boolean compareBehind;
  private Turn turn = Turn.IN_ORDER;

  // Touched by the relay's thread alone.
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
    this.chance = chance;
    this.listeners = listeners;
    outage = new Outage(sink.name(), time, LOG);
    deadSeldom = new Seldom(time);
    storageSeldom = new Seldom(time);
    roomSeldom = new Seldom(time);
    lastSync = time.nanos();
  }

  String name() {
    return sink.name();
  }

  // ---- the door: called from the sources' threads

  /** The events of these that this sink wants. */
  List<PopEvent> wanted(List<PopEvent> events) {
    if (sink.filter() == Sink.EVERY) {
      return events;
    }
    List<PopEvent> wanted = new ArrayList<>(events.size());
    for (PopEvent event : events) {
      if (sink.filter().test(event)) {
        wanted.add(event);
      }
    }
    return wanted;
  }

  /**
   * Puts events into the spool without waiting for room, under the policies that need no wait. They
   * are kept when {@link #settle} has returned {@code true} as well.
   */
  Keep keep(List<PopEvent> wanted) {
    if (closed) {
      return Keep.CLOSED;
    }
    if (wanted.isEmpty()) {
      return Keep.KEPT;
    }
    Spool.Append answer = spool.append(wanted);
    if (answer != Spool.Append.KEPT && sink.spool().whenFull() == WhenFull.DROP_OLDEST) {
      answer = keepInsteadOfOldest(wanted, answer);
    }
    if (answer == Spool.Append.KEPT) {
      stored();
      return Keep.KEPT;
    }
    if (answer == Spool.Append.NO_SPACE) {
      storageTrouble("the disk has no room for new events, or does not take them");
    }
    if (sink.spool().whenFull() == WhenFull.DROP_NEWEST) {
      giveUp(
          wanted, answer == Spool.Append.NO_SPACE ? DropReason.NO_SPACE : DropReason.FULL_NEWEST);
      return Keep.KEPT;
    }
    return Keep.FULL;
  }

  /**
   * Makes kept events durable if the policy says so. {@code false}: they are not kept after all.
   */
  boolean settle() {
    if (sink.spool().durability() == Durability.WRITE_AHEAD) {
      try {
        spool.sync();
      } catch (IOException e) {
        storageTrouble("events could not be forced to disk: " + e.getMessage());
        return false;
      }
    }
    signal.raise();
    return true;
  }

  private Spool.Append keepInsteadOfOldest(List<PopEvent> wanted, Spool.Append first) {
    Spool.Append answer = first;
    while (answer != Spool.Append.KEPT) {
      List<Drop> dropped = new ArrayList<>();
      lock.lock();
      try {
        Optional<Batch> oldest =
            spool.evict(Optional.ofNullable(head).map(current -> current.batch().id()));
        noticeDamage(dropped);
        if (oldest.isEmpty()) {
          return answer;
        }
        evict(oldest.get(), dropped);
      } catch (IOException e) {
        storageTrouble("the oldest events could not be taken out: " + e.getMessage());
        return answer;
      } finally {
        lock.unlock();
        tellDrops(dropped);
      }
      answer = spool.append(wanted);
    }
    return answer;
  }

  /** Books a batch that was taken out to make room. Called under the lock. */
  private void evict(Batch oldest, List<Drop> dropped) {
    List<PopEvent> lost = oldest.events();
    if (oldest.id().whole().equals(aheadId)) {
      lost = new ArrayList<>();
      for (int i = 0; i < oldest.size(); i++) {
        if (!doneAhead.get(i)) {
          lost.add(oldest.events().get(i));
        }
      }
      forgetAhead();
    }
    evicted += lost.size();
    if (!lost.isEmpty()) {
      Drop drop = Drop.of(time.now(), DropReason.FULL_OLDEST, lost);
      drops.count(drop);
      dropped.add(drop);
    }
  }

  /**
   * Waits for room under {@link WhenFull#BLOCK}, once: having waited in vain, it does not wait
   * again until something was removed.
   *
   * @return whether it is worth another try
   */
  boolean awaitRoom(long until) throws InterruptedException {
    lock.lock();
    try {
      if (waitedInVain || sink.spool().whenFull() != WhenFull.BLOCK) {
        return false;
      }
      long seen = removals;
      long left = until - time.nanos();
      if (closed || left <= 0) {
        waitedInVain = !closed;
        if (waitedInVain && roomSeldom.due() > 0) {
          LOG.warn(
              "sink {}: has no room, and none came in {}; refuses the newest events until there is"
                  + " room again",
              name(),
              Spans.text(sink.spool().maxBlock()));
        }
        return closed;
      }
      while (!closed && removals == seen && left > 0) {
        time.await(room, Math.min(left, LOOK_FOR_ROOM));
        left = until - time.nanos();
        if (!storing) {
          // A disk that was full says nothing when it has room again: try.
          break;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  Duration maxBlock() {
    return sink.spool().maxBlock();
  }

  /** Keeps as many as there is room for, in order, and gives up the others. */
  Keep keepSome(List<PopEvent> wanted) {
    if (closed) {
      return Keep.CLOSED;
    }
    if (wanted.isEmpty() || (keep(wanted) == Keep.KEPT && settle())) {
      return Keep.KEPT;
    }
    int kept = 0;
    while (kept < wanted.size()
        && spool.append(wanted.subList(kept, kept + 1)) == Spool.Append.KEPT
        && settle()) {
      kept++;
    }
    if (kept < wanted.size()) {
      giveUp(
          wanted.subList(kept, wanted.size()),
          storing ? DropReason.FULL_BLOCKED : DropReason.NO_SPACE);
    }
    return Keep.KEPT;
  }

  private void giveUp(List<PopEvent> events, DropReason reason) {
    Drop drop = Drop.of(time.now(), reason, events);
    lock.lock();
    try {
      givenUpAtTheDoor += events.size();
      drops.count(drop);
    } finally {
      lock.unlock();
    }
    tellDrops(List.of(drop));
  }

  private void stored() {
    if (!storing) {
      storing = true;
      // The room was not made by a delivery: somebody freed the disk.
      waitedInVain = false;
      LOG.info("sink {}: events can be kept again", name());
    }
  }

  private void storageTrouble(String what) {
    if (storing || storageSeldom.due() > 0) {
      LOG.error("sink {}: {}; tries again by itself", name(), what);
    }
    storing = false;
  }

  // ---- the delivery loop: the sink's thread

  /** Runs until the lane is closed. */
  void run() throws InterruptedException {
    while (!closed) {
      signal.await(time, runOnce());
    }
    state = SinkState.STOPPED;
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
    if (signOfLife) {
      signOfLife = false;
      if (waiting && waitMayEnd) {
        waitUntil = Math.min(waitUntil, now + jittered(sink.retry().initial().toNanos()));
      }
    }
    if (waiting) {
      if (now - waitUntil < 0) {
        return waitUntil - now;
      }
      waiting = false;
    }
    Batch part;
    try {
      if (head == null) {
        long ripeIn = nanosUntilRipe(now);
        if (ripeIn > 0) {
          state = SinkState.IDLE;
          return ripeIn;
        }
        if (!takeHead()) {
          return LOOK_AGAIN;
        }
      }
      if (!drops.flush() && !storing) {
        storageTrouble("the drop ledger cannot be written");
      }
      part = choose(now);
    } catch (IOException e) {
      storageTrouble("the spool cannot be read: " + e.getMessage());
      state = SinkState.STORAGE_TROUBLE;
      waitFor(STORAGE_RETRY, false);
      return STORAGE_RETRY;
    }
    submit(part);
    return waiting ? Math.max(0, waitUntil - time.nanos()) : 0;
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

  /** Makes the oldest batch the head. {@code false}: there is nothing, or only damage was found. */
  private boolean takeHead() throws IOException {
    List<Drop> dropped = new ArrayList<>();
    lock.lock();
    try {
      Optional<Batch> oldest = spool.peek();
      if (oldest.isEmpty() && spool.roll()) {
        oldest = spool.peek();
      }
      noticeDamage(dropped);
      if (oldest.isEmpty()) {
        return false;
      }
      Batch batch = oldest.get();
      boolean ahead = batch.id().whole().equals(aheadId);
      head = new Head(batch, ahead ? doneAhead : new BitSet());
      if (ahead) {
        forgetAhead();
      }
      return true;
    } finally {
      lock.unlock();
      tellDrops(dropped);
    }
  }

  /** Books events that were counted as waiting and turned out to be unreadable. Under the lock. */
  private void noticeDamage(List<Drop> dropped) {
    long lost = spool.stats().damaged() - damaged;
    if (lost > 0) {
      damaged += lost;
      Drop drop = Drop.unreadable(time.now(), DropReason.DAMAGED, lost);
      drops.count(drop);
      dropped.add(drop);
    }
  }

  private void tellDrops(List<Drop> dropped) {
    for (Drop drop : dropped) {
      drops.write(drop);
      listeners.tell(listener -> listener.dropped(name(), drop));
    }
  }

  /** What to send next: the next part in order, or a single event that is compared with it. */
  private Batch choose(long now) throws IOException {
    if (sizeLimit != Long.MAX_VALUE && now - sizeLimitUntil >= 0) {
      sizeLimit = sizeLimit > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : sizeLimit * 2;
      sizeLimitUntil = now + REMEMBER_SIZE;
      if (sizeLimit >= sink.batch().maxBytes().bytes()) {
        sizeLimit = Long.MAX_VALUE;
      }
    }
    if (braked) {
      turn = Turn.PROBE;
      return neighbour().orElseGet(() -> head.next(1));
    }
    Batch part = head.next(sizeLimit);
    turn = Turn.IN_ORDER;
    if (part.size() == 1
        && head.byteDoubts >= COMPARE_AFTER_BYTE_DOUBTS
        && !head.neighbourAccepted) {
      Optional<Batch> other = neighbour();
      if (other.isPresent()) {
        turn = Turn.COMPARE;
        return other.get();
      }
    }
    return part;
  }

  /**
   * Another event than the first, to see whether the destination takes that one: by turns one of
   * the head's and the first one of the batch behind it.
   */
  private Optional<Batch> neighbour() throws IOException {
    compareBehind = !compareBehind;
    if (compareBehind) {
      Optional<Batch> behind = behind();
      if (behind.isPresent()) {
        return behind;
      }
    }
    Optional<Batch> beside = head.neighbour();
    return beside.isPresent() || compareBehind ? beside : behind();
  }

  private Optional<Batch> behind() throws IOException {
    List<Drop> dropped = new ArrayList<>();
    lock.lock();
    try {
      BatchId first = head.batch().id();
      Optional<Batch> second = spool.peekBehind(first);
      if (second.isEmpty() && spool.roll()) {
        second = spool.peekBehind(first);
      }
      noticeDamage(dropped);
      if (second.isEmpty()) {
        return Optional.empty();
      }
      Batch batch = second.get();
      if (!batch.id().whole().equals(aheadId)) {
        forgetAhead();
        aheadId = batch.id().whole();
        aheadFrom = batch.id().from();
      }
      int at = doneAhead.nextClearBit(0);
      return at < batch.size() ? Optional.of(batch.part(at, at + 1)) : Optional.empty();
    } finally {
      lock.unlock();
      tellDrops(dropped);
    }
  }

  private void forgetAhead() {
    aheadId = null;
    doneAhead = new BitSet();
  }

  private void submit(Batch part) throws InterruptedException {
    if (refreshFirst) {
      refreshFirst = false;
      try {
        sink.submitter().refresh();
      } catch (RuntimeException e) {
        bug("refresh", e);
      }
    }
    long began = time.nanos();
    everSubmitted = true;
    lastSubmission = began;
    submittingSince = began;
    submitting = true;
    state = SinkState.SUBMITTING;
    SubmitResult result;
    try {
      result = sink.submitter().submit(part, new Attempt(sink.timeout(), waitingEvents()));
      if (result == null) {
        throw new IllegalStateException("submit answered null");
      }
    } catch (RuntimeException e) {
      bug("submit", e);
      result = Later.because("the submitter failed: " + e);
    } finally {
      submitting = false;
    }
    if (closed && !(result instanceof Delivered)) {
      // The attempt was cut short: what it came to says nothing about the destination.
      return;
    }
    Duration took = Duration.ofNanos(time.nanos() - began);
    SubmitResult verdict = result;
    note(verdict);
    listeners.tell(listener -> listener.submitted(name(), part, verdict, took));
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
    if (failing && sink.spool().durability() == Durability.ON_FAILURE) {
      sync();
    }
  }

  private void bug(String call, RuntimeException e) {
    lock.lock();
    try {
      bugs++;
    } finally {
      lock.unlock();
    }
    if (storageSeldom.due() > 0) {
      LOG.error(
          "sink {}: {} threw, which it must not; treated as a failed attempt", name(), call, e);
    }
  }

  private void note(SubmitResult result) {
    lock.lock();
    try {
      submissions.merge(verdict(result), 1L, Long::sum);
      lastAnswer = Optional.of(result.reason());
      lastAttempt = Optional.of(time.now());
      if (result instanceof Delivered) {
        lastDelivery = lastAttempt;
      }
    } finally {
      lock.unlock();
    }
  }

  private static String verdict(SubmitResult result) {
    return result instanceof TooLarge
        ? "too-large"
        : result.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  // ---- the verdicts

  private void delivered(Batch part) {
    boolean wasOutage = failures >= OUTAGE_AFTER;
    failures = 0;
    failing = false;
    singlesInARow = 0;
    braked = false;
    head.neighbourAccepted = turn == Turn.COMPARE;
    finish(part, () -> delivered += part.size());
    outage.over(waitingEvents());
    if (wasOutage) {
      pace = FIRST_PACE;
    }
    if (pace >= LAST_PACE) {
      waitFor(jittered(pace), false);
      pace /= 2;
    } else {
      pace = 0;
    }
  }

  private void later(Batch part, Later later) {
    failed(later.reason());
    boolean split = false;
    if (turn != Turn.IN_ORDER) {
      // Both fail: it is not this event. Back to the one whose turn it is.
      head.byteDoubts = COMPARE_AFTER_BYTE_DOUBTS - 1;
      head.neighbourAccepted = false;
    } else {
      switch (later.doubt()) {
        case SIZE -> {
          head.sizeDoubts++;
          split = part.size() > 1 && head.sizeDoubts >= SPLIT_AFTER_SIZE_DOUBTS;
        }
        case BYTES -> {
          if (part.size() == 1 && head.neighbourAccepted) {
            deadLetter(part, later.reason());
            waitFor(jittered(sink.retry().initial().toNanos()), true);
            return;
          }
          head.byteDoubts++;
          split =
              part.size() > 1
                  && head.byteDoubts
                      >= (head.suspected ? SPLIT_AGAIN_AFTER_BYTE_DOUBTS : SPLIT_AFTER_BYTE_DOUBTS);
          head.suspected |= split;
        }
        case NONE -> head.neighbourAccepted = false;
      }
    }
    if (split) {
      head.split();
    }
    state = braked ? SinkState.BRAKED : SinkState.BACKING_OFF;
    long backOff = sink.retry().waitNanos(failures, chance.getAsDouble());
    if (later.notBefore().isPresent()) {
      long asked = later.notBefore().get().toNanos();
      long least = jittered(sink.retry().initial().toNanos());
      // A little beyond what was asked, by chance, so that many devices do not come at once.
      long spread = (long) (chance.getAsDouble() * (double) Math.min(asked / 10, least));
      waitFor(Math.max(asked, least) + spread, false);
    } else {
      waitFor(backOff, true);
    }
  }

  private void held(Held held) {
    failed(held.reason());
    refreshFirst = true;
    state = SinkState.HELD;
    // The first try after a hold comes soon, because the secret is read again before it.
    long wait =
        failures == 1
            ? jittered(sink.retry().initial().toNanos())
            : jittered(sink.retry().max().toNanos());
    waitFor(wait, true);
  }

  private void tooLarge(Batch part, TooLarge verdict) {
    if (part.size() == 1) {
      badSingle(part, verdict.reason());
      return;
    }
    sizeLimit = Math.max(1, part.bytes() / 2);
    sizeLimitUntil = time.nanos() + REMEMBER_SIZE;
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
    if (turn != Turn.IN_ORDER) {
      // Sent out of its turn, to compare: it will be judged when its turn comes.
      failed(reason);
      state = braked ? SinkState.BRAKED : SinkState.BACKING_OFF;
      waitFor(
          jittered(braked ? sink.retry().max().toNanos() : sink.retry().initial().toNanos()), true);
      return;
    }
    if (singlesInARow >= BRAKE_AFTER) {
      brake(reason);
      return;
    }
    if (deadLetter(part, reason)) {
      singlesInARow++;
      if (singlesInARow >= BRAKE_AFTER) {
        LOG.warn(
            "sink {}: {} events in a row became dead letters; the next one that is rejected holds"
                + " the sink",
            name(),
            singlesInARow);
      }
    }
  }

  private void brake(Reason reason) {
    braked = true;
    failed(
        new Reason(
            "the destination rejects everything ("
                + BRAKE_AFTER
                + " events in a row, last: "
                + reason.text()
                + "); nothing more is given up until it takes an event",
            reason.status(),
            reason.answer()));
    state = SinkState.BRAKED;
    waitFor(jittered(sink.retry().max().toNanos()), true);
  }

  private boolean deadLetter(Batch part, Reason reason) {
    PopEvent event = part.events().get(0);
    DeadLetter letter = new DeadLetter(time.now(), part.id(), reason, event);
    try {
      deadLetters.put(letter);
    } catch (IOException e) {
      storageTrouble("a dead letter cannot be written: " + e.getMessage());
      state = SinkState.STORAGE_TROUBLE;
      waitFor(STORAGE_RETRY, false);
      return false;
    }
    finish(part, () -> dead++);
    long count = deadSeldom.due();
    if (count > 0) {
      LOG.warn(
          "sink {}: event {} is a dead letter: {}{}",
          name(),
          event.uuid(),
          reason.text(),
          count > 1 ? "; " + (count - 1) + " more in the last minute" : "");
    }
    listeners.tell(listener -> listener.dead(name(), letter));
    return true;
  }

  /** Takes a part off the spool, together with its booking. */
  private void finish(Batch part, Runnable booking) {
    lock.lock();
    try {
      if (released) {
        // Too late: the spool keeps it, and sends it again after the next start.
        return;
      }
      if (part.id().whole().equals(head.batch().id().whole())) {
        if (turn == Turn.IN_ORDER) {
          head.finish(part);
        } else {
          head.finishAhead(part);
        }
        head.finishedFront().ifPresent(front -> spool.remove(front.id()));
        if (head.isDone()) {
          head = null;
        }
      } else {
        int at = part.id().from() - aheadFrom;
        doneAhead.set(at, at + part.size());
      }
      booking.run();
      removals++;
      waitedInVain = false;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void failed(Reason reason) {
    failures++;
    failing = true;
    pace = 0;
    outage.failed(reason.text(), waitingEvents());
  }

  private void waitFor(long nanos, boolean mayEnd) {
    waiting = true;
    waitMayEnd = mayEnd;
    waitUntil = time.nanos() + nanos;
  }

  private long jittered(long nanos) {
    return (long) ((double) nanos * (1 - sink.retry().jitter() * chance.getAsDouble()));
  }

  // ---- from the relay's thread and from outside

  /**
   * What has to be done although nothing happens: forcing by the interval, saying that an outage
   * goes on, writing what the ledger did not take.
   *
   * @return nanoseconds until the next call makes sense
   */
  long chores() {
    if (closed) {
      return Long.MAX_VALUE;
    }
    long now = time.nanos();
    outage.remind(waitingEvents());
    drops.flush();
    boolean due =
        switch (sink.spool().durability()) {
          case WRITE_AHEAD -> false;
          case INTERVAL -> true;
          case ON_FAILURE ->
              failing
                  || (submitting && now - submittingSince > sink.batch().minInterval().toNanos());
        };
    long interval = sink.spool().interval().toNanos();
    if (due && now - lastSync >= interval) {
      sync();
      lastSync = now;
    }
    return sink.spool().durability() == Durability.WRITE_AHEAD
        ? Duration.ofSeconds(1).toNanos()
        : Math.min(interval, Duration.ofSeconds(1).toNanos());
  }

  private void sync() {
    try {
      spool.sync();
      stored();
    } catch (IOException e) {
      storageTrouble("events could not be forced to disk: " + e.getMessage());
    }
  }

  /** Something came to life outside: a back-off of our own choice may end early. */
  void signOfLife() {
    if (failing) {
      signOfLife = true;
      signal.raise();
    }
  }

  /** Takes nothing any more and starts no submission; whoever waits is let go. */
  void close() {
    closed = true;
    lock.lock();
    try {
      room.signalAll();
    } finally {
      lock.unlock();
    }
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
    lock.lock();
    try {
      released = true;
    } finally {
      lock.unlock();
    }
    state = SinkState.STOPPED;
    drops.flush();
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

  private long waitingEvents() {
    return Math.max(0, spool.stats().events() - holes());
  }

  private long holes() {
    lock.lock();
    try {
      return (head == null ? 0L : head.holes()) + doneAhead.cardinality();
    } finally {
      lock.unlock();
    }
  }

  SinkStats stats() {
    List<Drop> dropped = new ArrayList<>();
    lock.lock();
    try {
      noticeDamage(dropped);
      SpoolStats kept = spool.stats();
      long holes = holes();
      long waitingNow = kept.events() - holes;
      long accepted = kept.appended() - kept.withdrawn() + givenUpAtTheDoor;
      long droppedHere = givenUpAtTheDoor + evicted + kept.damaged();
      Instant now = time.now();
      return new SinkStats(
          state,
          outage.isOn() ? Optional.of(outage.problem()) : Optional.empty(),
          storing,
          kept.recovered(),
          accepted,
          delivered,
          waitingNow,
          dead,
          drops.counts(),
          kept.oldest()
              .filter(oldest -> waitingNow > 0)
              .map(oldest -> Duration.between(oldest, now))
              .map(age -> age.isNegative() ? Duration.ZERO : age),
          kept.bytes(),
          submissions,
          lastAnswer,
          lastAttempt,
          lastDelivery,
          bugs,
          kept.recovered() + accepted - delivered - waitingNow - dead - droppedHere);
    } finally {
      lock.unlock();
      tellDrops(dropped);
    }
  }
}
