package io.proofofplay.core.relay;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What leaves a sink's spool, and the counts of it.
 *
 * <p>Invariant: an event leaves the spool only when it was delivered, became a dead letter or was
 * given up, and is counted as that under the same lock; so the books balance at every moment. The
 * batch that is being sent is never taken out to make room.
 *
 * <p>Thread-safe. Nothing is called back under the lock.
 */
final class LaneBooks {

  /** What was given up for its age. */
  enum Expiry {
    NOTHING,
    /** The batch that is tried. */
    HEAD,
    /** A batch that was not looked at yet. */
    BATCH
  }

  /**
   * The counts of one moment.
   *
   * @param kept the spool's own
   * @param accepted what came in, that given up at the door included
   * @param delivered what was confirmed
   * @param waiting what is still to be delivered
   * @param dead what became dead letters
   * @param dropped what was given up, by reason
   * @param oldestAge how long the oldest waiting event has waited, or at least what could not be
   *     read and counted yet; empty if nothing waits
   */
  record Balance(
      SpoolStats kept,
      long accepted,
      long delivered,
      long waiting,
      long dead,
      Map<DropReason, Long> dropped,
      Optional<Duration> oldestAge) {

    long imbalance() {
      long lost = dropped.values().stream().mapToLong(Long::longValue).sum();
      return kept.recovered() + accepted - delivered - waiting - dead - lost;
    }
  }

  /** The part of the longest age that one batch may span. */
  private static final int SPANS = 4;

  private static final String WRITING = "write down what is given up";

  private static final Logger LOG = LoggerFactory.getLogger(LaneBooks.class);

  private final Spool spool;
  private final DropBook drops;
  private final StorageWatch watch;
  private final TimeSource time;
  private final long openedAt;
  private final Instant openedWall;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition removed = lock.newCondition();

  // Guarded by the lock.
  private final Arrivals arrivals = new Arrivals();
  private Head head;
  private long headSince;
  private BatchId aheadId;
  private int aheadFrom;
  private int aheadSize;
  private BitSet doneAhead = new BitSet();
  private boolean aheadInFlight;
  private long delivered;
  private long dead;
  private long damaged;
  private long givenUpAtTheDoor;

  /** The batch whose loss was written down last, lest a removal that failed write it twice. */
  private BatchId writtenAhead;

  private long removals;
  private boolean closed;
  private boolean released;

  /** Written under the lock, so that none takes the place of a later one. */
  private volatile Balance last;

  LaneBooks(Spool spool, DropBook drops, StorageWatch watch, TimeSource time) {
    this.spool = spool;
    this.drops = drops;
    this.watch = watch;
    this.time = time;
    openedAt = time.nanos();
    openedWall = time.now();
    sample();
    balance();
  }

  /** Takes note of how many events have come by now. To be called about every second. */
  void sample() {
    lock.lock();
    try {
      SpoolStats stats = spool.stats();
      arrivals.sample(time.nanos(), came(stats), gone(stats));
    } finally {
      lock.unlock();
    }
  }

  /** What came for good: what a force that fails takes out again has not come. */
  private static long came(SpoolStats stats) {
    return stats.recovered() + stats.appended() - stats.withdrawn() - stats.unconfirmed();
  }

  private static long gone(SpoolStats stats) {
    return came(stats) - confirmed(stats);
  }

  private static long confirmed(SpoolStats stats) {
    return stats.events() - stats.unconfirmed();
  }

  /**
   * The oldest batch, sealing the open one if there is no other; empty if there is none. One that
   * was taken before is planned afresh, without what is done with of it.
   */
  Optional<Head> takeHead() throws IOException {
    List<Drop> dropped = new ArrayList<>();
    lock.lock();
    try {
      if (head != null) {
        head = head.afresh();
        return Optional.of(head);
      }
      while (true) {
        Optional<Batch> oldest = spool.peek();
        if (oldest.isEmpty() && spool.roll()) {
          oldest = spool.peek();
        }
        noticeDamage(dropped);
        if (oldest.isEmpty()) {
          return Optional.empty();
        }
        Batch batch = oldest.get();
        head = new Head(batch, doneOf(batch));
        headSince = time.nanos();
        if (!head.isDone()) {
          return Optional.of(head);
        }
        // All of it was delivered while it was behind another one.
        spool.remove(batch.id());
        head = null;
      }
    } finally {
      lock.unlock();
      write(dropped);
    }
  }

  /** What is done with of a batch that was looked at while it was behind another one. */
  private BitSet doneOf(Batch batch) {
    BitSet done = doneAhead;
    if (!batch.id().whole().equals(aheadId)) {
      return new BitSet();
    }
    forgetAhead();
    return done;
  }

  /** The first event of the batch behind the head that is not done with, sealing one for it. */
  Optional<Batch> behind() throws IOException {
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
        aheadSize = batch.size();
      }
      int at = doneAhead.nextClearBit(0);
      aheadInFlight = at < batch.size();
      return aheadInFlight ? Optional.of(batch.part(at, at + 1)) : Optional.empty();
    } finally {
      lock.unlock();
      write(dropped);
    }
  }

  /** What was sent has been answered and booked. */
  void landed() {
    lock.lock();
    try {
      aheadInFlight = false;
    } finally {
      lock.unlock();
    }
  }

  private void forgetAhead() {
    aheadId = null;
    doneAhead = new BitSet();
  }

  /**
   * Books a part as delivered and takes it off the spool.
   *
   * @param inOrder whether it was the head's next part, or sent out of its turn
   * @return whether the head is used up
   */
  boolean delivered(Batch part, boolean inOrder) {
    return finish(part, inOrder, () -> delivered += part.size());
  }

  /** Books a single event, the head's next part, as a dead letter and takes it off the spool. */
  boolean dead(Batch part) {
    return finish(part, true, () -> dead++);
  }

  private boolean finish(Batch part, boolean inOrder, Runnable booking) {
    lock.lock();
    try {
      if (released) {
        // Too late: the spool keeps it, and it is sent again after the next start.
        return true;
      }
      if (part.id().whole().equals(head.batch().id().whole())) {
        if (inOrder) {
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
        takeOutWhatIsDoneAhead();
      }
      booking.run();
      removals++;
      removed.signalAll();
      return head == null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the batch behind the head out of the spool once all of it is delivered, so that the one
   * behind that can be compared with next. Under the lock.
   */
  private void takeOutWhatIsDoneAhead() {
    if (doneAhead.cardinality() < aheadSize) {
      return;
    }
    try {
      Optional<Batch> out = spool.evict(Optional.of(head.batch().id()));
      if (out.isPresent() && out.get().id().whole().equals(aheadId)) {
        forgetAhead();
      } else if (out.isPresent()) {
        throw new IllegalStateException(
            "the spool took out " + out.get().id() + " where " + aheadId + " is the next");
      }
    } catch (IOException e) {
      // It stays, known as done, and leaves the spool when its turn comes.
      LOG.debug("batch {} cannot be taken out yet", aheadId, e);
    }
  }

  /** Gives up the oldest batch that is not being sent. {@code false}: there is none. */
  boolean evictOldest() throws IOException {
    List<Drop> dropped = new ArrayList<>();
    List<Drop> written = new ArrayList<>();
    lock.lock();
    try {
      if (released || aheadInFlight) {
        // Two batches are spoken for while one behind the head is on its way.
        return false;
      }
      Optional<BatchId> inFlight = Optional.ofNullable(head).map(current -> current.batch().id());
      Optional<Batch> next = nextToEvict(inFlight);
      noticeDamage(dropped);
      if (next.isEmpty()) {
        return false;
      }
      Optional<Drop> drop =
          writeAhead(next.get(), DropReason.FULL_OLDEST, notDoneAhead(next.get()));
      Optional<Batch> oldest = spool.evict(inFlight);
      noticeDamage(dropped);
      if (oldest.isEmpty()) {
        return false;
      }
      if (oldest.get().id().equals(next.get().id())) {
        drop.ifPresent(one -> written.add(counted(one)));
      } else {
        // Damage on the disk has put another one into its place.
        dropOf(DropReason.FULL_OLDEST, notDoneAhead(oldest.get()))
            .ifPresent(one -> dropped.add(counted(one)));
      }
      if (oldest.get().id().whole().equals(aheadId)) {
        forgetAhead();
      }
      removals++;
      return true;
    } finally {
      lock.unlock();
      write(dropped);
      drops.tell(written);
    }
  }

  /** The batch that the spool takes out next, sealing the open one if there is no other. */
  private Optional<Batch> nextToEvict(Optional<BatchId> inFlight) throws IOException {
    Optional<Batch> next = inFlight.isEmpty() ? spool.peek() : spool.peekBehind(inFlight.get());
    if (next.isEmpty() && spool.roll()) {
      next = inFlight.isEmpty() ? spool.peek() : spool.peekBehind(inFlight.get());
    }
    return next;
  }

  /** The events of a batch that were not delivered while it was behind another one. */
  private List<PopEvent> notDoneAhead(Batch batch) {
    if (!batch.id().whole().equals(aheadId)) {
      return batch.events();
    }
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (!doneAhead.get(i)) {
        events.add(batch.events().get(i));
      }
    }
    return events;
  }

  /**
   * Writes down that events are given up, before they leave the spool: a kill between the two must
   * find them somewhere. Under the lock.
   */
  private Optional<Drop> writeAhead(Batch batch, DropReason reason, List<PopEvent> lost) {
    Optional<Drop> drop = dropOf(reason, lost);
    if (drop.isPresent() && !batch.id().equals(writtenAhead)) {
      writtenAhead = batch.id();
      watch.run(WRITING, () -> drops.writeAhead(drop.get()));
    }
    return drop;
  }

  private Optional<Drop> dropOf(DropReason reason, List<PopEvent> lost) {
    return lost.isEmpty() ? Optional.empty() : Optional.of(Drop.of(time.now(), reason, lost));
  }

  /**
   * Gives up the oldest batch, if all its events have waited for so long since this relay began to
   * run. So that a batch does not gather for ever while another one is tried, the open one is
   * sealed when it is a quarter as old. Nothing may be on its way.
   *
   * @return what was given up
   */
  Expiry expire(Duration maxAge) throws IOException {
    List<Drop> dropped = new ArrayList<>();
    List<Drop> written = new ArrayList<>();
    lock.lock();
    try {
      if (released) {
        return Expiry.NOTHING;
      }
      sample();
      if (isFrontOlderThan(maxAge.toNanos())) {
        Optional<Batch> oldest = spool.peek();
        noticeDamage(dropped);
        if (oldest.isPresent() && isOld(oldest.get(), maxAge.toNanos())) {
          Optional<Drop> drop = writeAhead(oldest.get(), DropReason.TOO_OLD, undone(oldest.get()));
          spool.remove(oldest.get().id());
          Expiry found = head == null ? Expiry.BATCH : Expiry.HEAD;
          head = null;
          drop.ifPresent(one -> written.add(counted(one)));
          removals++;
          removed.signalAll();
          return found;
        }
      }
      if (head != null && isOpenOlderThan(maxAge.toNanos() / SPANS)) {
        spool.roll();
      }
      return Expiry.NOTHING;
    } finally {
      lock.unlock();
      write(dropped);
      drops.tell(written);
    }
  }

  /** Whether it makes sense to look at the oldest batch. */
  private boolean isFrontOlderThan(long age) {
    long now = time.nanos();
    SpoolStats stats = spool.stats();
    if (head != null) {
      return now - headSince >= age || gone(stats) + head.kept() <= arrivals.cameBefore(age, now);
    }
    return stats.batches() > 0 && gone(stats) < arrivals.cameBefore(age, now);
  }

  private boolean isOld(Batch oldest, long age) {
    if (head != null) {
      // It was looked at already; damage on the disk may have put another one into its place.
      return oldest.id().whole().equals(head.batch().id().whole());
    }
    return gone(spool.stats()) + oldest.size() <= arrivals.cameBefore(age, time.nanos());
  }

  private boolean isOpenOlderThan(long age) {
    SpoolStats stats = spool.stats();
    return stats.openEvents() > 0
        && came(stats) + stats.unconfirmed() - stats.openEvents()
            < arrivals.cameBefore(age, time.nanos());
  }

  /** The events of the oldest batch that are not done with; then nothing of it is remembered. */
  private List<PopEvent> undone(Batch batch) {
    List<PopEvent> events = new ArrayList<>();
    int first = batch.id().from();
    boolean isAhead = batch.id().whole().equals(aheadId);
    for (int i = 0; i < batch.size(); i++) {
      boolean done =
          head != null
              ? head.isDone(first + i - head.batch().id().from())
              : isAhead && doneAhead.get(first + i - aheadFrom);
      if (!done) {
        events.add(batch.events().get(i));
      }
    }
    if (isAhead) {
      forgetAhead();
    }
    return events;
  }

  /** Books events that never got into the spool. */
  void giveUp(List<PopEvent> events, DropReason reason) {
    Drop drop = Drop.of(time.now(), reason, events);
    lock.lock();
    try {
      givenUpAtTheDoor += events.size();
      counted(drop);
    } finally {
      lock.unlock();
    }
    write(List.of(drop));
  }

  /** Takes drops that were counted towards the ledger, and tells of them. Not under the lock. */
  private void write(List<Drop> dropped) {
    if (dropped.isEmpty()) {
      return;
    }
    watch.run(WRITING, () -> drops.write(dropped));
    // Who listens has time of his own.
    drops.tell(dropped);
  }

  /** Books events that were counted as waiting and turned out to be unreadable. Under the lock. */
  private void noticeDamage(List<Drop> dropped) {
    noticeDamage(spool.stats(), dropped);
  }

  /** Reads the batch behind the one that is on its way, and books what is missing in it. */
  void readAhead() {
    // Not under the lock: who gives the submission up must not wait for the disk.
    spool.readAhead();
    noteDamage();
  }

  /** Books and writes down what was found to be missing, whoever has looked. */
  void noteDamage() {
    List<Drop> dropped = new ArrayList<>();
    lock.lock();
    try {
      noticeDamage(dropped);
    } finally {
      lock.unlock();
    }
    write(dropped);
  }

  private void noticeDamage(SpoolStats kept, List<Drop> dropped) {
    long lost = kept.damaged() - damaged;
    if (lost > 0) {
      damaged += lost;
      dropped.add(counted(Drop.unreadable(time.now(), DropReason.DAMAGED, lost)));
    }
  }

  /**
   * Whether nothing waits but what could not be read at the start: nobody knows how many events
   * that is, but not that there is none.
   */
  private static boolean hasUncountedAlone(SpoolStats kept) {
    return kept.batches() > 0 && kept.events() == 0;
  }

  /**
   * How long the oldest event has waited. What came in this life of the relay is measured, so that
   * a wall clock that jumps changes nothing; for what an earlier one left, there is only the wall
   * clock of then and of the start. Under the lock.
   */
  private Duration oldestAge(SpoolStats kept) {
    long now = time.nanos();
    long age = arrivals.ageBehind(gone(kept), now);
    if (head != null) {
      age = Math.max(age, now - headSince);
    }
    Duration measured = Duration.ofNanos(age);
    if (gone(kept) >= kept.recovered() && !hasUncountedAlone(kept)) {
      return measured;
    }
    Duration before =
        kept.oldest().map(begun -> Duration.between(begun, openedWall)).orElse(Duration.ZERO);
    Duration since = Duration.ofNanos(now - openedAt);
    return since.plus(before.isNegative() ? Duration.ZERO : before);
  }

  /** Whether the oldest event came longer ago than so, in this life of the relay. */
  boolean isOlderThan(Duration longest) {
    lock.lock();
    try {
      long now = time.nanos();
      return arrivals.ageBehind(gone(spool.stats()), now) > longest.toNanos();
    } finally {
      lock.unlock();
    }
  }

  private Drop counted(Drop drop) {
    drops.count(drop);
    return drop;
  }

  /** The most room that is taken by the batch which is not given up to make some. */
  long mostRoomInFlight() {
    lock.lock();
    try {
      return head == null ? 0 : Spool.mostRoom(head.batch());
    } finally {
      lock.unlock();
    }
  }

  /** How often something left the spool; a later answer that differs means that there is room. */
  long removals() {
    lock.lock();
    try {
      return removals;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something has left the spool since, until closed, or for so long. */
  void awaitRemoval(long since, long nanos) throws InterruptedException {
    long until = time.nanos() + nanos;
    lock.lock();
    try {
      while (!closed && removals == since) {
        long left = until - time.nanos();
        if (left <= 0) {
          return;
        }
        time.await(removed, left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** There may be room now for another reason than a removal: whoever waits looks again. */
  void otherRoom() {
    lock.lock();
    try {
      removals++;
      removed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody waits for room any more. */
  void close() {
    lock.lock();
    try {
      closed = true;
      removed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is taken off the spool any more. */
  void release() {
    lock.lock();
    try {
      released = true;
    } finally {
      lock.unlock();
    }
  }

  long waiting() {
    lock.lock();
    try {
      return Math.max(0, confirmed(spool.stats()) - holes());
    } finally {
      lock.unlock();
    }
  }

  /** Events that are done with but still behind others in the spool. Under the lock. */
  private long holes() {
    return (head == null ? 0L : head.holes()) + doneAhead.cardinality();
  }

  /** The counts of now; those of a moment ago while the spool takes long over something. */
  Balance balance() {
    if (watch.isSlow()) {
      return last;
    }
    List<Drop> dropped = new ArrayList<>();
    lock.lock();
    try {
      // What is read ahead can be found damaged at any moment: all is counted at one.
      SpoolStats kept = spool.stats();
      noticeDamage(kept, dropped);
      long waiting = confirmed(kept) - holes();
      last =
          new Balance(
              kept,
              came(kept) - kept.recovered() + givenUpAtTheDoor,
              delivered,
              waiting,
              dead,
              drops.counts(),
              waiting > 0 || hasUncountedAlone(kept)
                  ? Optional.of(oldestAge(kept))
                  : Optional.empty());
      return last;
    } finally {
      lock.unlock();
      write(dropped);
    }
  }
}
