package io.proofofplay.runner.backend;

import io.proofofplay.core.model.PopEvent;

/** Hears what a backend finds strange. Called from the backend's threads, several at a time. */
public interface BackendListener {

  /** Hears nothing. */
  BackendListener NONE = new BackendListener() {};

  /**
   * A batch was answered 200.
   *
   * @param totals all counts after it
   */
  default void took(Totals totals) {}

  /**
   * Two events share a uuid and differ; both are kept.
   *
   * @param event the later one
   */
  default void conflict(PopEvent event) {}

  /**
   * An idempotency key came again with another body. The events are taken all the same.
   *
   * @param key the key
   */
  default void keyReused(String key) {}

  /**
   * A request was no batch.
   *
   * @param status what it was answered
   * @param reason why
   */
  default void refused(int status, String reason) {}
}
