package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class SourceBenchmarkTest {

  private final SourceBenchmark benchmark = new SourceBenchmark();

  /** Wherever in the stream it begins, and however a line is cut. */
  @Test
  void eachLineOfTheStreamIsTakenAsAnEvent() throws IOException {
    for (int time = 0; time < 100; time++) {
      assertThat(benchmark.take()).isEqualTo(SourceBenchmark.EVENTS);
    }
  }

  @Test
  void eachLineOfTheStreamIsCut() throws IOException {
    for (int time = 0; time < 100; time++) {
      assertThat(benchmark.frame()).isEqualTo(SourceBenchmark.EVENTS);
    }
  }

  @Test
  void noEventThatIsSiftedWasSeenBefore() {
    SourceBenchmark.Fresh fresh = new SourceBenchmark.Fresh();
    for (int time = 0; time < 20; time++) {
      fresh.say();
      assertThat(benchmark.sift(fresh)).isZero();
    }
  }
}
