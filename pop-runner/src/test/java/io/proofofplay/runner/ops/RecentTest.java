package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentTest {

  private final ManualTime time = ManualTime.standing();
  private final Recent recent = new Recent(time);

  private static String asset(String name) {
    return "{\"uuid\":\"u-" + name + "\",\"asset\":{\"id\":7,\"filename\":\"" + name + "\"}}";
  }

  @Test
  void aPlayIsShownAsFarAsItsEventSaysIt() {
    recent.accepted(
        "lobby",
        List.of(
            PopEvent.of(
                "{\"uuid\":\"u1\",\"ts\":1772366400.5,\"duration\":9.96,"
                    + "\"asset\":{\"id\":17,\"filename\":\"loop.mp4\"},"
                    + "\"device\":{\"id\":3,\"serial\":\"000000001\"}}"),
            PopEvent.of("{\"uuid\":\"u2\",\"asset\":{\"id\":17}}")));
    List<Recent.Shown> plays = recent.plays();
    assertThat(plays).hasSize(2);
    assertThat(plays.get(0).uuid()).isEqualTo("u2");
    assertThat(plays.get(0).asset()).contains("17");
    assertThat(plays.get(0).device()).isEmpty();
    assertThat(plays.get(0).startedAt()).isEmpty();
    assertThat(plays.get(1).at()).isEqualTo(ManualTime.START);
    assertThat(plays.get(1).source()).isEqualTo("lobby");
    assertThat(plays.get(1).asset()).contains("loop.mp4");
    assertThat(plays.get(1).device()).contains("000000001");
    assertThat(plays.get(1).startedAt()).contains(Instant.parse("2026-03-01T12:00:00.5Z"));
    assertThat(plays.get(1).duration()).contains(Duration.ofMillis(9960));
  }

  @Test
  void onlyTheLastOnesAreKept() {
    recent.accepted("lobby", List.of(PopEvent.of(asset("first"))));
    recent.accepted("lobby", Events.numbered(0, 1000));
    recent.accepted("lobby", List.of(PopEvent.of(asset("last"))));
    assertThat(recent.plays()).hasSize(Recent.MOST);
    assertThat(recent.plays().get(0).asset()).contains("last");
    assertThat(recent.plays().get(1).uuid()).isEqualTo(Events.number(999).uuid());
  }

  @Test
  void theArrayThatAnEventCameInIsNotHeld() {
    byte[] chunk = (asset("a") + asset("b")).getBytes(StandardCharsets.UTF_8);
    recent.accepted("lobby", List.of(PopEvent.scanned(chunk, 0, chunk.length / 2, "player")));
    // Whoever holds the array sees it change.
    java.util.Arrays.fill(chunk, (byte) ' ');
    assertThat(recent.plays().get(0).asset()).contains("a");
  }

  @Test
  void anEventThatIsLargeIsToldByItsSizeAlone() {
    recent.accepted("lobby", List.of(Events.ofLength(1, Recent.LARGEST + 1)));
    recent.accepted("lobby", List.of(Events.ofLength(2, Recent.LARGEST)));
    assertThat(recent.plays().get(1).uuid()).isEmpty();
    assertThat(recent.plays().get(1).bytes()).isEqualTo(Recent.LARGEST + 1);
    assertThat(recent.plays().get(0).uuid()).isNotEmpty();
  }

  @Test
  void aNameOfAnyLengthIsCutBetweenCharacters() {
    recent.accepted("lobby", List.of(PopEvent.of(asset("x" + "\ud83d\ude00".repeat(5000 / 4)))));
    String name = recent.plays().get(0).asset().orElseThrow();
    assertThat(name).hasSize(200).endsWith("\ud83d\ude00…");
  }

  @Test
  void theLastAnswersOfEachSinkAreKept() {
    Batch batch = new Batch(BatchId.of("00000001", 1), Events.numbered(0, 3));
    for (int i = 0; i < 30; i++) {
      recent.submitted("billing", batch, Later.because("busy " + i), Duration.ofMillis(i));
    }
    recent.submitted(
        "audit", batch, new Delivered(new Reason("taken", 200, "")), Duration.ofMillis(1));
    assertThat(recent.answers().get("billing")).hasSize(Recent.MOST);
    assertThat(recent.answers().get("billing").get(0))
        .isEqualTo(
            new Recent.Answered(ManualTime.START, "later", 0, "busy 29", 3, Duration.ofMillis(29)));
    assertThat(recent.answers().get("audit")).hasSize(1);
    assertThat(recent.answers().get("audit").get(0).verdict()).isEqualTo("delivered");
  }
}
