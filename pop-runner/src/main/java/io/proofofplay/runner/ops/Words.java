package io.proofofplay.runner.ops;

import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import java.time.Duration;
import java.util.Locale;

/** The words for states, as the configuration spells its own, and for spans of time. */
final class Words {

  private Words() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A span of time in its largest unit, such as {@code 40 s}, {@code 12 min} or {@code 3 d}. */
  static String of(Duration span) {
    if (span.toMinutes() == 0) {
      return span.toSeconds() + " s";
    } else if (span.toHours() == 0) {
      return span.toMinutes() + " min";
    }
    return span.toDays() == 0 ? span.toHours() + " h" : span.toDays() + " d";
  }

  static String of(SubmitResult verdict) {
    if (verdict instanceof Delivered) {
      return "delivered";
    } else if (verdict instanceof Later) {
      return "later";
    } else if (verdict instanceof Held) {
      return "held";
    } else if (verdict instanceof TooLarge) {
      return "too-large";
    } else if (verdict instanceof Rejected) {
      return "rejected";
    }
    throw new IllegalArgumentException("no verdict: " + verdict);
  }
}
