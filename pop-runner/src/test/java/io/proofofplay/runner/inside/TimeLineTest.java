package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.inside.TimeLine.Span;
import io.proofofplay.runner.inside.TimeLine.What;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device's time line has no hole and no overlap. */
final class TimeLineTest {

  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final TimeLine line =
      new TimeLine(new Window(NOON, NOON.plusSeconds(600)), Duration.ofSeconds(5));

  private static Span span(int from, int to, What what) {
    return new Span(NOON.plusSeconds(from), NOON.plusSeconds(to), what);
  }

  private void play(int from, int lasts, What what) {
    line.add(NOON.plusSeconds(from), Duration.ofSeconds(lasts), what);
  }

  private static Window away(int from, int to) {
    return new Window(NOON.plusSeconds(from), NOON.plusSeconds(to));
  }

  @Test
  void playsThatFollowEachOtherAreOneSpanAndPausesBelowTheToleranceAreNone() {
    play(20, 10, What.PLAYED);
    play(0, 10, What.PLAYED);
    play(12, 8, What.PLAYED);
    play(35, 565, What.PLAYED);

    assertThat(line.spans(List.of(), List.of())).containsExactly(span(0, 600, What.PLAYED));
  }

  @Test
  void whatIsNotRememberedAnyMoreIsNoSilence() {
    play(200, 100, What.NOT_DELIVERED);

    assertThat(line.spans(List.of(away(50, 100)), List.of(away(-1000, 400))))
        .containsExactly(
            span(0, 50, What.NOT_KNOWN),
            span(50, 100, What.NOT_CONNECTED),
            span(100, 200, What.NOT_KNOWN),
            span(200, 300, What.NOT_DELIVERED),
            span(300, 400, What.NOT_KNOWN),
            span(400, 600, What.SILENT));
  }

  @Test
  void aPauseIsSilenceUnlessNobodyWasConnected() {
    play(0, 100, What.PLAYED);
    play(400, 200, What.PLAYED);

    assertThat(line.spans(List.of(away(150, 270)), List.of()))
        .containsExactly(
            span(0, 100, What.PLAYED),
            span(100, 150, What.SILENT),
            span(150, 270, What.NOT_CONNECTED),
            span(270, 400, What.SILENT),
            span(400, 600, What.PLAYED));
  }

  @Test
  void whatWaitsIsToldApartAndAPlayWhileNobodyWasConnectedIsAPlay() {
    play(0, 100, What.PLAYED);
    play(100, 500, What.NOT_DELIVERED);

    assertThat(line.spans(List.of(away(90, 200)), List.of()))
        .containsExactly(span(0, 100, What.PLAYED), span(100, 600, What.NOT_DELIVERED));
  }

  /** Of a thousand devices it is a thousand times that. */
  @Test
  void playsThatFollowEachOtherTakeLittleRoomAtAnyTime() {
    int most = 0;
    for (int i = 0; i < 10_000; i++) {
      line.add(NOON.plusSeconds(10L * i), Duration.ofSeconds(10), What.PLAYED);
      most = Math.max(most, line.kept());
    }

    assertThat(most).isLessThanOrEqualTo(256);
  }

  @Test
  void aMonthOfPlaysTakesNoMoreRoomThanItsPauses() {
    int plays = 200_000;
    TimeLine month =
        new TimeLine(new Window(NOON, NOON.plusSeconds(15L * plays)), Duration.ofSeconds(5));
    // In no order, as batches of several sinks are.
    for (int i = 0; i < plays; i++) {
      long slot = i * 7_919L % plays;
      if (slot != 150_000) {
        What what = slot < 100_000 ? What.PLAYED : What.NOT_DELIVERED;
        month.add(NOON.plusSeconds(15 * slot), Duration.ofSeconds(10), what);
      }
    }

    assertThat(month.kept()).isLessThan(100_000);
    assertThat(month.spans(List.of(), List.of()))
        .containsExactly(
            span(0, 1_499_995, What.PLAYED),
            span(1_499_995, 2_249_995, What.NOT_DELIVERED),
            span(2_249_995, 2_250_015, What.SILENT),
            span(2_250_015, 2_999_995, What.NOT_DELIVERED));
  }

  @Test
  void whatReachesOverTheEdgesIsCut() {
    play(-50, 100, What.PLAYED);
    play(500, 1000, What.PLAYED);

    assertThat(line.spans(List.of(away(-100, 60)), List.of()))
        .containsExactly(
            span(0, 50, What.PLAYED),
            span(50, 60, What.NOT_CONNECTED),
            span(60, 500, What.SILENT),
            span(500, 600, What.PLAYED));
  }

  @Test
  void aPlayWhoseLengthIsNotKnownIsAPlay() {
    play(100, 0, What.PLAYED);
    play(300, 0, What.NOT_DELIVERED);

    assertThat(line.spans(List.of(), List.of()))
        .containsExactly(
            span(0, 100, What.SILENT),
            span(100, 100, What.PLAYED),
            span(100, 300, What.SILENT),
            span(300, 300, What.NOT_DELIVERED),
            span(300, 600, What.SILENT));
  }

  /** A screen with several zones plays in all of them at the same time. */
  @Test
  void whatIsNotDeliveredIsSeenAlsoWithinAPlayThatIs() {
    play(0, 60, What.PLAYED);
    play(10, 10, What.NOT_DELIVERED);
    play(100, 60, What.NOT_DELIVERED);
    play(110, 10, What.PLAYED);
    play(200, 400, What.PLAYED);
    play(300, 0, What.NOT_DELIVERED);

    assertThat(line.spans(List.of(), List.of()))
        .containsExactly(
            span(0, 10, What.PLAYED),
            span(10, 20, What.NOT_DELIVERED),
            span(20, 60, What.PLAYED),
            span(60, 100, What.SILENT),
            span(100, 160, What.NOT_DELIVERED),
            span(160, 200, What.SILENT),
            span(200, 300, What.PLAYED),
            span(300, 300, What.NOT_DELIVERED),
            span(300, 600, What.PLAYED));
  }

  @Test
  void whatIsNotDeliveredReachesAsFarAsItWasPlayed() {
    play(0, 60, What.PLAYED);
    play(40, 60, What.NOT_DELIVERED);
    play(200, 60, What.NOT_DELIVERED);
    play(240, 60, What.PLAYED);
    play(400, 100, What.PLAYED);
    play(390, 20, What.NOT_DELIVERED);
    play(450, 10, What.NOT_DELIVERED);
    play(490, 110, What.NOT_DELIVERED);
    play(400, 0, What.PLAYED);

    assertThat(line.spans(List.of(), List.of()))
        .containsExactly(
            span(0, 40, What.PLAYED),
            span(40, 100, What.NOT_DELIVERED),
            span(100, 200, What.SILENT),
            span(200, 260, What.NOT_DELIVERED),
            span(260, 300, What.PLAYED),
            span(300, 390, What.SILENT),
            span(390, 410, What.NOT_DELIVERED),
            span(410, 450, What.PLAYED),
            span(450, 460, What.NOT_DELIVERED),
            span(460, 490, What.PLAYED),
            span(490, 600, What.NOT_DELIVERED));
  }

  @Test
  void aMomentOfTwoZonesIsOneAndOneBehindAPlayIsSeen() {
    play(100, 0, What.PLAYED);
    play(100, 0, What.NOT_DELIVERED);
    play(200, 100, What.NOT_DELIVERED);
    play(250, 0, What.PLAYED);
    play(300, 0, What.PLAYED);

    assertThat(line.spans(List.of(), List.of()))
        .containsExactly(
            span(0, 100, What.SILENT),
            span(100, 100, What.NOT_DELIVERED),
            span(100, 200, What.SILENT),
            span(200, 300, What.NOT_DELIVERED),
            span(300, 300, What.PLAYED),
            span(300, 600, What.SILENT));
  }

  @Test
  void ofATimeInWhichNothingCouldBeWrittenDownNothingIsKnown() {
    play(0, 100, What.PLAYED);

    assertThat(
            line.spans(
                List.of(away(250, 300)), List.of(away(50, 200), away(150, 280), away(400, 500))))
        .containsExactly(
            span(0, 100, What.PLAYED),
            span(100, 250, What.NOT_KNOWN),
            span(250, 300, What.NOT_CONNECTED),
            span(300, 400, What.SILENT),
            span(400, 500, What.NOT_KNOWN),
            span(500, 600, What.SILENT));
  }
}
