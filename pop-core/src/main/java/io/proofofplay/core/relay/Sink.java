package io.proofofplay.core.relay;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.LongTime;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.RetryPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Submitter;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One named destination, with its policies. Immutable.
 *
 * @param name what it is called in the storage, in logs and in metrics: 1 to 64 letters, digits,
 *     dots, hyphens and underscores, not beginning with a dot. What is kept for a sink belongs to
 *     this name
 * @param submitter delivers its batches; the relay closes it
 * @param batch how events are gathered
 * @param retry how long to wait after a failure
 * @param spool how events are kept
 * @param timeout how long one attempt may take, above 0; more than a century (36,500 days) counts
 *     as one
 * @param filter which events it wants; called from the threads of the sources, must not throw
 */
public record Sink(
    String name,
    Submitter submitter,
    BatchPolicy batch,
    RetryPolicy retry,
    SpoolPolicy spool,
    Duration timeout,
    Predicate<PopEvent> filter) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");

  /** Wants every event; told apart by identity, so that no event is asked about. */
  @SuppressWarnings("UnnecessaryLambda")
  private static final Predicate<PopEvent> EVERY = event -> true;

  public Sink {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "sink name \""
              + name
              + "\": 1 to 64 letters, digits, dots, hyphens and underscores are right");
    }
    Objects.requireNonNull(submitter, "submitter");
    Objects.requireNonNull(batch, "batch");
    Objects.requireNonNull(retry, "retry");
    Objects.requireNonNull(spool, "spool");
    Objects.requireNonNull(filter, "filter");
    timeout = LongTime.atMost(timeout);
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout " + timeout + " is not above 0");
    }
  }

  /**
   * A sink with the default policies and a timeout of 30 s, which wants every event.
   *
   * @param name what it is called
   * @param submitter delivers its batches
   * @return the sink
   */
  public static Sink named(String name, Submitter submitter) {
    return new Sink(
        name,
        submitter,
        BatchPolicy.defaults(),
        RetryPolicy.defaults(),
        SpoolPolicy.defaults(),
        Duration.ofSeconds(30),
        EVERY);
  }

  /**
   * This with another way of gathering.
   *
   * @param other how events are gathered
   * @return the sink
   */
  public Sink withBatch(BatchPolicy other) {
    return new Sink(name, submitter, other, retry, spool, timeout, filter);
  }

  /**
   * This with other waits.
   *
   * @param other how long to wait after a failure
   * @return the sink
   */
  public Sink withRetry(RetryPolicy other) {
    return new Sink(name, submitter, batch, other, spool, timeout, filter);
  }

  /**
   * This with another way of keeping.
   *
   * @param other how events are kept
   * @return the sink
   */
  public Sink withSpool(SpoolPolicy other) {
    return new Sink(name, submitter, batch, retry, other, timeout, filter);
  }

  /**
   * This with another bound on an attempt.
   *
   * @param other how long one attempt may take
   * @return the sink
   */
  public Sink withTimeout(Duration other) {
    return new Sink(name, submitter, batch, retry, spool, other, filter);
  }

  /**
   * This for some events only.
   *
   * @param other which events it wants
   * @return the sink
   */
  public Sink withFilter(Predicate<PopEvent> other) {
    return new Sink(name, submitter, batch, retry, spool, timeout, other);
  }

  boolean wantsEvery() {
    return filter == EVERY;
  }
}
