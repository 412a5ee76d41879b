package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * When it is looked whether a disk that took no events would take some again, so that this is known
 * without an event. As much is tried as was refused last. A look that the next event proves wrong
 * makes the later ones rarer, so that a storage that comes and goes is not told of every few
 * seconds.
 *
 * <p>Thread-safe: the sources tell of their events, the relay's own thread looks.
 */
final class RoomWatch {

  /** Rarely enough for a card whose last bytes each look may write to. */
  private static final long FIRST_PAUSE = Duration.ofSeconds(5).toNanos();

  private static final long LONGEST_PAUSE = Duration.ofMinutes(10).toNanos();

  /** Even the smallest event takes a block of most file systems. */
  private static final int LEAST_BYTES = 4096;

  private static final int MOST_BYTES = 1 << 20;

  private final TimeSource time;

  /** Whether the last events were kept; asked with each event, and so without the monitor. */
  private volatile boolean keeping = true;

  // Guarded by this.
  private long refusals;
  private int bytes;
  private long lookedAt;
  private long pause = FIRST_PAUSE;

  /** Whether room was found, and no event has come since. */
  private boolean found;

  RoomWatch(TimeSource time) {
    this.time = time;
  }

  /** The disk did not take so many bytes of events. */
  synchronized void refused(long refused) {
    if (keeping) {
      keeping = false;
      lookedAt = time.nanos();
    } else if (found) {
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    found = false;
    refusals++;
    bytes = (int) Math.max(LEAST_BYTES, Math.min(refused, MOST_BYTES));
  }

  /** The disk took some. */
  void kept() {
    if (keeping) {
      return;
    }
    synchronized (this) {
      keeping = true;
      found = false;
      pause = FIRST_PAUSE;
    }
  }

  /**
   * Looks, if it is time to.
   *
   * @param couldKeep tries so many bytes; may take as long as a disk does
   * @return whether there is room now that was not known of, and nothing was refused meanwhile
   */
  boolean finds(IntPredicate couldKeep) {
    long before;
    int wanted;
    synchronized (this) {
      long now = time.nanos();
      if (keeping || found || now - lookedAt < pause) {
        return false;
      }
      lookedAt = now;
      before = refusals;
      wanted = bytes;
    }
    boolean could = couldKeep.test(wanted);
    synchronized (this) {
      found = could && !keeping && refusals == before;
      return found;
    }
  }
}
