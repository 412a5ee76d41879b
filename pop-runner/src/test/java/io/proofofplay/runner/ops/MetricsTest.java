package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.runner.browser.Promtool;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetricsTest {

  private static final View VIEW =
      Views.of(
          new RelayStats(
              RelayState.RUNNING,
              Map.of(
                  "lobby", Views.connected("player", 12_345_678_901L, Map.of(Refusal.NO_UUID, 3L))),
              Map.of(
                  "billing",
                  Views.sink()
                      .waiting(5, Duration.ofMillis(1500))
                      .spoolBytes(2048)
                      .dead(1)
                      .letters(7)
                      .dropped(DropReason.FULL_OLDEST, 1)
                      .stats()),
              0,
              0),
          new TreeSet<>(List.of("old")));

  private static String text(View view) {
    return Metrics.of(view);
  }

  /** The sample of a series. */
  private static double value(String series) {
    return value(VIEW, series);
  }

  private static double value(View view, String series) {
    return text(view)
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .reduce(
            (one, other) -> {
              throw new AssertionError(series + " stands twice");
            })
        .orElseThrow(() -> new AssertionError(series + " is not in\n" + text(view)));
  }

  @Test
  void theNamesAreThoseOfTheContract() {
    assertThat(value("pop_events_accepted_total{source=\"lobby\"}")).isEqualTo(12_345_678_901d);
    assertThat(value("pop_events_rejected_total{reason=\"no-uuid\",source=\"lobby\"}"))
        .isEqualTo(3);
    assertThat(value("pop_events_delivered_total{sink=\"billing\"}")).isEqualTo(81_239);
    assertThat(value("pop_events_waiting{sink=\"billing\"}")).isEqualTo(5);
    assertThat(value("pop_events_dead_total{sink=\"billing\"}")).isEqualTo(1);
    assertThat(value("pop_dead_letters{sink=\"billing\"}")).isEqualTo(7);
    assertThat(value("pop_events_dropped_total{reason=\"full-oldest\",sink=\"billing\"}"))
        .isEqualTo(1);
    assertThat(value("pop_oldest_waiting_seconds{sink=\"billing\"}")).isEqualTo(1.5);
    assertThat(value("pop_submissions_total{sink=\"billing\",verdict=\"later\"}")).isEqualTo(37);
    assertThat(value("pop_source_connected{source=\"lobby\"}")).isEqualTo(1);
    assertThat(value("pop_spool_bytes{sink=\"billing\"}")).isEqualTo(2048);
  }

  @Test
  void whatTheProgramIsStandsThereToo() {
    assertThat(value("pop_info{version=\"1.2.3\"}")).isEqualTo(1);
    assertThat(value("pop_uptime_seconds")).isEqualTo(26 * 3600);
    assertThat(value("pop_spool_limit_bytes{sink=\"billing\"}")).isEqualTo(256 << 20);
    assertThat(value("pop_spool_orphaned{sink=\"old\"}")).isEqualTo(1);
    assertThat(value("pop_spools_unclaimed")).isEqualTo(1);
    assertThat(value("pop_events_imbalance{sink=\"billing\"}")).isZero();
    assertThat(value("pop_listener_failures_total")).isZero();
    assertThat(value("pop_history_failures_total")).isZero();
    assertThat(value("pop_sink_exceptions_total{sink=\"billing\"}")).isZero();
    if (Resident.bytes().isPresent()) {
      assertThat(value("pop_process_resident_memory_bytes")).isGreaterThan(1 << 20);
    }
  }

  @Test
  void whatCouldNotBeRememberedIsCounted() {
    View view =
        new View(
            VIEW.version(),
            VIEW.now(),
            VIEW.uptime(),
            VIEW.stats(),
            VIEW.limits(),
            VIEW.orphans(),
            VIEW.plays(),
            VIEW.answers(),
            VIEW.tokenIsWeak(),
            3);

    assertThat(text(view)).contains("\npop_history_failures_total 3.0\n");
  }

  @Test
  void everySeriesIsThereFromTheStart() {
    for (Refusal reason : Refusal.values()) {
      assertThat(
              value(
                  "pop_events_rejected_total{reason=\"%s\",source=\"lobby\"}"
                      .formatted(reason.code())))
          .isEqualTo(reason == Refusal.NO_UUID ? 3 : 0);
    }
    Arrays.stream(DropReason.values())
        .forEach(
            reason ->
                assertThat(
                        value(
                            "pop_events_dropped_total{reason=\"%s\",sink=\"billing\"}"
                                .formatted(reason.code())))
                    .isEqualTo(reason == DropReason.FULL_OLDEST ? 1 : 0));
  }

  @Test
  void theAgeOfTheOldestIsThereAndZeroWhenNothingWaits() {
    SinkStats quiet = Views.sink().stats();
    assertThat(quiet.oldestWaiting()).isEmpty();
    View view = Views.of(Map.of(), Map.of("billing", quiet));

    assertThat(value(view, "pop_oldest_waiting_seconds{sink=\"billing\"}")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"held", "too-large", "rejected"})
  void aVerdictThatNeverCameIsZero(String verdict) {
    assertThat(value("pop_submissions_total{sink=\"billing\",verdict=\"%s\"}".formatted(verdict)))
        .isZero();
  }

  @Test
  void prometheusOwnToolTakesThem() throws Exception {
    assertThat(Promtool.find().check(text(VIEW), "check", "metrics")).isEmpty();
  }

  @Test
  void prometheusOwnToolTakesThemWithoutASourceOrASink() throws Exception {
    assertThat(Promtool.find().check(text(Views.of(Map.of(), Map.of())), "check", "metrics"))
        .isEmpty();
  }
}
