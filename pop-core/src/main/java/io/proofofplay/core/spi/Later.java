package io.proofofplay.core.spi;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The moment is at fault: the same batch is tried again after a back-off.
 *
 * @param reason what happened
 * @param notBefore how long the destination asks to be left alone, from now; empty if it does not
 *     say
 * @param doubt what else might be at fault if this goes on with the same batch
 */
public record Later(Reason reason, Optional<Duration> notBefore, Doubt doubt)
    implements SubmitResult {

  /** What else than the moment might be at fault. */
  public enum Doubt {
    /** Nothing. */
    NONE,
    /** The batch's size: a server that closes early on a large body looks like a reset. */
    SIZE,
    /** The batch's bytes: a server that breaks on an event often answers 500. */
    BYTES
  }

  public Later {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(doubt, "doubt");
    notBefore = notBefore.filter(wait -> !wait.isNegative());
  }

  /**
   * The moment alone is at fault, for a time that nobody knows.
   *
   * @param text what happened
   * @return the verdict
   */
  public static Later because(String text) {
    return new Later(Reason.of(text), Optional.empty(), Doubt.NONE);
  }
}
