package io.proofofplay.runner.ops;

import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import java.util.Locale;

/** The words for states, as the configuration spells its own. */
final class Words {

  private Words() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
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
