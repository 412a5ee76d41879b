package io.proofofplay.core.model;

import java.time.Duration;

/**
 * The longest time that a policy or a sink knows. Whoever means "for ever" writes the longest
 * duration there is, which no clock of nanoseconds can count: it would be found out in the middle
 * of an outage. Stateless.
 */
public final class LongTime {

  /** Of 36,500 days: longer than any relay runs, and a third of what nanoseconds can count. */
  private static final Duration CENTURY = Duration.ofDays(36_500);

  private LongTime() {}

  /**
   * A time that a clock of nanoseconds can count.
   *
   * @param time a time
   * @return the time, or a century if it is longer
   */
  public static Duration atMost(Duration time) {
    return time.compareTo(CENTURY) > 0 ? CENTURY : time;
  }
}
