package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;

/**
 * Lets a message through once in a while and counts the ones between, so that a flood of mistakes
 * is not a flood of lines.
 *
 * <p>Thread-safe.
 */
final class Seldom {

  private final TimeSource time;
  private final long every;
  private boolean said;
  private long last;
  private long held;

  /** Once a minute. */
  Seldom(TimeSource time) {
    this(time, Duration.ofMinutes(1));
  }

  Seldom(TimeSource time, Duration every) {
    this.time = time;
    this.every = every.toNanos();
  }

  /**
   * How many there were since the last one that was let through, this one included; 0: say nothing.
   */
  synchronized long due() {
    held++;
    long now = time.nanos();
    if (said && now - last < every) {
      return 0;
    }
    said = true;
    last = now;
    long count = held;
    held = 0;
    return count;
  }
}
