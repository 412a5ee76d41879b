package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;

/**
 * How many bytes a destination takes at once, as far as its answers tell. A size that was refused
 * is halved; when half of it passes, the middle between the two is tried, at most twice, so that a
 * destination that takes a little less than a batch does not get twice as many requests as it must.
 * After a while the size is doubled, because what was too large once need not be so for ever.
 *
 * <p>Not thread-safe.
 */
final class SizeLimit {

  /** Stands for "not known to be limited". */
  static final long NONE = Long.MAX_VALUE;

  /** How long a size that was too large is remembered. */
  private static final long REMEMBER = Duration.ofMinutes(10).toNanos();

  /**
   * What is left open between a size that passes and one that does not: this part of the latter.
   */
  private static final int CLOSE_ENOUGH = 4;

  private final long largest;
  private final TimeSource time;

  private long limit = NONE;
  private long forgetAt;
  private long passed;
  private long refused = NONE;

  /**
   * Nothing is known yet.
   *
   * @param largest the bytes beyond which nothing is sent anyway
   * @param time measures how long a size is remembered
   */
  SizeLimit(long largest, TimeSource time) {
    this.largest = largest;
    this.time = time;
  }

  /** The most bytes to send now, or {@link #NONE}. */
  long bytes() {
    while (limit != NONE && time.nanos() - forgetAt >= 0) {
      limit *= 2;
      forgetAt += REMEMBER;
      if (limit >= largest) {
        limit = NONE;
        passed = 0;
        refused = NONE;
      }
    }
    return limit;
  }

  /** So much, in more than one event, was too large. */
  void tooLarge(long bytes) {
    if (bytes <= passed) {
      // It takes less than it did.
      passed = 0;
    }
    refused = Math.min(refused, bytes);
    limit = Math.max(1, Math.max(passed, refused / 2));
    forgetAt = time.nanos() + REMEMBER;
  }

  /** So much was taken. */
  void passed(long bytes) {
    if (limit == NONE) {
      return;
    }
    if (bytes >= refused) {
      // It takes more than it did.
      refused = NONE;
    }
    passed = Math.max(passed, bytes);
    if (refused != NONE && refused - passed > refused / CLOSE_ENOUGH) {
      limit = Math.max(limit, passed + (refused - passed) / 2);
    }
  }
}
