package io.proofofplay.runner.history;

import java.time.Instant;

/**
 * A time of which something could not be written down.
 *
 * @param from when the first of it happened, by the wall clock
 * @param to when the last of it happened
 * @param entries how much it was: events that were delivered, or changes of connections; of the
 *     last batch before it a part may have been written
 */
public record Hole(Instant from, Instant to, long entries) {

  /** This one, if so much more could not be written. */
  Hole and(Instant now, int more) {
    return new Hole(now.isBefore(from) ? now : from, now.isAfter(to) ? now : to, entries + more);
  }
}
