package io.proofofplay.core.relay;

import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where events come into a lane: the filter, the durability, and what happens when there is no
 * room.
 *
 * <p>Thread-safe: called from the threads of all sources.
 */
final class Door {

  /** What became of events at the door. */
  enum Keep {
    /** They are kept, or given up as the policy says. */
    KEPT,
    /** There is no room; nothing was done with them. */
    FULL,
    /** The relay stops; nothing is taken any more. */
    CLOSED
  }

  /** The least time between two batches that are given up because the disk takes no more. */
  private static final long BETWEEN_EVICTIONS = Duration.ofSeconds(1).toNanos();

  /** The parts of a spool in which a list is kept that is too large to be kept at once. */
  private static final int PARTS = 8;

  /** How often room on a full disk is looked for: nobody tells when somebody else makes some. */
  private static final long LOOK_FOR_ROOM = Duration.ofMillis(200).toNanos();

  private static final Logger LOG = LoggerFactory.getLogger(Door.class);

  private final Spool spool;
  private final LaneBooks books;
  private final StorageHealth health;
  private final TimeSource time;
  private final Doorbell bell;
  private final Seldom roomSeldom;
  private final RoomWatch roomWatch;

  /** What each thread has put in and not forced, if anything. */
  private final Map<Thread, Unforced> unforced = new ConcurrentHashMap<>();

  /**
   * Appending and forcing hold the one, together or one after the other; who changes the spool's
   * policy the other, and has all forced that was appended.
   */
  private final ReadWriteLock policy = new ReentrantReadWriteLock();

  private volatile Sink sink;
  private volatile boolean closed;

  /** The sink is no more, while the relay goes on: it wants no event. */
  private volatile boolean gone;

  // Guarded by this.
  private boolean everEvictedForTheDisk;
  private long evictedForTheDiskAt;

  /** Whether a wait for room was in vain, and how often something had left the spool by then. */
  private volatile boolean waitedInVain;

  private volatile long vainAt;

  /** Guarded by the policy's lock. */
  private boolean oneSender;

  Door(
      Sink sink,
      Spool spool,
      LaneBooks books,
      StorageHealth health,
      TimeSource time,
      Doorbell bell) {
    this.sink = sink;
    this.spool = spool;
    this.books = books;
    this.health = health;
    this.time = time;
    this.bell = bell;
    roomSeldom = new Seldom(time);
    roomWatch = new RoomWatch(time);
    oneSender = sink.submitter().wantsOneSender();
  }

  /**
   * What one thread has put in and nobody has forced. All of it is forced together, or none of it
   * is safe: a force that fails takes out whatever its thread has appended since it asked last, so
   * that a force that succeeds later says nothing of that. What was safe by then comes again.
   */
  final class Unforced {

    private final Thread thread = Thread.currentThread();
    private int events;
    private long bytes;

    /** Whether some was put in under a durability that forces before it accepts. */
    private boolean mustAsk;

    private boolean isOver;
    private boolean isKept;

    private Unforced() {}

    /**
     * Forces all of it, if the durability asks for it and that was not done or tried before. By the
     * thread that has put it in.
     *
     * @return whether the sink keeps the events under its policy
     */
    boolean force() {
      if (!isOver) {
        if (thread != Thread.currentThread()) {
          throw new IllegalStateException(
              "sink " + sink.name() + ": what " + thread.getName() + " has put in it must force");
        }
        policy.readLock().lock();
        try {
          forcePut(this);
        } finally {
          policy.readLock().unlock();
        }
      }
      return isKept;
    }

    private Unforced over(boolean kept) {
      isOver = true;
      isKept = kept;
      unforced.remove(thread);
      return this;
    }
  }

  /** What is not put in, and what nobody wants. */
  private final Unforced refused = new Unforced().over(false);

  private final Unforced unwanted = new Unforced().over(true);

  /**
   * Puts in the events that the sink wants, as far as that needs no wait for room and nothing must
   * be given up for it. Otherwise nothing is done, and they are to be offered.
   */
  Unforced put(List<PopEvent> events) {
    if (closed) {
      return refused;
    }
    List<PopEvent> wanted = wanted(events);
    if (wanted.isEmpty()) {
      return unwanted;
    }
    policy.readLock().lock();
    try {
      if (gone) {
        return unwanted;
      }
      if (spool.appendAmongOthers(wanted) != Spool.Append.KEPT) {
        // Whoever offers them is told why, and so are people.
        return refused;
      }
      Unforced mine = unforcedByThisThread();
      mine.events += wanted.size();
      mine.bytes += bytesOf(wanted);
      mine.mustAsk |= sink.spool().durability() == Durability.WRITE_AHEAD;
      return mine;
    } finally {
      policy.readLock().unlock();
    }
  }

  private Unforced unforcedByThisThread() {
    Unforced mine = unforced.get(Thread.currentThread());
    if (mine == null) {
      mine = new Unforced();
      unforced.put(Thread.currentThread(), mine);
    }
    return mine;
  }

  /** Forces what a thread has put in; holds the policy's lock. */
  private void forcePut(Unforced put) {
    boolean isKept = false;
    try {
      // What nobody forces is safe once the spool is closed in good order, which is to be seen.
      isKept = gone || (put.mustAsk ? force(put.bytes) : !closed);
    } finally {
      // Whatever it came to, the spool says it but once.
      put.over(isKept);
    }
    if (isKept && !gone) {
      came(put.events, put.bytes);
    }
  }

  /** Keeps the events that the sink wants, without a wait. */
  Keep keep(List<PopEvent> events) {
    return closed ? shut() : keepWanted(wanted(events));
  }

  /** The answer of a door that is closed. */
  private Keep shut() {
    return gone ? Keep.KEPT : Keep.CLOSED;
  }

  private List<PopEvent> wanted(List<PopEvent> events) {
    if (sink.wantsEvery()) {
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

  private Keep keepWanted(List<PopEvent> wanted) {
    if (wanted.isEmpty()) {
      return Keep.KEPT;
    }
    Spool.Append answer = append(wanted);
    if (answer == Spool.Append.KEPT) {
      return Keep.KEPT;
    }
    if (closed) {
      // Shutting down is no reason to give anything up.
      return shut();
    }
    SpoolPolicy keeping = sink.spool();
    if (keeping.whenFull() == WhenFull.DROP_OLDEST) {
      answer = appendInsteadOfOldest(wanted, answer);
      if (answer == Spool.Append.KEPT) {
        return Keep.KEPT;
      }
      if (closed) {
        return shut();
      }
    }
    if (keeping.whenFull() == WhenFull.DROP_NEWEST) {
      boolean noSpace = answer == Spool.Append.NO_SPACE;
      int kept = noSpace ? 0 : keepFirst(wanted);
      if (closed) {
        return shut();
      }
      if (kept < wanted.size()) {
        books.giveUp(wanted.subList(kept, wanted.size()), noSpace ? DropReason.NO_SPACE : reason());
      }
      return Keep.KEPT;
    }
    return Keep.FULL;
  }

  /** Appends, and forces if the durability asks for it; {@code NO_SPACE} if either fails. */
  private Spool.Append append(List<PopEvent> events) {
    policy.readLock().lock();
    try {
      return appendByPolicy(events);
    } finally {
      policy.readLock().unlock();
    }
  }

  private Spool.Append appendByPolicy(List<PopEvent> events) {
    if (gone) {
      return Spool.Append.KEPT;
    }
    Unforced before = unforced.get(Thread.currentThread());
    if (before != null) {
      // The spool says but once that events are out again, and not of which append they were.
      forcePut(before);
    }
    Spool.Append answer = spool.append(events);
    if (answer == Spool.Append.NO_SPACE) {
      refused(bytesOf(events), "the disk has no room for new events, or does not take them");
    }
    if (answer != Spool.Append.KEPT) {
      return answer;
    }
    long bytes = bytesOf(events);
    if (sink.spool().durability() == Durability.WRITE_AHEAD && !force(bytes)) {
      return Spool.Append.NO_SPACE;
    }
    came(events.size(), bytes);
    return Spool.Append.KEPT;
  }

  private static long bytesOf(List<PopEvent> events) {
    long bytes = 0;
    for (PopEvent event : events) {
      bytes += event.length();
    }
    return bytes;
  }

  /** Forces what the calling thread has appended; says whether the disk took it. */
  private boolean force(long bytes) {
    try {
      spool.sync();
      return true;
    } catch (IOException e) {
      refused(bytes, "events could not be forced to disk: " + e.getMessage());
      return false;
    }
  }

  private void came(int events, long bytes) {
    roomWatch.kept();
    keepsAgain();
    if (oneSender) {
      // Another sender's event ends a batch that is not full.
      bell.ring();
    } else {
      bell.came(events, bytes);
    }
  }

  private void refused(long bytes, String why) {
    roomWatch.refused(bytes);
    health.trouble(StorageHealth.Duty.KEEPING, why);
  }

  private void keepsAgain() {
    if (health.well(StorageHealth.Duty.KEEPING)) {
      // This room was not made by a delivery: somebody freed the disk.
      waitedInVain = false;
    }
  }

  /**
   * Looks now and then, while the disk takes no events, whether it would: nobody may send one for a
   * long time.
   *
   * @param couldKeep tries so many bytes
   */
  void lookForRoom(IntPredicate couldKeep) {
    if (roomWatch.finds(couldKeep)) {
      keepsAgain();
    }
  }

  /**
   * Takes an event back that this lane had before. It is safe after {@link #forceReturned}.
   *
   * @return whether there was room; nothing is given up for it
   */
  boolean takeBack(PopEvent event) {
    policy.readLock().lock();
    try {
      boolean kept = !closed && spool.append(List.of(event)) == Spool.Append.KEPT;
      if (kept) {
        // It is there, even if it cannot be forced, and somebody must look after it.
        bell.ring();
      }
      return kept;
    } finally {
      policy.readLock().unlock();
    }
  }

  /** Makes safe what was taken back, whatever the durability. */
  void forceReturned() throws IOException {
    spool.sync();
  }

  private Spool.Append appendInsteadOfOldest(List<PopEvent> wanted, Spool.Append first) {
    Spool.Append answer = first;
    if (!canEverFit(wanted)) {
      return answer;
    }
    try {
      while (!closed
          && (answer == Spool.Append.FULL
              || (answer == Spool.Append.NO_SPACE && mayEvictForTheDisk()))
          && books.evictOldest()) {
        answer = append(wanted);
      }
    } catch (IOException e) {
      health.trouble(
          StorageHealth.Duty.READING, "the oldest events cannot be taken out: " + e.getMessage());
    }
    return answer;
  }

  /**
   * Whether it makes sense to give others up for these: they must not need the whole spool, and fit
   * in beside what is not given up.
   */
  private boolean canEverFit(List<PopEvent> wanted) {
    long bound = sink.spool().maxBytes().bytes();
    long room = Spool.mostRoom(wanted);
    return room <= bound / 2 && room + books.mostRoomInFlight() <= bound;
  }

  /**
   * Whether a batch may be given up because the disk does not take more, which one batch a second
   * must be enough to find out: a disk that fails for another reason would cost all of them.
   */
  private synchronized boolean mayEvictForTheDisk() {
    long now = time.nanos();
    if (everEvictedForTheDisk && now - evictedForTheDiskAt < BETWEEN_EVICTIONS) {
      return false;
    }
    everEvictedForTheDisk = true;
    evictedForTheDiskAt = now;
    return true;
  }

  /**
   * Keeps the events that the sink wants, and waits for room under {@link WhenFull#BLOCK}; once:
   * having waited in vain, it does not wait again until there was room, so that a dead sink holds
   * the others up once and not at every event.
   *
   * @param events the events
   * @param began when the caller began to wait, by the monotonic clock
   * @return {@link Keep#FULL} if the wait was in vain or there was none
   */
  Keep keepOrWait(List<PopEvent> events, long began) throws InterruptedException {
    long until = began + sink.spool().maxBlock().toNanos();
    while (true) {
      // Read before the try: what leaves the spool after it must end the wait.
      long removals = books.removals();
      Keep answer = keep(events);
      if (answer != Keep.FULL
          || sink.spool().whenFull() != WhenFull.BLOCK
          || (waitedInVain && removals == vainAt)) {
        return answer;
      }
      long left = until - time.nanos();
      if (left <= 0) {
        waitedInVain(removals);
        return answer;
      }
      boolean disk = !health.isWell(StorageHealth.Duty.KEEPING);
      books.awaitRemoval(removals, disk ? Math.min(left, LOOK_FOR_ROOM) : left);
    }
  }

  private void waitedInVain(long removals) {
    vainAt = removals;
    waitedInVain = true;
    if (roomSeldom.due() > 0) {
      LOG.warn(
          "sink {}: has no room, and none came in {}; refuses the newest events until there is room"
              + " again",
          sink.name(),
          Spans.text(sink.spool().maxBlock()));
    }
  }

  /** Keeps as many of the wanted events as there is room for, in order, and gives up the others. */
  Keep keepSome(List<PopEvent> events) {
    if (closed) {
      return shut();
    }
    List<PopEvent> wanted = wanted(events);
    Keep all = keepWanted(wanted);
    if (all != Keep.FULL) {
      return all;
    }
    List<PopEvent> lost =
        sink.spool().whenFull() == WhenFull.DROP_OLDEST
            ? keepInParts(wanted)
            : wanted.subList(keepFirst(wanted), wanted.size());
    if (closed) {
      return shut();
    }
    if (!lost.isEmpty()) {
      books.giveUp(lost, reason());
    }
    return Keep.KEPT;
  }

  /**
   * Keeps events that were too much to be kept at once, part after part and each in place of the
   * oldest, so that of a list that is larger than the spool the newest are kept.
   *
   * @return what is not kept, in order
   */
  private List<PopEvent> keepInParts(List<PopEvent> wanted) {
    long most = sink.spool().maxBytes().bytes() / PARTS;
    List<PopEvent> lost = new ArrayList<>();
    int from = 0;
    while (from < wanted.size() && !closed) {
      int to = from + 1;
      long room = Spool.mostRoom(wanted.subList(from, to));
      while (to < wanted.size() && room <= most) {
        room += Spool.mostRoom(wanted.subList(to, to + 1));
        to++;
      }
      List<PopEvent> part = wanted.subList(from, to);
      Spool.Append answer = append(part);
      if (answer != Spool.Append.KEPT) {
        answer = appendInsteadOfOldest(part, answer);
      }
      if (answer != Spool.Append.KEPT) {
        lost.addAll(part.subList(keepFirst(part), part.size()));
      }
      from = to;
      if (answer == Spool.Append.NO_SPACE) {
        // A disk that fails would be asked dozens of times.
        lost.addAll(wanted.subList(from, wanted.size()));
        break;
      }
    }
    return lost;
  }

  /**
   * Keeps the first of events that did not fit all together, as many as there is room for, in few
   * appends: each may cost a force.
   *
   * @return how many are kept
   */
  private int keepFirst(List<PopEvent> wanted) {
    int kept = 0;
    for (int more = Integer.highestOneBit(wanted.size()); more > 0; more /= 2) {
      if (kept + more <= wanted.size()
          && append(wanted.subList(kept, kept + more)) == Spool.Append.KEPT) {
        kept += more;
      }
    }
    return kept;
  }

  private DropReason reason() {
    if (!health.isWell(StorageHealth.Duty.KEEPING)) {
      return DropReason.NO_SPACE;
    }
    return switch (sink.spool().whenFull()) {
      case BLOCK -> DropReason.FULL_BLOCKED;
      case DROP_NEWEST -> DropReason.FULL_NEWEST;
      case DROP_OLDEST -> DropReason.FULL_OLDEST;
    };
  }

  /**
   * Keeps by the policies of another configuration of the same sink from now on.
   *
   * @throws IOException if the spool cannot follow now; all is as before then
   */
  void follow(Sink other) throws IOException {
    policy.writeLock().lock();
    try {
      boolean sameSpool =
          other.spool().equals(sink.spool())
              && other.batch().equals(sink.batch())
              && other.submitter().wantsOneSender() == oneSender;
      if (!sameSpool) {
        boolean one = other.submitter().wantsOneSender();
        spool.adopt(other.spool(), other.batch(), one);
        oneSender = one;
      }
      sink = other;
    } finally {
      policy.writeLock().unlock();
    }
    books.otherRoom();
  }

  /** Takes nothing any more; whoever waits is let go. */
  void close() {
    closed = true;
    books.close();
  }

  /** The same for a sink that is no more, so that no source is told that the relay stops. */
  void abolish() {
    gone = true;
    close();
    // Who appends now has appended once this can be had.
    policy.writeLock().lock();
    try {
      LOG.debug("sink {}: takes nothing any more", sink.name());
    } finally {
      policy.writeLock().unlock();
    }
  }
}
