package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.util.Optional;

/**
 * Knows by when a loop has to come round, and so whether it stands still. The loop says at each
 * turn what it is about.
 *
 * <p>{@link #works} and {@link #waits} are for the loop's thread, {@link #standstill} is for any.
 */
final class Pulse {

  /**
   * What a turn may take beside what it is known to wait for. Far beyond the slowest disk and the
   * busiest processor: it is never a matter of patience that a loop is not back by then.
   */
  static final Duration AMPLE = Duration.ofMinutes(5);

  private final TimeSource time;

  /** The thread of the loop; {@code null} while it may wait for as long as it likes. */
  private volatile Thread expected;

  /** By when it is to come round; means nothing while it is not expected. */
  private volatile long due;

  Pulse(TimeSource time) {
    this.time = time;
  }

  /** The calling thread is at work, in which it may wait for so long. */
  void works(Duration longest) {
    due = time.nanos() + longest.toNanos() + AMPLE.toNanos();
    expected = Thread.currentThread();
  }

  /** The calling thread waits for so long, or for ever. */
  void waits(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      expected = null;
    } else {
      works(Duration.ofNanos(Math.max(0, nanos)));
    }
  }

  /** The loop has ended. */
  void ends() {
    expected = null;
  }

  /** That the loop stands still; empty while it does not. */
  Optional<Standstill> standstill() {
    Thread thread = expected;
    long late = time.nanos() - due;
    if (thread == null || late <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        Standstill.of(
            thread,
            "should have come round "
                + Spans.text(AMPLE.plusNanos(late))
                + " ago, and stands still"));
  }
}
