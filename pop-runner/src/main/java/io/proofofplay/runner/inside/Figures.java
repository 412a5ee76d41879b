package io.proofofplay.runner.inside;

import java.time.Duration;
import java.util.Locale;

/** Sizes and spans as people read them in a list. */
final class Figures {

  private static final double KIB = 1024;

  private Figures() {}

  static String size(long bytes) {
    if (bytes < KIB) {
      return bytes + " B";
    }
    return bytes < KIB * KIB
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / KIB)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / KIB / KIB);
  }

  /** The two largest units; a span below zero, as after a clock was set, is none. */
  static String span(Duration span) {
    long seconds = Math.max(0, span.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m " + seconds % 60 + "s";
    }
    return seconds < 86_400
        ? seconds / 3600 + "h " + seconds % 3600 / 60 + "m"
        : seconds / 86_400 + "d " + seconds % 86_400 / 3600 + "h";
  }
}
