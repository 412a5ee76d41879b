package io.proofofplay.core.model;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Setting;
import java.time.Duration;

/**
 * How events are gathered into batches. A batch that has reached {@code maxEvents} or {@code
 * maxBytes} may go at once; a smaller one waits until {@code minInterval} has passed since the
 * submission before it. A time of more than a century (36,500 days) counts as one.
 *
 * @param maxEvents the most events in a batch
 * @param maxBytes the most bytes of events in a batch; a single larger event is a batch of its own
 * @param minInterval the least time between two submissions of batches that are not full
 * @param minPause the least time between the beginnings of any two submissions, for a destination
 *     that bears no more
 */
public record BatchPolicy(
    @Setting(value = "most events in a batch", min = "1", max = "100000") Integer maxEvents,
    @Setting(
            value =
                "most bytes of events in a batch, and never more than an eighth of the heap; a"
                    + " single larger event goes alone",
            min = "1KiB",
            max = "16MiB",
            example = "10MiB")
        ByteSize maxBytes,
    @Setting(
            value = "least time between two submissions; a full batch does not wait for it",
            min = "0s",
            max = "1d")
        Duration minInterval,
    @Setting(
            value =
                "least time between any two requests, those of full batches and repeated ones too",
            min = "0s",
            max = "1h")
        Duration minPause) {

  public BatchPolicy {
    maxEvents = maxEvents == null ? 500 : maxEvents;
    maxBytes = maxBytes == null ? ByteSize.ofKiB(512) : maxBytes;
    minInterval = LongTime.atMost(minInterval == null ? Duration.ofSeconds(10) : minInterval);
    minPause = LongTime.atMost(minPause == null ? Duration.ZERO : minPause);
    if (maxEvents < 1) {
      throw new IllegalArgumentException("maxEvents " + maxEvents + " is below 1");
    }
    if (maxBytes.bytes() < 1) {
      throw new IllegalArgumentException("maxBytes " + maxBytes + " is below 1");
    }
    if (minInterval.isNegative()) {
      throw new IllegalArgumentException("minInterval " + minInterval + " is below 0");
    }
    if (minPause.isNegative()) {
      throw new IllegalArgumentException("minPause " + minPause + " is below 0");
    }
  }

  /**
   * A policy without a pause between full batches.
   *
   * @param maxEvents the most events in a batch
   * @param maxBytes the most bytes of events in a batch
   * @param minInterval the least time between two submissions of batches that are not full
   */
  public BatchPolicy(Integer maxEvents, ByteSize maxBytes, Duration minInterval) {
    this(maxEvents, maxBytes, minInterval, null);
  }

  /**
   * This with a pause.
   *
   * @param least the least time between the beginnings of any two submissions
   * @return the policy
   */
  public BatchPolicy withMinPause(Duration least) {
    return new BatchPolicy(maxEvents, maxBytes, minInterval, least);
  }

  /**
   * This with another bound.
   *
   * @param most the most bytes of events in a batch
   * @return the policy
   */
  public BatchPolicy withMaxBytes(ByteSize most) {
    return new BatchPolicy(maxEvents, most, minInterval, minPause);
  }

  /**
   * The defaults.
   *
   * @return 500 events, 512 KiB, 10 s
   */
  public static BatchPolicy defaults() {
    return new BatchPolicy(null, null, null, null);
  }

  /**
   * Whether another event would make the batch too large.
   *
   * @param events how many it has
   * @param bytes how many bytes of events it has
   * @param nextLength the length in bytes of the next event
   * @return whether that one belongs into the next batch
   */
  public boolean closesBefore(int events, long bytes, int nextLength) {
    return events > 0 && (events >= maxEvents || bytes + nextLength > maxBytes.bytes());
  }

  /**
   * Whether a batch needs no more events.
   *
   * @param events how many it has
   * @param bytes how many bytes of events it has
   * @return whether it is full
   */
  public boolean isFull(int events, long bytes) {
    return events >= maxEvents || bytes >= maxBytes.bytes();
  }
}
