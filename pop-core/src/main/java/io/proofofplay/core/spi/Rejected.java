package io.proofofplay.core.spi;

import java.util.Objects;

/**
 * These bytes are at fault: the bad event is looked for, and becomes a dead letter.
 *
 * @param reason what happened
 */
public record Rejected(Reason reason) implements SubmitResult {

  /** Checks that there is a reason. */
  public Rejected {
    Objects.requireNonNull(reason, "reason");
  }
}
