package io.proofofplay.core.relay;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.json.Members;
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

  private static final long EARLIEST_SECONDS = EARLIEST.getEpochSecond();

  /** Plays come as they happen: a player's clock that is further off than this is wrong. */
  private static final BigDecimal FARTHEST = BigDecimal.valueOf(Duration.ofDays(1).toSeconds());

  private static final long FARTHEST_SECONDS = FARTHEST.longValue();

  /** The longest number that is looked at without a copy; it does not overflow. */
  private static final int MOST_DIGITS = 18;

  private static final Members TS = Members.of("ts");

  private PlayTime() {}

  /**
   * Whether the event's time is too early for any clock, or far from ours while ours may be right.
   * An event without a time has none that is wrong.
   *
   * @param event the event
   * @param now the wall clock, which may be wrong itself
   */
  static boolean isImplausible(PopEvent event, Instant now) {
    return isImplausible(event, now, new int[2]);
  }

  /**
   * The same, for who asks about many.
   *
   * @param span two numbers, for this to use as it likes
   */
  static boolean isImplausible(PopEvent event, Instant now, int[] span) {
    if (isSurelyNear(event, now, span)) {
      return false;
    }
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

  /**
   * Whether it gives a plain number within what passes, which nearly all do, read without a copy.
   */
  private static boolean isSurelyNear(PopEvent event, Instant now, int[] span) {
    byte[] bytes = event.array();
    if (!JsonScanner.spans(bytes, event.offset(), event.length(), TS, span) || span[1] <= 0) {
      return false;
    }
    int end = span[0] + Math.min(span[1], MOST_DIGITS);
    int at = span[0];
    long seconds = 0;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      seconds = 10 * seconds + bytes[at++] - '0';
    }
    if (at < end && bytes[at] == '.') {
      at++;
      while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
        at++;
      }
    }
    // Neither longer, nor with an exponent, nor a text.
    return at == span[0] + span[1]
        && bytes[span[0] - 1] != '"'
        && seconds >= EARLIEST_SECONDS
        && Math.abs(seconds - now.getEpochSecond()) < FARTHEST_SECONDS;
  }
}
