package io.proofofplay.runner.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CountedTest {

  @Test
  void oneHasNoS() {
    assertThat(Counted.of(1, "event")).isEqualTo("1 event");
    assertThat(Counted.of(0, "event")).isEqualTo("0 events");
    assertThat(Counted.of(2, "event")).isEqualTo("2 events");
    assertThat(Counted.of(-1, "day")).isEqualTo("-1 days");
    assertThat(Counted.of(2, "batch", "batches")).isEqualTo("2 batches");
  }
}
