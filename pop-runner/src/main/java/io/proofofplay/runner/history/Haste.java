package io.proofofplay.runner.history;

/**
 * Whether so much is written that it is not worth packing: it goes soon, for what comes behind it,
 * and the processor has more urgent things to do. That is what exceeds a steady rate by more than a
 * burst.
 *
 * <p>Not thread-safe.
 */
final class Haste {

  /** Of text; it takes some hundredths of a processor to pack so much. */
  static final long BYTES_PER_SECOND = 1 << 20;

  /** What may come at once. */
  static final long BURST = 2 << 20;

  private static final double NANOS_PER_SECOND = 1e9;

  /** What was written beyond the steady rate; never more than twice a burst, so that it ends. */
  private double ahead;

  /** When that was, by the monotonic clock, which may begin anywhere. */
  private long at;

  private boolean begun;
  private boolean on;

  /**
   * So much was just written.
   *
   * @param nanos the monotonic clock
   */
  void wrote(int bytes, long nanos) {
    double allowed = begun ? (nanos - at) / NANOS_PER_SECOND * BYTES_PER_SECOND : 0;
    double before = Math.max(0, ahead - allowed);
    // By what was there before: a single write, however large, is none if nothing was.
    on = before > BURST;
    ahead = Math.min(before + bytes, 2.0 * BURST);
    at = nanos;
    begun = true;
  }

  /** Whether it was too much, before what was written last. */
  boolean isOn() {
    return on;
  }
}
