package io.proofofplay.core.spi;

import java.util.Objects;

/**
 * The destination or our configuration is at fault: everything waits, is retried slowly and said
 * loudly, and nothing is ever dropped for it.
 *
 * @param reason what happened
 */
public record Held(Reason reason) implements SubmitResult {

  /** Checks that there is a reason. */
  public Held {
    Objects.requireNonNull(reason, "reason");
  }
}
