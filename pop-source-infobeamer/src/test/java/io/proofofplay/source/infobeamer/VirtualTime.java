package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;

/** Clocks that every wait moves, and the waits in their order. For one thread. */
final class VirtualTime implements TimeSource {

  /** Near the end of its range, so that code which compares instead of subtracting fails. */
  private final ManualTime clocks =
      ManualTime.flowing().startingAt(Instant.EPOCH, Long.MAX_VALUE - 1_000_000);

  private final List<Duration> waits = new ArrayList<>();

  @Override
  public long nanos() {
    return clocks.nanos();
  }

  @Override
  public Instant now() {
    return clocks.now();
  }

  @Override
  public void await(Condition condition, long nanos) throws InterruptedException {
    waits.add(Duration.ofNanos(nanos));
    clocks.await(condition, nanos);
  }

  void pass(Duration duration) {
    clocks.advance(duration);
  }

  /** The waits between attempts. */
  List<Duration> waits() {
    return List.copyOf(waits);
  }
}
