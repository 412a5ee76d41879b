package io.proofofplay.core.relay;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.model.PopEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells whether the time that an event gives for its play can be right. Devices without a clock
 * that runs on a battery start in 1970 or where they were switched off. An event is kept as it was
 * sent, whatever its time: somebody who knows the device can still make sense of it.
 */
final class PlayTime {

  /** No play that this program takes was earlier, and no clock that is right shows less. */
  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");

  /** Plays come as they happen: a player's clock that is further off than this is wrong. */
  private static final BigDecimal FARTHEST = BigDecimal.valueOf(Duration.ofDays(1).toSeconds());

  private PlayTime() {}

  /**
   * Whether the event's time is too early for any clock, or far from ours while ours may be right.
   * An event without a time has none that is wrong.
   *
   * @param event the event
   * @param now the wall clock, which may be wrong itself
   */
  static boolean isImplausible(PopEvent event, Instant now) {
    JsonNumber ts = event.ts();
    if (ts == null) {
      return false;
    }
    Optional<BigDecimal> seconds = ts.value();
    if (seconds.isEmpty()
        || seconds.get().compareTo(BigDecimal.valueOf(EARLIEST.getEpochSecond())) < 0) {
      return true;
    }
    BigDecimal off = seconds.get().subtract(BigDecimal.valueOf(now.getEpochSecond())).abs();
    return now.isAfter(EARLIEST) && off.compareTo(FARTHEST) > 0;
  }
}
