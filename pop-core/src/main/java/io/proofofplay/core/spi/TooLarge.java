package io.proofofplay.core.spi;

import java.util.Objects;

/**
 * The size of the batch is at fault: it is sent in smaller parts.
 *
 * @param reason what happened
 */
public record TooLarge(Reason reason) implements SubmitResult {

  /** Checks that there is a reason. */
  public TooLarge {
    Objects.requireNonNull(reason, "reason");
  }
}
