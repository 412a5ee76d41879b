package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real engine sent, served over a socket in pieces of any size. */
@Timeout(60)
@SuppressWarnings("try") // A source runs whether or not the test speaks to it.
final class RecordingsTest {

  private final StoryIntake intake = new StoryIntake();

  static Stream<Arguments> recordingsAndPieces() {
    return Stream.of(Recording.PLAIN, Recording.ODD_LINES, Recording.KILLED_MID_LINE)
        .flatMap(
            recording ->
                Stream.of(1, 2, 7, 4096, Integer.MAX_VALUE)
                    .map(piece -> Arguments.of(recording, piece)));
  }

  @ParameterizedTest
  @EnumSource(Recording.class)
  void theExpectationsAreTrueOfTheFiles(Recording recording) {
    assertThat(recording.events()).hasSize(recording.eventCount());
  }

  @ParameterizedTest
  @MethodSource("recordingsAndPieces")
  void aRecordingGivesItsEventsAndRefusalsHoweverItIsCut(Recording recording, int piece)
      throws Exception {
    byte[] bytes = recording.bytes();
    byte[] banner = Arrays.copyOf(bytes, recording.bannerLength());
    byte[] rest = Arrays.copyOfRange(bytes, banner.length, bytes.length);
    try (FakePlayer player = new FakePlayer(c -> c.say(banner, piece).hear().say(rest, piece));
        RunningSource source =
            RunningSource.of(InfoBeamerConfig.of("127.0.0.1", player.port()), intake)) {
      intake.await(i -> !i.reasons().isEmpty());
      source.close();
    }

    assertThat(intake.senders().get(0)).isEqualTo("lua-listener");
    assertThat(intake.json()).isEqualTo(recording.events());
    assertThat(intake.refusals()).isEqualTo(recording.refusals());
    assertThat(intake.refused())
        .allSatisfy(
            line ->
                assertThat(line.start())
                    .isEqualTo(
                        Arrays.copyOfRange(
                            bytes, (int) line.offset(), (int) (line.offset() + line.length()))));
  }

  @Test
  void aWrongPathGivesNoEventsAndTheReason() throws Exception {
    try (FakePlayer player =
            new FakePlayer(c -> c.say(Recording.WRONG_PATH.bytes()).hear().listen());
        RunningSource source =
            RunningSource.of(InfoBeamerConfig.of("127.0.0.1", player.port()), intake)) {
      intake.await(i -> !i.reasons().isEmpty());
      source.close();
    }

    assertThat(intake.story()).containsExactly("disconnected");
    assertThat(intake.reasons().get(0)).contains("has no node \"root/::pop\"");
  }

  @ParameterizedTest
  @MethodSource("recordingsAndPieces")
  void aRecordingOnAScriptedConnectionGivesTheSame(Recording recording, int piece)
      throws InterruptedException, IOException {
    VirtualTime time = new VirtualTime();
    new ScriptedDialer()
        .connects(new ScriptedConnection(time).says(recording.bytes()).inPiecesOf(piece))
        .play(InfoBeamerConfig.defaults(), time, intake);

    assertThat(intake.json()).isEqualTo(recording.events());
    assertThat(intake.refusals()).isEqualTo(recording.refusals());
  }
}
