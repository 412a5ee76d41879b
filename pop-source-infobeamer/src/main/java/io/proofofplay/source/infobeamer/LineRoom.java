package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * The memory that all sources of a process have for lines which do not fit into the small buffers
 * that each of them has for itself.
 *
 * <p>A line gets the room for the longest one at once, and not bit by bit: of several that had some
 * and needed more, none might ever come to its end. Who finds too little waits, in the order of
 * coming. Who has some and whose line does not end gives it up once somebody waits for it and
 * nothing has come for {@link #SILENCE}, or the line has taken {@link #PATIENCE}; a line that was
 * received whole and is being taken is not given up, since that ends by itself.
 *
 * <p>Thread-safe. Who waits holds no other lock.
 */
final class LineRoom {

  /** The part of the heap that all of it takes. */
  private static final int PART_OF_THE_HEAP = 4;

  /** The one of this process: its heap is what is divided. */
  static final LineRoom PROCESS =
      new LineRoom(
          Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP,
          LoggerFactory.getLogger(LineRoom.class)::warn);

  /** How long a line may stand still while another one waits for its room. */
  static final Duration SILENCE = Duration.ofSeconds(2);

  /** How long it may take to come whole meanwhile: a mebibyte in that is 0.8 megabits a second. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * The longest wait for players, if not so many are before it that they can take longer: more than
   * forty take that stand still. The time in which a line waits for the disk, or for room in a
   * spool, does not count: who waits for its room would wait there with any of its own events.
   */
  static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  /** A wait that is worth a word, since nothing is read meanwhile. */
  static final Duration LONG_WAIT = Duration.ofSeconds(10);

  /** How long nothing more is said then, whoever waits. */
  static final Duration SILENT = Duration.ofMinutes(1);

  /**
   * How soon who has room hears that another one waits; and who waits that its connection is to
   * end, if it is not told ({@link #look}).
   */
  private static final Duration GLANCE = Duration.ofMillis(250);

  /**
   * How long who waits does so when its connection is to end: a line that stands still in its way
   * gives its room back in that time, and what has arrived is to be taken.
   */
  static final Duration LAST_WAIT = SILENCE.plus(GLANCE);

  private static final int MEBI = 1024 * 1024;

  private final long all;
  private final Consumer<String> warnings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final Deque<Turn> waiting = new ArrayDeque<>();
  private long taken;

  /** How many lines that have room are being offered. */
  private int offered;

  /** When a long wait was last told of. */
  private OptionalLong toldAt = OptionalLong.empty();

  private volatile boolean isWaitedFor;

  /**
   * Room that nobody has yet.
   *
   * @param all how many bytes there are; who needs more than that can have them when nobody else
   *     has any
   * @param warnings is told of long waits, once a minute at most; no lock is held then
   */
  LineRoom(long all, Consumer<String> warnings) {
    this.all = all;
    this.warnings = warnings;
  }

  /**
   * How long to wait for players: as long as those who have room, and those who wait already, can
   * take if all of them drip, and {@link #LONGEST_WAIT} at least.
   *
   * @param ahead how many wait
   * @param atOnce how many have room at a time
   */
  static Duration longestWait(int ahead, long atOnce) {
    Duration dripping = PATIENCE.plus(GLANCE).multipliedBy(ahead / atOnce + 2);
    return dripping.compareTo(LONGEST_WAIT) > 0 ? dripping : LONGEST_WAIT;
  }

  /**
   * A connection's claim to room, for one line at a time.
   *
   * @param source whose it is, for people
   * @param bytes what its longest line takes
   * @param isLeft whether the connection is to end, so that there is no waiting for long any more
   * @param isOver whether nobody takes a line any more, and there is nothing to wait for
   */
  Turn turn(
      String source, long bytes, TimeSource time, BooleanSupplier isLeft, BooleanSupplier isOver) {
    return new Turn(source, bytes, time, isLeft, isOver);
  }

  /** How many bytes are in use. */
  long taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Has all who wait look at once whether their connection is to end, or all is over. */
  void look() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What one connection has of the room: all that it may need, or nothing. For one thread. */
  final class Turn {

    private final String source;
    private final long bytes;
    private final TimeSource time;
    private final BooleanSupplier isLeft;
    private final BooleanSupplier isOver;

    private boolean isHeld;
    private boolean isOffered;
    private long since;
    private long lastHeard;
    private long waited;

    private Turn(
        String source,
        long bytes,
        TimeSource time,
        BooleanSupplier isLeft,
        BooleanSupplier isOver) {
      this.source = source;
      this.bytes = bytes;
      this.time = time;
      this.isLeft = isLeft;
      this.isOver = isOver;
    }

    /** The same, for who may wait as long as anybody. */
    boolean take() {
      return take(Long.MAX_VALUE);
    }

    /**
     * Takes the room, once there is enough; says whether it is had. An interrupt ends the wait and
     * stays.
     *
     * @param most how long this may wait, in nanoseconds, if that is less than the longest wait
     */
    boolean take(long most) {
      if (isHeld) {
        return true;
      }
      lock.lock();
      try {
        if (!waiting.isEmpty() || !fits()) {
          long began = time.nanos();
          boolean found = await(began, most);
          waited += time.nanos() - began;
          if (!found) {
            return false;
          }
        }
        taken += bytes;
        isHeld = true;
        since = time.nanos();
        lastHeard = since;
        return true;
      } finally {
        lock.unlock();
      }
    }

    private boolean fits() {
      return taken == 0 || taken + bytes <= all;
    }

    private boolean await(long began, long most) {
      long left = longestWait(waiting.size(), Math.max(1, all / bytes)).toNanos();
      waiting.add(this);
      isWaitedFor = true;
      boolean hurries = false;
      try {
        while (waiting.peekFirst() != this || !fits()) {
          if (!hurries && isLeft.getAsBoolean()) {
            hurries = true;
            left = Math.min(left, LAST_WAIT.toNanos());
          }
          if (Math.min(left, most - (time.nanos() - began)) <= 0 || isOver.getAsBoolean()) {
            return false;
          }
          if (tellOfALongWait(began)) {
            // Without the lock, so that it may have missed a signal.
            continue;
          }
          boolean counts = hurries || offered == 0;
          long before = time.nanos();
          time.await(changed, Math.min(GLANCE.toNanos(), Math.min(left, most - (before - began))));
          left -= counts ? time.nanos() - before : 0;
        }
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } finally {
        waiting.remove(this);
        isWaitedFor = !waiting.isEmpty();
        // Perhaps there is room for the next one as well.
        changed.signalAll();
      }
    }

    /** Says whether it did. */
    private boolean tellOfALongWait(long began) {
      long now = time.nanos();
      if (now - began < LONG_WAIT.toNanos()
          || (toldAt.isPresent() && now - toldAt.getAsLong() < SILENT.toNanos())) {
        return false;
      }
      toldAt = OptionalLong.of(now);
      String words =
          "source "
              + source
              + ": has waited for "
              + Duration.ofNanos(now - began).toSeconds()
              + "s for memory for a long line and reads nothing meanwhile, because long lines of"
              + " other sources take all of "
              + all / MEBI
              + " MiB"
              + (offered > 0
                  ? "; " + offered + " of them wait for the disk or for room in a spool"
                  : " and do not come to their end")
              + "; more heap has room for more (POP_JAVA_OPTS=-Xmx128m)";
      lock.unlock();
      try {
        warnings.accept(words);
      } finally {
        lock.lock();
      }
      return true;
    }

    boolean isHeld() {
      return isHeld;
    }

    /** Its line is whole and is being offered, until the room is given back; if any is had. */
    void offered() {
      if (isHeld && !isOffered) {
        lock.lock();
        try {
          isOffered = true;
          offered++;
        } finally {
          lock.unlock();
        }
      }
    }

    /** Something of the line has come. */
    void heard() {
      lastHeard = time.nanos();
    }

    /** Whether the line has had its time, and another one waits. */
    boolean isDue() {
      return isHeld && isWaitedFor && nanosLeft() <= 0;
    }

    private long nanosLeft() {
      long now = time.nanos();
      return Math.min(SILENCE.toNanos() - (now - lastHeard), PATIENCE.toNanos() - (now - since));
    }

    /** How long who has room may sleep until {@link #isDue} is asked again. */
    long nanosToLook() {
      return Math.max(GLANCE.toNanos(), nanosLeft());
    }

    /** How long room was waited for since this was asked last. */
    long waited() {
      long nanos = waited;
      waited = 0;
      return nanos;
    }

    /** Gives the room back; nothing if none is had. */
    void end() {
      if (!isHeld) {
        return;
      }
      isHeld = false;
      lock.lock();
      try {
        taken -= bytes;
        offered -= isOffered ? 1 : 0;
        isOffered = false;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
