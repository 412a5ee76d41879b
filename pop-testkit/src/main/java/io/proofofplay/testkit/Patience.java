package io.proofofplay.testkit;

import java.time.Duration;

/** How long the contracts wait, in real time. */
final class Patience {

  /** For what must come, however busy the machine is. */
  static final Duration GENEROUS = Duration.ofSeconds(10);

  /** For what a rule allows a second: that second, and another for a busy machine. */
  static final Duration ONE_SECOND_RULE = Duration.ofSeconds(2);

  private Patience() {}
}
