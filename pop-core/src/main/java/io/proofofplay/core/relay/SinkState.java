package io.proofofplay.core.relay;

/** What a sink's delivery is doing. */
public enum SinkState {
  /** Nothing is ripe for sending. */
  IDLE,
  /** A batch is on its way. */
  SUBMITTING,
  /** The moment is at fault: waits before it tries the same batch again. */
  BACKING_OFF,
  /** The destination or our configuration is at fault: retries slowly. */
  HELD,
  /** The destination rejects everything: tries single events slowly and gives up none. */
  BRAKED,
  /** The storage does not answer as it should: tries again by itself. */
  STORAGE_TROUBLE,
  /** Stopped. */
  STOPPED
}
