package io.proofofplay.core.spi;

import java.util.Objects;

/**
 * The destination has confirmed every event of the batch.
 *
 * @param reason what it answered
 */
public record Delivered(Reason reason) implements SubmitResult {

  /** Checks that there is a reason. */
  public Delivered {
    Objects.requireNonNull(reason, "reason");
  }
}
