package io.proofofplay.core.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * What a submitter is told beside the batch.
 *
 * @param timeout how long the whole attempt may take, above 0
 * @param backlog how many events wait for this sink, those of this batch included
 * @param meanwhile what the relay can do until the answer comes, such as reading the next batch. A
 *     submitter that waits for an answer runs it on its own thread once all of the batch has left;
 *     one that does not costs time and nothing else. To run it again does no harm. It throws
 *     nothing, and takes about as long as reading a batch from disk, which comes on top of the
 *     timeout
 */
public record Attempt(Duration timeout, long backlog, Runnable meanwhile) {

  public Attempt {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout " + timeout + " is not above 0");
    }
    if (backlog < 0) {
      throw new IllegalArgumentException("backlog " + backlog + " is below 0");
    }
    Objects.requireNonNull(meanwhile, "meanwhile");
  }

  /**
   * An attempt beside which there is nothing to do.
   *
   * @param timeout how long the whole attempt may take, above 0
   * @param backlog how many events wait for this sink, those of this batch included
   */
  public Attempt(Duration timeout, long backlog) {
    this(timeout, backlog, () -> {});
  }
}
