package io.proofofplay.runner.acceptance;

import java.time.Duration;

/**
 * Has a player play a few events at a time, the next ones once all before have arrived, and knows
 * how long the slowest of them took from the player to the destination.
 *
 * <p>Thread-safe.
 */
final class RoundTrips {

  private final FlowPlayer player;
  private final int each;
  private int played;
  private int arrived;
  private long began;
  private long longest;

  /**
   * None is made yet.
   *
   * @param each how many events are played at a time
   */
  RoundTrips(FlowPlayer player, int each) {
    this.player = player;
    this.each = each;
  }

  /** Begins the next one, if none is under way. */
  synchronized void goOn() {
    if (arrived >= played) {
      played += each;
      began = System.nanoTime();
      player.play(each);
    }
  }

  /** One more event of the player has arrived. */
  synchronized void arrived() {
    arrived++;
    if (arrived == played) {
      longest = Math.max(longest, System.nanoTime() - began);
    }
  }

  /** How many events were played. */
  synchronized int events() {
    return played;
  }

  /** How long the slowest took, the one that is under way included. */
  synchronized Duration longest() {
    long now = arrived < played ? System.nanoTime() - began : 0;
    return Duration.ofNanos(Math.max(longest, now));
  }
}
