package io.proofofplay.runner.config;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Reads a place again on a thread of its own, and waits for it for a few seconds: a file on a
 * network that hangs must not hold up the sink that looks whether its secret is another one. While
 * a reading hangs, no other one begins.
 *
 * <p>Thread-safe, if the place is.
 *
 * @param <T> what is read
 */
final class BoundedReading<T> implements Supplier<T> {

  /** Long for any disk, and short beside the timeout of an attempt. */
  static final Duration LONGEST = Duration.ofSeconds(5);

  private final Supplier<? extends T> place;
  private final Duration longest;

  /** What did not answer in time, guarded by this object. */
  private Optional<FutureTask<T>> hanging = Optional.empty();

  BoundedReading(Supplier<? extends T> place) {
    this(place, LONGEST);
  }

  BoundedReading(Supplier<? extends T> place, Duration longest) {
    this.place = place;
    this.longest = longest;
  }

  /**
   * Reads.
   *
   * @throws IllegalStateException if there is no answer in time; besides, what the place throws
   */
  @Override
  public synchronized T get() {
    if (hanging.filter(reading -> !reading.isDone()).isPresent()) {
      throw new IllegalStateException("an earlier reading of it has not ended yet");
    }
    FutureTask<T> reading = new FutureTask<>(place::get);
    hanging = Optional.of(reading);
    Thread thread = new Thread(reading, "pop-reading");
    // One that hangs must not keep the process from its end.
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      hanging = Optional.empty();
      throw new IllegalStateException("there is no thread to read it: " + e.getMessage(), e);
    }
    return answerOf(reading);
  }

  private T answerOf(FutureTask<T> reading) {
    try {
      return reading.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "there was no answer within " + longest.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the reading was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
