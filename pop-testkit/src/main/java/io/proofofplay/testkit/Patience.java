package io.proofofplay.testkit;

import java.time.Duration;

/** How long the kit waits, in real time, before it says that something does not come. */
final class Patience {

  /** For what a rule allows a second: that second, and another for a busy machine. */
  static final Duration ONE_SECOND_RULE = Duration.ofSeconds(2);

  private static final String SECONDS = "pop.testkit.patience";

  private Patience() {}

  /**
   * For what must come, however busy the machine is: 10 s, or as many seconds as the system
   * property {@code pop.testkit.patience} says.
   */
  static Duration generous() {
    return Duration.ofSeconds(Integer.getInteger(SECONDS, 10));
  }
}
