package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StorageWatchTest {

  private final ManualTime time = ManualTime.flowing();
  private final StorageWatch watch = new StorageWatch("billing", time);

  @Test
  void aCallThatMakesOthersDoesNotHangAsLongAsTheyReturn() {
    watch.run(
        "try dead letters again",
        () -> {
          for (int i = 0; i < 10; i++) {
            watch.run("keep events", () -> time.advance(Duration.ofSeconds(20)));
            assertThat(watch.trouble()).isEmpty();
          }
          time.advance(Duration.ofSeconds(31));
          assertThat(watch.trouble())
              .contains("the spool has not answered for 31s, asked to try dead letters again");
        });

    assertThat(watch.trouble()).isEmpty();
    assertThat(watch.isSlow()).isFalse();
  }

  @Test
  void aCallThatAnotherOneMadeHangsByItsOwnName() {
    watch.run(
        "try dead letters again",
        () ->
            watch.run(
                "keep events",
                () -> {
                  time.advance(Duration.ofMinutes(61));
                  assertThat(watch.standstill().orElseThrow().why())
                      .contains("has not answered for 1h1m, asked to keep events");
                }));
  }
}
