package io.proofofplay.bench;

import java.time.Duration;
import java.util.Locale;

/**
 * When all of it must have ended, whatever hangs.
 *
 * <p>Thread-safe.
 */
final class Bound {

  private final Duration all;
  private final long begun = System.nanoTime();

  /** Begins now. */
  Bound(Duration all) {
    this.all = all;
  }

  /**
   * What there is time for.
   *
   * @param nanos what is wanted
   * @return that, or if less is left, what is left; never negative
   */
  long within(long nanos) {
    return Math.max(0, Math.min(nanos, all.toNanos() - passedNanos()));
  }

  boolean isOver() {
    return within(1) == 0;
  }

  long passedNanos() {
    return System.nanoTime() - begun;
  }

  /** To end a message with. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "the %d min of bench.minutes are over", all.toMinutes());
  }
}
