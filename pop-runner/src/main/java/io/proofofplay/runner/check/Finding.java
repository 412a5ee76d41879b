package io.proofofplay.runner.check;

/**
 * What one look has shown.
 *
 * @param outcome good or not
 * @param subject what was looked at, with its name in the configuration
 * @param text what was seen, and what to do about it
 */
record Finding(Outcome outcome, String subject, String text) {

  /** Good or not. */
  enum Outcome {
    /** As it should be. */
    OK,
    /** Worth knowing; nothing has to be done. */
    NOTE,
    /** Something has to be done. */
    FAIL
  }

  static Finding ok(String subject, String text) {
    return new Finding(Outcome.OK, subject, text);
  }

  static Finding note(String subject, String text) {
    return new Finding(Outcome.NOTE, subject, text);
  }

  static Finding fail(String subject, String text) {
    return new Finding(Outcome.FAIL, subject, text);
  }
}
