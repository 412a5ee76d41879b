package io.proofofplay.runner.history;

import java.time.Instant;

/**
 * A source came or went, or the relay started, which ends what an earlier life had connected.
 *
 * @param time when, by the wall clock
 * @param what what happened
 * @param source the source; empty for a start
 * @param words what the peer calls itself, or why it is not there
 */
public record ConnectionChange(Instant time, What what, String source, String words) {

  /** What may happen. */
  public enum What {
    /** The peer is there. */
    CONNECTED,
    /** The peer is not there. */
    DISCONNECTED,
    /** A relay began. */
    STARTED
  }
}
