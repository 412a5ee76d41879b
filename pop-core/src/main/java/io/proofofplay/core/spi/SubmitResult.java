package io.proofofplay.core.spi;

/**
 * The verdict on one attempt: whose fault it was, if anybody's. The consequences are the engine's,
 * so that every submitter has the same ones.
 */
public sealed interface SubmitResult permits Delivered, Later, Held, TooLarge, Rejected {

  /**
   * What happened.
   *
   * @return the reason
   */
  Reason reason();
}
