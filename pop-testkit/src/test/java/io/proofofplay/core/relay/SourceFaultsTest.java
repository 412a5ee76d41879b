package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a player does wrong has a time, so that it can be told whether it still does. */
final class SourceFaultsTest {

  private final ManualTime time = ManualTime.standing();
  private final RelayIntake intake;

  SourceFaultsTest() throws IOException {
    MemoryStorage storage = new MemoryStorage(time);
    intake =
        new RelayIntake(
            "lobby", List::of, storage.openRefusedLines(), storage, time, new Listeners(List.of()));
  }

  private void refuse(Refusal reason) {
    intake.refuse(new RefusedLine(reason, 0, 2, new byte[] {'{', '}'}));
  }

  @Test
  void ofEachReasonItIsKnownHowLongAgoTheLastLineWasRefused() {
    assertThat(intake.stats().lastRefused()).isEmpty();
    refuse(Refusal.NO_UUID);
    time.advance(Duration.ofMinutes(10));
    refuse(Refusal.NO_UUID);
    refuse(Refusal.TORN);
    time.advance(Duration.ofMinutes(3));
    refuse(Refusal.TORN);

    assertThat(intake.stats().refused()).isEqualTo(Map.of(Refusal.NO_UUID, 2L, Refusal.TORN, 2L));
    assertThat(intake.stats().lastRefused())
        .isEqualTo(Map.of(Refusal.NO_UUID, Duration.ofMinutes(3), Refusal.TORN, Duration.ZERO));
  }

  @Test
  void aLineThatIsNotTakenBecauseTheRelayStopsIsNoFaultOfThePlayer() {
    refuse(Refusal.TORN);
    assertThat(intake.isClosed()).isFalse();
    intake.close();
    refuse(Refusal.TOO_LONG);

    assertThat(intake.isClosed()).isTrue();
    assertThat(intake.stats().refused()).isEqualTo(Map.of(Refusal.TORN, 1L));
  }

  @Test
  void aUuidThatWasGivenAgainAgesTooAndNoClockThatIsSetMakesItOlderOrYounger() {
    assertThat(intake.stats().lastReused()).isEmpty();
    intake.reusedId(2);
    refuse(Refusal.NOT_JSON);
    time.jumpWall(Duration.ofDays(20_000));
    time.advance(Duration.ofSeconds(40));

    assertThat(intake.stats().lastReused()).contains(Duration.ofSeconds(40));
    assertThat(intake.stats().lastRefused())
        .isEqualTo(Map.of(Refusal.NOT_JSON, Duration.ofSeconds(40)));
  }
}
