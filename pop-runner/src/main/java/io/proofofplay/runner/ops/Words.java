package io.proofofplay.runner.ops;

import java.util.Locale;

/** The words for states, as the configuration spells its own. */
final class Words {

  private Words() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
