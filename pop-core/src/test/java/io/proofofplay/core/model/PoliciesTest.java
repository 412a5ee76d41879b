package io.proofofplay.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Problems;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PoliciesTest {

  @Test
  void theDefaultsAreThoseOfTheContract() {
    assertThat(BatchPolicy.defaults())
        .isEqualTo(new BatchPolicy(500, ByteSize.ofKiB(512), Duration.ofSeconds(10)));
    assertThat(RetryPolicy.defaults())
        .isEqualTo(new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(60), 2.0, 0.5));
    assertThat(SpoolPolicy.defaults())
        .isEqualTo(
            new SpoolPolicy(
                Durability.WRITE_AHEAD,
                Duration.ofSeconds(1),
                ByteSize.ofMiB(256),
                WhenFull.BLOCK,
                Duration.ofSeconds(10)));
  }

  @Test
  void aBatchClosesBeforeTheEventThatWouldBreakABound() {
    BatchPolicy policy = new BatchPolicy(3, new ByteSize(100), Duration.ZERO);

    assertThat(policy.closesBefore(0, 0, 1_000_000)).as("a single event always fits").isFalse();
    assertThat(policy.closesBefore(2, 50, 50)).isFalse();
    assertThat(policy.closesBefore(2, 50, 51)).isTrue();
    assertThat(policy.closesBefore(3, 10, 1)).isTrue();
    assertThat(policy.closesBefore(1, Long.MAX_VALUE / 2, Integer.MAX_VALUE)).isTrue();
    assertThat(policy.isFull(2, 99)).isFalse();
    assertThat(policy.isFull(3, 1)).isTrue();
    assertThat(policy.isFull(1, 100)).isTrue();
  }

  @Test
  void waitsGrowToTheLongestOne() {
    RetryPolicy policy = new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(60), 2.0, 0.0);

    assertThat(List.of(1, 2, 3, 6, 7, 8, 1000, Integer.MAX_VALUE))
        .extracting(failures -> Duration.ofNanos(policy.waitNanos(failures, 0.9)).toSeconds())
        .containsExactly(1L, 2L, 4L, 32L, 60L, 60L, 60L, 60L);
    assertThat(policy.waitNanos(0, 0)).isEqualTo(policy.waitNanos(1, 0));
  }

  @Test
  void chanceTakesOffUpToTheShareOfJitter() {
    RetryPolicy policy = new RetryPolicy(Duration.ofSeconds(1), null, null, 0.5);

    assertThat(policy.waitNanos(1, 0)).isEqualTo(1_000_000_000L);
    assertThat(policy.waitNanos(1, 0.5)).isEqualTo(750_000_000L);
    assertThat(policy.waitNanos(1, Math.nextDown(1.0))).isBetween(500_000_000L, 500_000_001L);
    assertThat(policy.waitNanos(100, 0.5)).isEqualTo(45_000_000_000L);
  }

  @Test
  void aLongestWaitBelowTheFirstIsAProblemThatIsSaid() {
    Problems problems = new Problems();
    new RetryPolicy(Duration.ofSeconds(5), Duration.ofSeconds(4), null, null).check(problems);
    RetryPolicy.defaults().check(problems);

    assertThat(problems.found()).extracting(Problems.Problem::key).containsExactly("max");
  }

  @Test
  void valuesThatCannotWorkAreRefused() {
    List<Supplier<Object>> wrong =
        List.of(
            () -> new BatchPolicy(0, null, null),
            () -> new BatchPolicy(-1, null, null),
            () -> new BatchPolicy(null, new ByteSize(0), null),
            () -> new BatchPolicy(null, null, Duration.ofMillis(-1)),
            () -> new RetryPolicy(Duration.ZERO, null, null, null),
            () -> new RetryPolicy(Duration.ofSeconds(-1), null, null, null),
            () -> new RetryPolicy(null, Duration.ZERO, null, null),
            () -> new RetryPolicy(null, Duration.ofSeconds(-1), null, null),
            () -> new RetryPolicy(null, null, 0.9, null),
            () -> new RetryPolicy(null, null, Double.NaN, null),
            () -> new RetryPolicy(null, null, null, -0.1),
            () -> new RetryPolicy(null, null, null, 1.1),
            () -> new RetryPolicy(null, null, null, Double.NaN),
            () -> new SpoolPolicy(null, Duration.ZERO, null, null, null),
            () -> new SpoolPolicy(null, Duration.ofSeconds(-1), null, null, null),
            () -> new SpoolPolicy(null, null, new ByteSize(0), null, null),
            () -> new SpoolPolicy(null, null, null, null, Duration.ofSeconds(-1)));

    for (int i = 0; i < wrong.size(); i++) {
      Supplier<Object> one = wrong.get(i);
      assertThatThrownBy(one::get).as("case %d", i).isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** What somebody writes who means for ever; nanoseconds cannot count it. */
  @Test
  void aTimeForEverIsOneThatTheClockCanCount() {
    Duration ever = Duration.ofSeconds(Long.MAX_VALUE);
    SpoolPolicy spool = new SpoolPolicy(null, ever, null, null, ever, ever);
    BatchPolicy batch = new BatchPolicy(null, null, ever, ever);
    RetryPolicy retry = new RetryPolicy(ever, ever, 10.0, 0.0);

    assertThat(
            List.of(
                spool.interval(),
                spool.maxBlock(),
                spool.maxAge(),
                batch.minInterval(),
                batch.minPause(),
                retry.initial(),
                retry.max()))
        .containsOnly(Duration.ofDays(36_500));
    assertThat(Duration.ofNanos(retry.waitNanos(7, 0))).isEqualTo(Duration.ofDays(36_500));
    assertThat(SpoolPolicy.defaults().withMaxAge(Duration.ofDays(36_499)).maxAge())
        .isEqualTo(Duration.ofDays(36_499));
  }

  @Test
  void withersChangeOneThing() {
    SpoolPolicy policy = SpoolPolicy.defaults();

    assertThat(policy.withDurability(Durability.ON_FAILURE).durability())
        .isEqualTo(Durability.ON_FAILURE);
    assertThat(policy.withDurability(Durability.ON_FAILURE).withDurability(Durability.WRITE_AHEAD))
        .isEqualTo(policy);
    assertThat(policy.withMaxBytes(ByteSize.ofMiB(1)).maxBytes()).isEqualTo(ByteSize.ofMiB(1));
    SpoolPolicy dropping = policy.withWhenFull(WhenFull.DROP_OLDEST, Duration.ZERO);
    assertThat(dropping.whenFull()).isEqualTo(WhenFull.DROP_OLDEST);
    assertThat(dropping.maxBlock()).isEqualTo(Duration.ZERO);
    assertThat(dropping.maxBytes()).isEqualTo(policy.maxBytes());
  }
}
