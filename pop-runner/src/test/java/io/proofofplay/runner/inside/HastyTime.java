package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;

/** A steady clock that goes on whenever somebody looks at it. For one thread. */
final class HastyTime implements TimeSource {

  private final long step;
  private long nanos;

  /** A clock that goes on by so much at each look. */
  HastyTime(Duration step) {
    this.step = step.toNanos();
  }

  @Override
  public long nanos() {
    nanos += step;
    return nanos;
  }

  @Override
  public Instant now() {
    return ManualTime.START;
  }

  @Override
  public void await(Condition condition, long most) {
    throw new AssertionError("nobody waits");
  }
}
