package io.proofofplay.core.spi;

import java.time.Duration;

/**
 * What a submitter is told beside the batch.
 *
 * @param timeout how long the whole attempt may take, above 0
 * @param backlog how many events wait for this sink, those of this batch included
 */
public record Attempt(Duration timeout, long backlog) {

  public Attempt {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout " + timeout + " is not above 0");
    }
    if (backlog < 0) {
      throw new IllegalArgumentException("backlog " + backlog + " is below 0");
    }
  }
}
