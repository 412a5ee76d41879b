package io.proofofplay.source.infobeamer;

/**
 * What is still to be read of a connection that is left, whose player may go on sending.
 *
 * <p>Leaving is for any thread; all else is for the one that reads.
 */
final class Farewell {

  /** More than the kernel keeps for a connection unless it is told otherwise. */
  private static final int MOST_LAST_BYTES = 8 * 1024 * 1024;

  private volatile boolean isBegun;

  /** What had arrived when the connection was left; written once, before {@link #isBegun}. */
  private int owed;

  /** What was read by reads that began when the connection had been left. */
  private int lastBytes;

  /** The connection is left; so much has arrived. Only the first time counts. */
  synchronized void begin(int there) {
    if (!isBegun) {
      owed = there;
      isBegun = true;
    }
  }

  boolean isBegun() {
    return isBegun;
  }

  /** Whether nothing more is read, however much comes. */
  boolean isEnough() {
    return lastBytes >= MOST_LAST_BYTES;
  }

  /** So many bytes came of a read that began when the connection had been left. */
  void read(int bytes) {
    lastBytes += Math.max(0, bytes);
  }

  /** Whether not all has been read of what had arrived when the connection was left. */
  boolean owes() {
    return isBegun && lastBytes < Math.min(owed, MOST_LAST_BYTES);
  }
}
