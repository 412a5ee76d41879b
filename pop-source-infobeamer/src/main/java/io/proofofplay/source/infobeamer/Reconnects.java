package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.RetryPolicy;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next connection, from how the connections before it ended.
 *
 * <p>A player that is away is looked for at once and then ever more slowly. One that was lost after
 * a connection that lasted is looked for as if for the first time; one that comes and goes is not,
 * whatever it sends in between. Where somebody answers who is no player with proof of play, that is
 * most likely how things are meant to be, and it is asked again slowly; unless there was proof of
 * play before: then the player is loading its package anew, and what it plays while nobody is
 * connected is told to nobody. Chance takes a part off every wait, so that a thousand sources do
 * not come back together.
 *
 * <p>Not thread-safe.
 */
final class Reconnects {

  /** The longest wait between two attempts. */
  static final Duration LONGEST = Duration.ofSeconds(30);

  /** A connection that brings events and is shorter than this leaves the waits as they are. */
  static final Duration LASTING = Duration.ofSeconds(5);

  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(200), LONGEST, 2.0, 0.5);

  private static final RetryPolicy SLOW = new RetryPolicy(LONGEST, LONGEST, 1.0, 0.25);

  private final RetryPolicy quick;
  private final RetryPolicy slow;
  private final DoubleSupplier chance;

  /** Attempts in a row that came to nothing. */
  private int failures;

  /** Whether a connection has been of use. */
  private boolean proven;

  /**
   * Nothing has failed yet.
   *
   * @param chance gives numbers from 0 (inclusive) to 1 (exclusive), evenly spread
   */
  Reconnects(DoubleSupplier chance) {
    this(QUICK, SLOW, chance);
  }

  /**
   * Nothing has failed yet.
   *
   * @param quick how a player is looked for that is away
   * @param slow how one is asked again that has no proof of play
   */
  Reconnects(RetryPolicy quick, RetryPolicy slow, DoubleSupplier chance) {
    this.quick = quick;
    this.slow = slow;
    this.chance = chance;
  }

  /** Takes note of an ending; returns the wait before the next attempt, in nanoseconds. */
  long nanosAfter(Ending.Outcome outcome) {
    return switch (outcome) {
      case FAILED -> nextQuick();
      case LOST -> {
        proven = true;
        failures = 0;
        yield nextQuick();
      }
      case BRIEF -> {
        proven = true;
        yield nextQuick();
      }
      case UNFIT -> {
        if (proven) {
          yield nextQuick();
        }
        failures = 0;
        yield slow.waitNanos(1, chance.getAsDouble());
      }
      case QUIET -> {
        proven = true;
        failures = 0;
        yield 0;
      }
      case CLOSED -> 0;
    };
  }

  private long nextQuick() {
    failures++;
    return quick.waitNanos(failures, chance.getAsDouble());
  }
}
