package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkState;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.DropReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TroublesTest {

  private static final SourceStats LOBBY = Views.connected("player", 5, Map.of());

  private static List<String> codes(Views.Sink sink) {
    return codes(Views.of(Map.of("lobby", LOBBY), Map.of("billing", sink.stats())));
  }

  private static List<String> details(Views.Sink sink) {
    View view = Views.of(Map.of("lobby", LOBBY), Map.of("billing", sink.stats()));
    return Troubles.of(view).stream().map(Trouble::detail).toList();
  }

  private static List<String> codes(View view) {
    return Troubles.of(view).stream().map(trouble -> trouble.message().code()).toList();
  }

  @Test
  void nothingIsFoundWhereNothingIsWrong() {
    assertThat(codes(Views.sink())).isEmpty();
    assertThat(codes(Views.sink().waiting(500, Troubles.OLD))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, unreachable",
    "200, portal-in-the-way",
    "302, portal-in-the-way",
    "401, credentials-refused",
    "403, credentials-refused",
    "407, credentials-refused",
    "404, address-wrong",
    "410, address-wrong",
    "451, address-wrong",
    "400, rejects-everything",
    "422, rejects-everything",
    "408, answers-errors",
    "413, answers-errors",
    "429, answers-errors",
    "500, answers-errors",
    "503, answers-errors"
  })
  void anOutageIsNamedByTheLastAnswer(int status, String code) {
    // In every state, because each attempt passes through another.
    assertThat(codes(Views.sink().state(SinkState.SUBMITTING).problem("no", status)))
        .containsExactly(code);
    assertThat(codes(Views.sink().state(SinkState.BACKING_OFF).problem("no", status)))
        .containsExactly(code);
  }

  @Test
  void settingsThatCannotWorkAreNoOutageOfTheNetwork() {
    assertThat(codes(Views.sink().state(SinkState.HELD).problem("no such file", 0)))
        .containsExactly("address-wrong");
  }

  @Test
  void anOldBacklogIsSaidOnlyWhileItIsDelivered() {
    Duration old = Troubles.OLD.plusMillis(1);
    assertThat(codes(Views.sink().waiting(5, old))).containsExactly("backlog-old");
    assertThat(codes(Views.sink().waiting(5, old).problem("away", 0)))
        .containsExactly("unreachable");
  }

  @Test
  void oneIsSaidAsOne() {
    Duration old = Troubles.OLD.plusMillis(1);
    assertThat(details(Views.sink().waiting(1, old))).containsExactly("1 event waits.");
    assertThat(details(Views.sink().waiting(2, old))).containsExactly("2 events wait.");
    assertThat(details(Views.sink().lostLetters(1))).containsExactly("1 dead letter is gone.");
  }

  @Test
  void aTokenThatCanBeGuessedIsSaidAndMakesNothingUnready() {
    View view = Views.withWeakToken(Views.of(Map.of(), Map.of()));
    assertThat(codes(view)).containsExactly("token-weak");
    assertThat(Health.troubles(view.stats())).isEmpty();
  }

  @Test
  void whatWasLostAndWhatMayBeLostComesFirst() {
    View view =
        Views.of(
            new RelayStats(
                RelayState.RUNNING,
                Map.of(
                    "lobby",
                    Views.connected("player", 5, Map.of(Refusal.NO_UUID, 3L, Refusal.NOT_JSON, 1L)),
                    "hall",
                    Views.away("10.0.0.9:4444 refuses")),
                Map.of(
                    "billing",
                    Views.sink()
                        .letters(4)
                        .lostLetters(3)
                        .dropped(DropReason.FULL_OLDEST, 7)
                        .spoolBytes(230L << 20)
                        .bugs(1)
                        .imbalance(-2)
                        .notStoring()
                        .stats()),
                0,
                2),
            new TreeSet<>(List.of("old")));
    assertThat(codes(view))
        .containsExactly(
            "books-off",
            "not-stored",
            "events-dropped",
            "dead-letters-lost",
            "lines-refused",
            "sink-threw",
            "spool-nearly-full",
            "player-away",
            "dead-letters",
            "spool-unclaimed",
            "listener-threw");
    assertThat(Troubles.of(view).stream().map(Trouble::detail))
        .containsExactly(
            "They are off by -2.",
            "the disk has no room for new events",
            "7 full-oldest (the spool was full).",
            "3 dead letters are gone.",
            "1 not JSON, 3 no uuid that is a string with something in it; the last one 2 min ago.",
            "Once so far.",
            "90 % are taken.",
            "10.0.0.9:4444 refuses",
            "4 dead letters are kept.",
            "",
            "2 times so far.");
  }

  private static Trouble only(SourceStats source) {
    List<Trouble> found = Troubles.of(Views.of(Map.of("lobby", source), Map.of()));
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  @Test
  void refusedLinesAreAFaultUntilNoneHasComeForAnHourAndGoodToKnowAfterIt() {
    Map<Refusal, Long> refused = Map.of(Refusal.NO_UUID, 3L);
    Trouble now = only(Views.connected("player", 5, refused, Troubles.GOES_ON));
    assertThat(now.message()).isEqualTo(Message.LINES_REFUSED);
    assertThat(now.weight()).isEqualTo(Message.Weight.FAULT);
    Trouble later = only(Views.connected("player", 5, refused, Troubles.GOES_ON.plusNanos(1)));
    assertThat(later.message()).isEqualTo(Message.LINES_REFUSED);
    assertThat(later.weight()).isEqualTo(Message.Weight.NOTE);
    assertThat(later.detail()).endsWith("; the last one 1 h ago. It seems to be over.");
  }

  /** A player that ends in the middle of a line does so with every restart. */
  @Test
  void aLineThatThePlayersEndHasCutOffIsNoFaultOfItsPackage() {
    SourceStats torn = Views.connected("player", 5, Map.of(Refusal.TORN, 1L), Duration.ZERO);
    assertThat(only(torn).weight()).isEqualTo(Message.Weight.NOTE);
    assertThat(only(torn).detail())
        .isEqualTo("1 the stream ended before the line did; the last one 0 s ago.");
    SourceStats both =
        Views.connected("player", 5, Map.of(Refusal.TORN, 1L, Refusal.TOO_LONG, 1L), Duration.ZERO);
    assertThat(only(both).weight()).isEqualTo(Message.Weight.FAULT);
  }

  @Test
  void aTornLineSaysNothingOfWhetherTheOthersAreOver() {
    SourceStats source =
        Views.connected(
            "player",
            5,
            Map.of(Refusal.TORN, 1L, Refusal.NO_UUID, 3L),
            Map.of(Refusal.TORN, Duration.ZERO, Refusal.NO_UUID, Duration.ofDays(7)));
    assertThat(only(source).weight()).isEqualTo(Message.Weight.NOTE);
    assertThat(only(source).detail()).contains("7 d").endsWith("It seems to be over.");
  }

  @Test
  void uuidsGivenAgainAreAWarningUntilNoneHasComeForAnHourAndGoodToKnowAfterIt() {
    Trouble now = only(Views.reusing(1, Troubles.GOES_ON));
    assertThat(now.message()).isEqualTo(Message.UUIDS_REUSED);
    assertThat(now.weight()).isEqualTo(Message.Weight.WARNING);
    assertThat(now.detail()).isEqualTo("1 event; the last one 1 h ago.");
    assertThat(only(Views.reusing(2, Duration.ofDays(3))).weight()).isEqualTo(Message.Weight.NOTE);
  }

  /** Whoever reads from the top must not take it for what goes on. */
  @Test
  void whatIsOverStandsBelowWhatGoesOn() {
    View view =
        Views.of(
            Map.of("lobby", Views.reusing(2, Duration.ofDays(3)), "hall", Views.away("refuses")),
            Map.of("billing", Views.sink().letters(1).stats()));
    assertThat(codes(view)).containsExactly("player-away", "dead-letters", "uuids-reused");
  }

  /** An earlier run may have left them, and those of this one may be dealt with. */
  @Test
  void deadLettersAreATroubleAsLongAsTheyAreKept() {
    Map<String, SourceStats> lobby = Map.of("lobby", LOBBY);
    assertThat(codes(Views.of(lobby, Map.of("billing", Views.sink().letters(1).stats()))))
        .containsExactly("dead-letters");
    assertThat(codes(Views.of(lobby, Map.of("billing", Views.sink().dead(1).stats())))).isEmpty();
  }

  @Test
  void aRelayThatDoesNotRunSaysSo() {
    View view =
        Views.of(
            new RelayStats(RelayState.FAILED, Map.of("lobby", LOBBY), Map.of(), 0, 0),
            new TreeSet<>());
    assertThat(codes(view)).containsExactly("relay-not-running");
  }
}
