package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BoundTest {

  @Test
  void thereIsNoMoreTimeThanIsLeftAndNoMoreThanIsWanted() {
    Bound bound = new Bound(Duration.ofHours(1));

    assertThat(bound.within(5)).isEqualTo(5);
    assertThat(bound.within(Long.MAX_VALUE))
        .isBetween(Duration.ofMinutes(50).toNanos(), Duration.ofHours(1).toNanos());
    assertThat(bound.isOver()).isFalse();
  }

  @Test
  void whenItIsOverThereIsNone() {
    Bound bound = new Bound(Duration.ofHours(-1));

    assertThat(bound.within(5)).isZero();
    assertThat(bound.isOver()).isTrue();
  }
}
