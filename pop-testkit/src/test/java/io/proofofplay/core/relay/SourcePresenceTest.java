package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.RefusedLines;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a player sends while nobody is connected is gone; so that is seen, and told once. */
final class SourcePresenceTest {

  private final ManualTime time = ManualTime.standing();
  private final RecordingListener listener = new RecordingListener();
  private final RelayIntake intake =
      new RelayIntake(
          "lobby",
          List::of,
          new Nowhere(),
          new MemoryStorage(time),
          time,
          new Listeners(List.of(listener)));

  @Test
  void comingAndGoingIsCountedWithItsTime() {
    time.advance(Duration.ofSeconds(5));
    intake.connected("screen");
    assertThat(intake.stats().connected()).isTrue();
    assertThat(intake.stats().since()).isEqualTo(ManualTime.START.plusSeconds(5));
    assertThat(intake.stats().connections()).isEqualTo(1);

    time.advance(Duration.ofMinutes(1));
    intake.disconnected("gone");
    assertThat(intake.stats().connected()).isFalse();
    assertThat(intake.stats().problem()).contains("gone");
    assertThat(intake.stats().since()).isEqualTo(ManualTime.START.plusSeconds(65));

    time.advance(Duration.ofMinutes(1));
    intake.connected("screen");
    assertThat(intake.stats().connections()).isEqualTo(2);
    assertThat(intake.stats().problem()).isEmpty();
  }

  @Test
  void attemptsAreNoChanges() {
    intake.connected("screen");
    intake.disconnected("gone");
    Instant since = intake.stats().since();
    for (int attempt = 0; attempt < 100; attempt++) {
      time.advance(Duration.ofSeconds(30));
      intake.disconnected("refused");
    }

    assertThat(listener.notes(RecordingListener.Disconnected.class)).hasSize(1);
    assertThat(intake.stats().since()).isEqualTo(since);
    assertThat(intake.stats().problem()).contains("refused");
    assertThat(intake.stats().connections()).isEqualTo(1);
  }

  @Test
  void aPlayerThatWasNeverThereIsToldOnce() {
    intake.disconnected("refused");
    intake.disconnected("refused");

    assertThat(listener.notes(RecordingListener.Disconnected.class)).hasSize(1);
    assertThat(intake.stats().connections()).isZero();
  }

  private static final class Nowhere implements RefusedLines {

    @Override
    public void put(Instant at, String source, RefusedLine line) {
      throw new AssertionError("nothing is refused here");
    }

    @Override
    public void close() {}
  }
}
