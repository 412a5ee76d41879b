package io.proofofplay.core.spi;

import java.time.Instant;
import java.util.concurrent.locks.Condition;

/** The clocks of this machine. */
enum SystemTime implements TimeSource {
  INSTANCE;

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  // The loop is the caller's: it holds the lock and looks again at what it waits for.
  @SuppressWarnings("WaitNotInLoop")
  @Override
  public void await(Condition condition, long nanos) throws InterruptedException {
    if (nanos == Long.MAX_VALUE) {
      condition.await();
    } else if (nanos > 0) {
      long unused = condition.awaitNanos(nanos);
    }
  }
}
