package io.proofofplay.core.spi;

import java.time.Instant;
import java.util.concurrent.locks.Condition;

/**
 * The only door to time.
 *
 * <p>The two clocks have nothing to do with each other: the wall clock of a device without a
 * battery starts in 1970 and jumps when the network comes up. Whatever is waited for or measured
 * uses {@link #nanos()}; {@link #now()} is for stamps that people read.
 *
 * <p>Thread-safe.
 */
public interface TimeSource {

  /**
   * The monotonic clock.
   *
   * @return nanoseconds from an origin of its own; only differences mean anything
   */
  long nanos();

  /**
   * The wall clock, right or wrong.
   *
   * @return the instant that the device believes it is
   */
  Instant now();

  /**
   * Waits until the condition is signalled or the time has passed, like {@link
   * Condition#awaitNanos}. The caller holds the condition's lock and checks again afterwards.
   *
   * @param condition what may be signalled
   * @param nanos the longest wait; 0 or less returns at once, {@link Long#MAX_VALUE} is for ever
   * @throws InterruptedException if the thread is interrupted
   */
  void await(Condition condition, long nanos) throws InterruptedException;

  /**
   * The clocks of this machine.
   *
   * @return the real time
   */
  static TimeSource system() {
    return SystemTime.INSTANCE;
  }
}
