package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.source.infobeamer.Ending.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ReconnectsTest {

  private final Reconnects withoutChance = new Reconnects(() -> 0.0);

  @Test
  void failuresAreFollowedByWaitsThatDoubleUpToThirtySeconds() {
    List<Long> millis =
        IntStream.range(0, 11).mapToLong(i -> millisAfter(Outcome.FAILED)).boxed().toList();

    assertThat(millis)
        .containsExactly(
            200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 30000L, 30000L, 30000L);
  }

  @Test
  void theWaitStaysAtThirtySecondsHoweverLongThePlayerIsAway() {
    IntStream.range(0, 100_000).forEach(i -> millisAfter(Outcome.FAILED));

    assertThat(millisAfter(Outcome.FAILED)).isEqualTo(30_000);
  }

  @Test
  void chanceTakesUpToHalfOffAWaitForAPlayerThatIsAway() {
    Reconnects reconnects = new Reconnects(() -> 0.999999);

    assertThat(reconnects.nanosAfter(Outcome.FAILED))
        .isBetween(Duration.ofMillis(100).toNanos(), Duration.ofMillis(101).toNanos());
  }

  @Test
  void chanceTakesUpToAQuarterOffASlowWait() {
    Reconnects reconnects = new Reconnects(() -> 0.999999);

    assertThat(reconnects.nanosAfter(Outcome.UNFIT))
        .isBetween(Duration.ofMillis(22_500).toNanos(), Duration.ofMillis(22_501).toNanos());
  }

  @Test
  void aConnectionThatWasOfUseMakesTheWaitsShortAgain() {
    IntStream.range(0, 9).forEach(i -> millisAfter(Outcome.FAILED));

    assertThat(millisAfter(Outcome.LOST)).isEqualTo(200);
    assertThat(millisAfter(Outcome.FAILED)).isEqualTo(400);
  }

  @Test
  void aConnectionThatWasTooShortDoesNotMakeTheWaitsShortAgain() {
    List<Long> millis =
        IntStream.range(0, 9).mapToLong(i -> millisAfter(Outcome.BRIEF)).boxed().toList();

    assertThat(millis)
        .containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 30000L);
  }

  @Test
  void anAnswerThatIsNoProofOfPlayIsFollowedByASlowWaitEveryTime() {
    assertThat(millisAfter(Outcome.UNFIT)).isEqualTo(30_000);
    assertThat(millisAfter(Outcome.UNFIT)).isEqualTo(30_000);
  }

  @Test
  void aPlayerThatAnsweredWronglyAndThenStopsIsLookedForQuickly() {
    IntStream.range(0, 9).forEach(i -> millisAfter(Outcome.FAILED));
    millisAfter(Outcome.UNFIT);

    assertThat(millisAfter(Outcome.FAILED)).isEqualTo(200);
  }

  @Test
  void aPlayerThatHadProofOfPlayAndAnswersWronglyIsAskedAgainQuicklyAtFirst() {
    for (Outcome useful : List.of(Outcome.LOST, Outcome.BRIEF, Outcome.QUIET)) {
      Reconnects reconnects = new Reconnects(() -> 0.0);
      long first = reconnects.nanosAfter(useful);
      List<Long> waits =
          IntStream.range(0, 12).mapToObj(i -> reconnects.nanosAfter(Outcome.UNFIT)).toList();

      assertThat(waits.get(0)).isEqualTo(Duration.ofMillis(first == 0 ? 200 : 400).toNanos());
      assertThat(waits).isSorted().endsWith(Reconnects.LONGEST.toNanos());
    }
  }

  @Test
  void aQuietPlayerIsConnectedAgainWithoutAWait() {
    assertThat(millisAfter(Outcome.QUIET)).isZero();
  }

  private long millisAfter(Outcome outcome) {
    return Duration.ofNanos(withoutChance.nanosAfter(outcome)).toMillis();
  }
}
