package io.proofofplay.runner.backend;

/** A request's body is no batch. The message says why, for the sender. */
final class NoBatch extends Exception {

  private static final long serialVersionUID = 1L;

  NoBatch(String message) {
    super(message);
  }
}
