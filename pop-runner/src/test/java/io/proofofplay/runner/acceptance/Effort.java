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
    return Integer.getInteger("pop.rounds", TORTURE ? 50 : 4);
  }

  /** How often a daemon is killed in the middle of something else than steady flow. */
  static int killsAnywhere() {
    return Integer.getInteger("pop.kills", TORTURE ? 200 : 7);
  }

  /** How much later than promised something may be seen, on a machine that does much else. */
  static Duration slack() {
    return Duration.ofSeconds(TORTURE ? 1 : 2);
  }

  /** How often a daemon is stopped in good order. */
  static int stops() {
    return Integer.getInteger("pop.stops", TORTURE ? 10 : 2);
  }

  /** How many of all stops may be late: a machine that is busy may wake the daemon late once. */
  static int lateStops() {
    return TORTURE ? 0 : 1;
  }

  /** How often a daemon is stopped, each time in another state. */
  static int stopsInStates() {
    return Integer.getInteger("pop.states", TORTURE ? 200 : 9);
  }

  /** How often a disk is filled and freed, on each kind of file system. */
  static int fills() {
    return Integer.getInteger("pop.fills", TORTURE ? 20 : 1);
  }

  /** How often two daemons are started on one spool. */
  static int twins() {
    return Integer.getInteger("pop.twins", TORTURE ? 50 : 2);
  }

  /** How often the spool's directory is taken away and so on. */
  static int upsets() {
    return Integer.getInteger("pop.upsets", TORTURE ? 10 : 1);
  }

  /** How many operations of each kind fail, one in each life. */
  static int diskFaults() {
    return Integer.getInteger("pop.diskfaults", TORTURE ? 12 : 1);
  }

  /** How often a running daemon is told to reload, every second time with a bad file. */
  static int reloads() {
    return Integer.getInteger("pop.reloads", TORTURE ? 100 : 20);
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
