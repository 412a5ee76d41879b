package io.proofofplay.sink.http;

import io.proofofplay.core.spi.TimeSource;

/**
 * What is done between the last byte of a request and the first of its answer, once.
 *
 * <p>Not thread-safe: one thread makes attempts.
 */
final class Meanwhile {

  private final TimeSource time;
  private final Deadline deadline;

  /** {@code null} for nothing. */
  private Runnable work;

  Meanwhile(TimeSource time, Deadline deadline) {
    this.time = time;
    this.deadline = deadline;
  }

  void is(Runnable what) {
    work = what;
  }

  /** Nothing is left to be done. */
  void isOver() {
    work = null;
  }

  void use() {
    Runnable now = work;
    work = null;
    if (now == null) {
      return;
    }
    long began = time.nanos();
    now.run();
    deadline.excuse(time.nanos() - began);
  }
}
