package io.proofofplay.sink.http;

import io.proofofplay.core.spi.TimeSource;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long the attempt of this moment may still take. Everything that waits asks it first, so that
 * the bound holds for the whole exchange, whichever part of it is slow: name, connection,
 * handshake, sending, answer.
 *
 * <p>One thread makes attempts; {@link #cancel} comes from any.
 */
final class Deadline {

  private final TimeSource time;

  private boolean running;
  private boolean passed;
  private long end;
  private int addresses = 1;

  private volatile boolean cancelled;
  private Closeable waiting = () -> {};

  Deadline(TimeSource time) {
    this.time = time;
  }

  void start(Duration timeout) {
    running = true;
    passed = false;
    long nanos;
    try {
      nanos = timeout.toNanos();
    } catch (ArithmeticException e) {
      nanos = Long.MAX_VALUE / 2;
    }
    end = time.nanos() + nanos;
  }

  /** Says how many addresses there are to connect to, one after the other. */
  void sharedBy(int count) {
    addresses = count;
  }

  /**
   * Nanoseconds for the next address: what is left, in equal parts for those that are not yet
   * tried. So an address that gives no answer leaves time for the others.
   */
  long share() {
    long share = left() / Math.max(1, addresses);
    addresses--;
    return share;
  }

  /** Between attempts nothing may wait. */
  void stop() {
    running = false;
  }

  /** Nanoseconds left; 0 or less when nothing may wait any more. */
  long left() {
    if (!running || passed || cancelled) {
      return 0;
    }
    return end - time.nanos();
  }

  /** What we do ourselves while an answer is awaited is none of the peer's time. */
  void excuse(long nanos) {
    end += nanos;
  }

  /** Notes that a wait took all the time that was left. */
  void pass() {
    passed = true;
  }

  boolean hasPassed() {
    if (running && !passed && end - time.nanos() <= 0) {
      passed = true;
    }
    return passed;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /**
   * Throws if there is no time left, or nobody wants the result any more.
   *
   * @throws InterruptedIOException if so
   */
  void check() throws InterruptedIOException {
    if (cancelled) {
      throw new InterruptedIOException("closed");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
    if (left() <= 0) {
      passed = true;
      throw new InterruptedIOException("the time is up");
    }
  }

  /** The longest of a wait in milliseconds, rounded up, at least 1. */
  static long millis(long nanos) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
  }

  /** Says what to close so that a wait ends; what was said before is forgotten. */
  void waitsFor(Closeable what) throws IOException {
    synchronized (this) {
      waiting = what;
      if (!cancelled) {
        return;
      }
    }
    what.close();
  }

  /** Ends the wait of this moment and all later ones. */
  void cancel() {
    Closeable what;
    synchronized (this) {
      cancelled = true;
      what = waiting;
    }
    try {
      what.close();
    } catch (IOException e) {
      // It ended all the same.
    }
  }
}
