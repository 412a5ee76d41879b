package io.proofofplay.core.relay;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Tells whether the oldest waiting event came longer ago than it should have to wait, from how many
 * had come at which time. By the monotonic clock, because the wall clock of a device may be
 * anything.
 *
 * <p>Not thread-safe.
 */
final class Lateness {

  /** The samples that are kept of one span. */
  private static final int SAMPLES = 60;

  private record Sample(long nanos, long came) {}

  private final long longest;
  private final long between;
  private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * Of one spool.
   *
   * @param longest how long an event may wait
   */
  Lateness(Duration longest) {
    this.longest = Math.max(longest.toNanos(), Duration.ofSeconds(1).toNanos());
    between = this.longest / SAMPLES;
  }

  /**
   * Takes a sample, and looks.
   *
   * @param now the monotonic clock
   * @param came how many events had come until now
   * @param gone how many of them, the oldest ones, are gone again
   */
  boolean isLate(long now, long came, long gone) {
    if (samples.isEmpty() || now - samples.peekLast().nanos() >= between) {
      samples.addLast(new Sample(now, came));
    }
    while (!samples.isEmpty() && samples.peekFirst().came() <= gone) {
      samples.removeFirst();
    }
    // More events had come by the first sample than are gone: one of them is that old.
    boolean late = !samples.isEmpty() && now - samples.peekFirst().nanos() > longest;
    while (late && samples.size() > 1) {
      samples.removeLast();
    }
    return late;
  }
}
