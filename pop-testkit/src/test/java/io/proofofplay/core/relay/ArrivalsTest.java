package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One event a second through a long outage, and what the samples of it still tell. */
class ArrivalsTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** Anything: the monotonic clock begins nowhere in particular. */
  private static final long START = Duration.ofDays(3).toNanos();

  private static final int LONG = 50_000;

  private final Arrivals arrivals = new Arrivals();

  /** Event {@code n} comes at second {@code n}, and is seen at once. */
  private long play(int from, int to) {
    for (int second = from; second < to; second++) {
      arrivals.sample(START + second * SECOND, second + 1L, 0);
    }
    return START + to * SECOND;
  }

  @Test
  void aLongOutageIsRememberedByFewSamples() {
    long now = play(0, LONG);
    Set<Long> ages = new HashSet<>();
    for (int gone = 0; gone < LONG; gone++) {
      ages.add(arrivals.ageBehind(gone, now));
    }
    assertThat(ages).hasSizeBetween(50, 125);
  }

  @Test
  void noAgeIsTooHighOrMoreThanASixtiethOfTheOutageTooLow() {
    for (int played = 1; played <= LONG; played *= 3) {
      long now = play(played == 1 ? 0 : played / 3, played);
      for (int gone = 0; gone < played; gone++) {
        long age = (long) played - gone;
        assertThat(arrivals.ageBehind(gone, now) / SECOND)
            .as("age of event %s after %s", gone, played)
            .isBetween(age - 1 - played / 60, age);
      }
      assertThat(arrivals.ageBehind(played, now)).isZero();
    }
  }

  @Test
  void noEventCountsAsOlderThanItIsAndFewAsYounger() {
    long now = play(0, LONG);
    for (int age = 1; age <= LONG; age += 7) {
      long older = LONG - age + 1L;
      assertThat(arrivals.cameBefore(age * SECOND, now))
          .as("older than %s s", age)
          .isBetween(older - 1 - LONG / 60, older);
    }
    assertThat(arrivals.cameBefore((LONG + 1L) * SECOND, now)).isZero();
  }

  @Test
  void whatIsGoneIsForgotten() {
    long now = play(0, 100);
    arrivals.sample(now, 100, 60);
    assertThat(arrivals.ageBehind(60, now)).isEqualTo(40 * SECOND);
    arrivals.sample(now, 100, 100);
    assertThat(arrivals.ageBehind(0, now)).isZero();
    assertThat(arrivals.cameBefore(0, now)).isZero();
  }
}
