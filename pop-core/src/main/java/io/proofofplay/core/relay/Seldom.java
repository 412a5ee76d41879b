package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;

/**
 * Lets a message through once a minute and counts the ones between, so that a flood of mistakes is
 * not a flood of lines.
 *
 * <p>Thread-safe.
 */
final class Seldom {

  private static final long EVERY = Duration.ofMinutes(1).toNanos();

  private final TimeSource time;
  private boolean said;
  private long last;
  private long held;

  Seldom(TimeSource time) {
    this.time = time;
  }

  /**
   * How many there were since the last one that was let through, this one included; 0: say nothing.
   */
  synchronized long due() {
    held++;
    long now = time.nanos();
    if (said && now - last < EVERY) {
      return 0;
    }
    said = true;
    last = now;
    long count = held;
    held = 0;
    return count;
  }
}
