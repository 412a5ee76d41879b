package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A player that sends its last events again with each connection. */
final class RepeatsTest {

  private static final Duration LASTING = Duration.ofSeconds(5);

  private final VirtualTime time = new VirtualTime();
  private final StoryIntake intake = new StoryIntake();

  @Test
  void whatComesAgainAfterAReconnectIsLeftOutAndCounted() throws Exception {
    play(lasting(lines(0, 5)), lasting(lines(0, 5) + lines(5, 7)));

    assertThat(intake.json()).containsExactlyElementsOf(events(0, 7));
    assertThat(intake.repeated()).isEqualTo(5);
    assertThat(intake.reusedIds()).isZero();
  }

  @Test
  void whatComesAgainOnOneConnectionIsLeftOutToo() throws Exception {
    play(lasting(lines(0, 2) + lines(0, 2)), lasting(lines(0, 2)));

    assertThat(intake.json()).containsExactlyElementsOf(events(0, 2));
    assertThat(intake.repeated()).isEqualTo(4);
  }

  @Test
  void theSameIdWithOtherBytesIsAnotherEventAndCounted() throws Exception {
    String other = "{\"uuid\":\"0\",\"ts\":99}";
    String spaced = "{\"uuid\": \"0\",\"ts\":0}";
    play(lasting(lines(0, 1) + other + "\n"), lasting(other + "\n" + lines(0, 1) + spaced + "\n"));

    assertThat(intake.json()).containsExactly(events(0, 1).get(0), other, spaced);
    assertThat(intake.repeated()).isEqualTo(2);
    assertThat(intake.reusedIds()).isEqualTo(2);
  }

  @Test
  void whatWasNotTakenIsOfferedWhenItComesAgain() throws Exception {
    intake.answer(Answer.CLOSED);
    play(lasting(lines(0, 2)));
    intake.answer(Answer.ACCEPTED);
    play(lasting(lines(0, 2)));

    assertThat(intake.offers()).hasSize(2);
    assertThat(intake.repeated()).isZero();
  }

  @Test
  void nothingEntersTheWindowWhileItsOfferIsNotAnswered() throws Exception {
    RepeatWindow window = new RepeatWindow(10);
    List<PopEvent> events = events(0, 2).stream().map(PopEvent::of).toList();

    assertThat(window.sift(events).fresh()).hasSize(2);
    RepeatWindow.Sifted again = window.sift(events);
    assertThat(again.fresh()).hasSize(2);
    window.add(again);
    assertThat(window.sift(events).fresh()).isEmpty();
  }

  @Test
  void whatWasGivenUpAndBookedIsNotBookedAgain() throws Exception {
    intake.answer(Answer.FULL);
    play(
        lasting(lines(0, 3)).then(() -> intake.answer(Answer.ACCEPTED)),
        lasting(lines(0, 3) + lines(3, 4)));

    assertThat(intake.givenUp()).hasSize(1);
    assertThat(intake.offers()).hasSize(2);
    assertThat(intake.offers().get(1)).extracting(PopEvent::json).isEqualTo(events(3, 4));
  }

  @Test
  void theWindowHoldsTheLastEventsAndNoMore() throws Exception {
    play(window(3), lasting(lines(0, 4)), lasting(lines(0, 4)));

    assertThat(intake.repeated()).isEqualTo(3);
    assertThat(intake.json()).hasSize(5).endsWith(events(0, 1).get(0));

    RepeatWindow window = new RepeatWindow(3);
    window.add(window.sift(events(0, 4).stream().map(PopEvent::of).toList()));
    assertThat(new String(window.memory(), StandardCharsets.US_ASCII).lines()).hasSize(3);
    assertThat(window.sift(List.of(PopEvent.of(events(0, 1).get(0)))).reusedIds()).isZero();
    assertThat(window.sift(List.of(PopEvent.of(events(1, 2).get(0)))).repeated()).isEqualTo(1);
  }

  @Test
  void aWindowOfNothingLeavesNothingOut() throws Exception {
    play(window(0), lasting(lines(0, 2)), lasting(lines(0, 2)));

    assertThat(intake.json()).hasSize(4);
    assertThat(intake.repeated()).isZero();
  }

  @Test
  void theWindowOutlivesTheSource() throws Exception {
    play(lasting(lines(0, 5)));
    play(lasting(lines(0, 6)));

    assertThat(intake.json()).containsExactlyElementsOf(events(0, 6));
    assertThat(intake.repeated()).isEqualTo(5);
  }

  @Test
  void aMemoryThatIsNoneIsPassedOver() throws Exception {
    intake.remember(("nonsense\n" + "x".repeat(49) + "\n\n").getBytes(StandardCharsets.UTF_8));
    play(lasting(lines(0, 2)));

    assertThat(intake.json()).containsExactlyElementsOf(events(0, 2));
  }

  @Test
  void aWindowOutOfItsBoundsIsRefused() {
    assertThatThrownBy(() -> window(20_001))
        .hasMessage("repeatWindow 20001 is not within 0 and 20000");
    assertThatThrownBy(() -> window(-1)).hasMessageStartingWith("repeatWindow -1 ");
  }

  private static List<String> events(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "{\"uuid\":\"" + i + "\",\"ts\":" + i + "}")
        .toList();
  }

  private static String lines(int from, int to) {
    return events(from, to).stream().collect(Collectors.joining("\n", "", "\n"));
  }

  private ScriptedConnection lasting(String lines) {
    return ScriptedConnection.introduced(time).says(lines).waits(LASTING);
  }

  private static InfoBeamerConfig window(int events) {
    return new InfoBeamerConfig(null, null, null, null, null, null, null, null, events);
  }

  private void play(ScriptedConnection... connections) throws InterruptedException {
    play(InfoBeamerConfig.defaults(), connections);
  }

  private void play(InfoBeamerConfig config, ScriptedConnection... connections)
      throws InterruptedException {
    ScriptedDialer dialer = new ScriptedDialer();
    for (ScriptedConnection connection : connections) {
      dialer.connects(connection);
    }
    dialer.play(config, time, intake);
  }
}
