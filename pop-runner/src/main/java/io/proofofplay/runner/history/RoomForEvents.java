package io.proofofplay.runner.history;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;

/**
 * What of the disk is for events alone, and what a history has to give back for it. A play that
 * cannot be taken is lost, where one that was delivered and is forgotten is not.
 *
 * <p>A disk that does not say how large it is, as some that are mounted over a network, has no
 * bounds here.
 *
 * <p>Thread-safe.
 */
final class RoomForEvents {

  /** For what is accepted between two looks, and for a reserve. */
  static final long MOST = 16 << 20;

  /** For an event of the greatest length that can be configured and for its reserve. */
  static final long MOST_IN_TROUBLE = 48 << 20;

  /**
   * How long what was given back may not be seen yet. Some file systems free a file's blocks some
   * time after it went, and all of them only when nobody reads it any more.
   */
  private static final long SEEN_LATER = Duration.ofSeconds(30).toNanos();

  private final DiskRoom disk;
  private final TimeSource time;

  /** What has to be usable for what was given back last to be seen; 0 if it was seen at once. */
  private long seenFrom;

  private long gaveAt;

  RoomForEvents(DiskRoom disk, TimeSource time) {
    this.disk = disk;
    this.time = time;
  }

  /** All bytes of the disk; 0 if that is not known. */
  long total() {
    return disk.total();
  }

  /** The last bytes, that only events may take. */
  long last() {
    return Math.min(MOST, disk.total() / 16);
  }

  /** What is left to events that could not be kept: they may need more than the last. */
  long inTrouble() {
    return Math.min(MOST_IN_TROUBLE, disk.total() / 2);
  }

  /**
   * Whether so many bytes more would be some of the last.
   *
   * @param more how many
   */
  boolean isTooLittleFor(long more) {
    long left = disk.usable() - more;
    if (left >= MOST) {
      // The usual case, without a second question to the system.
      return false;
    }
    // A disk of which nothing is known may say that it has nothing left.
    long last = last();
    return last > 0 && left < last;
  }

  /** Whether there is so much that one who complained of too little may do so anew. */
  boolean isAmple() {
    return disk.usable() >= 2 * last();
  }

  /** Gives back. */
  @FunctionalInterface
  interface Giving {

    /**
     * Gives back what it has, the oldest first.
     *
     * @param missing how many bytes are enough
     * @return how many it was; 0 if it has nothing more to give
     */
    long give(long missing);
  }

  /**
   * Has so much given back as is missing.
   *
   * @param wanted how many bytes are to be usable
   * @param giving who gives, who is asked first coming first
   */
  void demand(long wanted, Giving... giving) {
    long before = disk.usable();
    long missing = wanted - before;
    if (missing <= 0 || disk.total() == 0 || isToBeSeen(before)) {
      return;
    }
    long given = 0;
    for (Giving each : giving) {
      if (given < missing) {
        given += each.give(missing - given);
      }
    }
    if (given > 0) {
      gave(before + given / 2);
    }
  }

  private synchronized boolean isToBeSeen(long usable) {
    return usable < seenFrom && time.nanos() - gaveAt <= SEEN_LATER;
  }

  /** Somebody else may take some of it at once, and not so easily half. */
  private synchronized void gave(long from) {
    gaveAt = time.nanos();
    seenFrom = disk.usable() < from ? from : 0;
  }
}
