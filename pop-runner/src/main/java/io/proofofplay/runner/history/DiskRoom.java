package io.proofofplay.runner.history;

import java.io.File;
import java.nio.file.Path;

/**
 * The room of the disk that a history shares with the events that wait. What is left last is
 * theirs: a play that cannot be taken is lost, where one that was delivered and is forgotten is
 * not.
 *
 * <p>A file system that does not say how large it is, as some that are mounted over a network, has
 * no bounds here.
 */
interface DiskRoom {

  /** For what is accepted between two looks, and for a reserve. */
  long MOST_FOR_EVENTS = 4 << 20;

  /** Enough for the reserve of the largest event, and for the next look to be in time. */
  long MOST_AFTER_TROUBLE = 16 << 20;

  /** All bytes of it; 0 if that is not known. */
  long total();

  /** How many bytes may be written yet. */
  long usable();

  /** The disk that a folder is on; of one that is not there yet nothing is known. */
  static DiskRoom of(Path folder) {
    // What a path offers for it reads the table of all mounts each time.
    File place = folder.toFile();
    return new DiskRoom() {
      @Override
      public long total() {
        return place.getTotalSpace();
      }

      @Override
      public long usable() {
        return place.getUsableSpace();
      }
    };
  }

  /** The last bytes, that only events may take. */
  default long forEvents() {
    return Math.min(MOST_FOR_EVENTS, total() / 16);
  }

  /** What a history leaves once events could not be kept: what they need was more than the last. */
  default long afterTrouble() {
    return Math.min(MOST_AFTER_TROUBLE, total() / 4);
  }

  /**
   * Whether so many bytes more would be some of the last.
   *
   * @param more how many
   */
  default boolean isTooLittleFor(long more) {
    // A disk of which nothing is known may say that it has nothing left.
    long kept = forEvents();
    return kept > 0 && usable() - more < kept;
  }
}
