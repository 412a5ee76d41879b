package io.proofofplay.runner.inside;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A span of time.
 *
 * @param from its beginning, which belongs to it
 * @param to its end, which does not
 */
record Window(Instant from, Instant to) {

  /** The end of the year 9999, in seconds: no player means more. */
  private static final BigDecimal LATEST = BigDecimal.valueOf(253_402_300_800L);

  boolean holds(Instant moment) {
    return !moment.isBefore(from) && moment.isBefore(to);
  }

  /** Whether a player may mean this: from 1970 on, and of our calendar. */
  static boolean isPossible(Instant moment) {
    return !moment.isBefore(Instant.EPOCH) && moment.getEpochSecond() < LATEST.longValue();
  }

  /** Whether a player may mean this: not below 0, and not beyond all bounds. */
  static boolean isPossible(Duration span) {
    return !span.isNegative() && span.toSeconds() < LATEST.longValue();
  }

  /** The moment that a player's {@code ts} means, in whole seconds; empty if it means none. */
  static Optional<Instant> moment(String ts) {
    return seconds(ts).map(seconds -> Instant.ofEpochSecond(seconds.longValue()));
  }

  /**
   * A number of seconds as a player spells it; empty if it is none, below 0 or beyond all bounds.
   */
  static Optional<BigDecimal> seconds(String text) {
    try {
      BigDecimal seconds = new BigDecimal(text);
      return seconds.signum() < 0 || seconds.compareTo(LATEST) >= 0
          ? Optional.empty()
          : Optional.of(seconds);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
