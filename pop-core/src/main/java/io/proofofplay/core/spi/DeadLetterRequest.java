package io.proofofplay.core.spi;

import java.util.Objects;
import java.util.Set;

/**
 * What an operator has decided about dead letters of one sink.
 *
 * @param id names the request, so that it can be answered
 * @param action what is to become of them
 * @param batches which ones, each by the batch in which it was last sent, alone
 */
public record DeadLetterRequest(String id, Action action, Set<String> batches) {

  /** What may become of a dead letter. */
  public enum Action {
    /** It is delivered like a new event, under the same uuid. */
    RETRY,
    /** It is written off. */
    DISCARD
  }

  /** Copies the set. */
  public DeadLetterRequest {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(action, "action");
    batches = Set.copyOf(batches);
  }

  /**
   * Whether a letter is among those that are meant.
   *
   * @param letter a letter of the sink
   * @return whether it is
   */
  public boolean means(DeadLetter letter) {
    return batches.contains(letter.batch().toString());
  }
}
