package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;

/** A clock that moves only when somebody waits: a wait is over at once and is remembered. */
final class VirtualTime implements TimeSource {

  private final List<Duration> waits = new ArrayList<>();

  /** Near the end of its range, so that code which compares instead of subtracting fails. */
  private long nanos = Long.MAX_VALUE - 1_000_000;

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }

  @Override
  public synchronized void await(Condition condition, long wait) {
    waits.add(Duration.ofNanos(wait));
    nanos += wait;
  }

  synchronized void pass(Duration duration) {
    nanos += duration.toNanos();
  }

  /** The waits between attempts, in their order. */
  synchronized List<Duration> waits() {
    return List.copyOf(waits);
  }
}
