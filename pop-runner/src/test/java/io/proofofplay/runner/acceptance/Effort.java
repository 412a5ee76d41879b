package io.proofofplay.runner.acceptance;

import java.time.Duration;

/**
 * How much is tried: little in every build, much with {@code mvn -Ptorture verify}. Each number can
 * be set by itself, such as {@code -Dpop.rounds=200}.
 */
final class Effort {

  private static final boolean TORTURE = Boolean.getBoolean("pop.torture");

  private Effort() {}

  /** Whether measurements are held to their bounds, for which a machine must not be busy. */
  static boolean isTorture() {
    return TORTURE;
  }

  /** How often a daemon is killed. */
  static int kills() {
    return Integer.getInteger("pop.rounds", TORTURE ? 50 : 5);
  }

  /** How often a daemon is stopped in good order. */
  static int stops() {
    return Integer.getInteger("pop.stops", TORTURE ? 10 : 3);
  }

  /** How many events go from end to end. */
  static int events() {
    return Integer.getInteger("pop.events", TORTURE ? 100_000 : 20_000);
  }

  /** How long a backend is away. */
  static Duration outage() {
    return Duration.ofSeconds(TORTURE ? 20 : 3);
  }

  /** What a backend that asks for a pause asks for. */
  static Duration pause() {
    return Duration.ofSeconds(TORTURE ? 3 : 1);
  }

  /** How often a duration is measured. */
  static int measurements() {
    return TORTURE ? 5 : 1;
  }
}
