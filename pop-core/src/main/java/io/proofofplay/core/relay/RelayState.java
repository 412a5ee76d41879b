package io.proofofplay.core.relay;

/** Where a relay is in its life. It only ever moves forward. */
public enum RelayState {
  /** Built, not started. */
  NEW,
  /** Takes events and delivers them. */
  RUNNING,
  /** Takes nothing any more, and lets go of what it holds. */
  STOPPING,
  /** At rest. Everything accepted and not delivered is kept. */
  STOPPED,
  /** At rest because one of its loops died; what was accepted is kept. */
  FAILED
}
