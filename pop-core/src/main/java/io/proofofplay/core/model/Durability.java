package io.proofofplay.core.model;

/** When an event counts as kept. */
public enum Durability {
  /** When it is on disk, forced; concurrent offers share one force. A kill loses nothing. */
  WRITE_AHEAD,
  /**
   * When it is written; forced every interval. A killed process loses nothing, a power cut what one
   * interval gathered.
   */
  INTERVAL,
  /**
   * When it is in memory; written when a submission fails, when it is older than {@code
   * minInterval}, or when the relay stops. A kill loses what one {@code minInterval} gathered.
   */
  ON_FAILURE
}
