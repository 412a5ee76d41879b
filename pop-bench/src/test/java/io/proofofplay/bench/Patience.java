package io.proofofplay.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * An end for loops that wait for a process: JUnit's {@code @Timeout} alone ends none that hears no
 * interrupt.
 */
final class Patience {

  private static final Duration LONGEST = Duration.ofSeconds(40);
  private static final long PAUSE_NANOS = Duration.ofMillis(1).toNanos();

  private final String what;
  private final long began = System.nanoTime();

  Patience(String what) {
    this.what = what;
  }

  /**
   * Waits for a moment.
   *
   * @throws AssertionError if there have been enough of them, or the thread is interrupted
   */
  void pause() {
    if (System.nanoTime() - began > LONGEST.toNanos() || Thread.currentThread().isInterrupted()) {
      throw new AssertionError("waited in vain for " + what);
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }
}
