package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long a loop waits for what it is to do next. */
class SignalTest {

  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  private final ManualTime time = ManualTime.flowing();
  private final Signal signal = new Signal();

  @Test
  void aWallClockThatJumpsBackMakesNoWaitLonger() throws Exception {
    time.after(Duration.ofSeconds(5), () -> time.jumpWall(Duration.ofHours(-1)));

    signal.await(time, TEN_SECONDS.toNanos());

    assertThat(time.elapsed()).isEqualTo(TEN_SECONDS);
  }

  @Test
  void aSignalIsRememberedForOneWaitAndNoMore() throws Exception {
    signal.raise();
    signal.raise();

    signal.await(time, TEN_SECONDS.toNanos());
    assertThat(time.elapsed()).isZero();

    signal.await(time, TEN_SECONDS.toNanos());
    assertThat(time.elapsed()).isEqualTo(TEN_SECONDS);
  }

  @Test
  void aWaitForNothingTakesNoSignalAway() throws Exception {
    signal.raise();

    signal.await(time, 0);

    signal.await(time, TEN_SECONDS.toNanos());
    assertThat(time.elapsed()).isZero();
  }
}
