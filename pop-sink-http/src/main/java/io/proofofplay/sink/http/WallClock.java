package io.proofofplay.sink.http;

import java.time.Instant;

/** Whether the wall clock can be right. A device without a battery begins in 1970. */
final class WallClock {

  /** The software is younger than this; a clock that shows an earlier time is wrong. */
  private static final Instant RIGHT_AFTER = Instant.parse("2024-01-01T00:00:00Z");

  private WallClock() {}

  static boolean canBeRight(Instant now) {
    return !now.isBefore(RIGHT_AFTER);
  }
}
