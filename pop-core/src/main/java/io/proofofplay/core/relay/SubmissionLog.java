package io.proofofplay.core.relay;

import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.core.spi.TooLarge;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The attempts of one sink: how many ended in which verdict, and the last one.
 *
 * <p>Thread-safe.
 */
final class SubmissionLog {

  private final TimeSource time;
  private final Map<String, Long> counts = new TreeMap<>();
  private Optional<Reason> lastAnswer = Optional.empty();
  private Optional<Instant> lastAttempt = Optional.empty();
  private Optional<Instant> lastDelivery = Optional.empty();
  private long bugs;

  SubmissionLog(TimeSource time) {
    this.time = time;
  }

  synchronized void add(SubmitResult result) {
    counts.merge(word(result), 1L, Long::sum);
    lastAnswer = Optional.of(result.reason());
    lastAttempt = Optional.of(time.now());
    if (result instanceof Delivered) {
      lastDelivery = lastAttempt;
    }
  }

  private static String word(SubmitResult result) {
    if (result instanceof Delivered) {
      return "delivered";
    }
    if (result instanceof Later) {
      return "later";
    }
    if (result instanceof Held) {
      return "held";
    }
    return result instanceof TooLarge ? "too-large" : "rejected";
  }

  synchronized void bug() {
    bugs++;
  }

  synchronized Map<String, Long> counts() {
    return new TreeMap<>(counts);
  }

  synchronized Optional<Reason> lastAnswer() {
    return lastAnswer;
  }

  synchronized Optional<Instant> lastAttempt() {
    return lastAttempt;
  }

  synchronized Optional<Instant> lastDelivery() {
    return lastDelivery;
  }

  synchronized long bugs() {
    return bugs;
  }
}
