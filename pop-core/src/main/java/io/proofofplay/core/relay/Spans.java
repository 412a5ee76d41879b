package io.proofofplay.core.relay;

import java.time.Duration;

/** Writes spans of time for people. */
final class Spans {

  private Spans() {}

  /** Such as {@code 850ms}, {@code 42s}, {@code 3m12s}, {@code 5h20m} or {@code 30d4h}. */
  static String text(Duration span) {
    long seconds = span.toSeconds();
    if (seconds < 1) {
      return Math.max(0, span.toMillis()) + "ms";
    }
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return two(seconds / 60, "m", seconds % 60, "s");
    }
    if (seconds < 86_400) {
      return two(seconds / 3600, "h", seconds % 3600 / 60, "m");
    }
    return two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
  }

  private static String two(long large, String unit, long small, String smallUnit) {
    return small == 0 ? large + unit : large + unit + small + smallUnit;
  }
}
