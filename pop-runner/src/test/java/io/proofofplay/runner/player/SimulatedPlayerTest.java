package io.proofofplay.runner.player;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.player.PlayerSession.Peer;
import io.proofofplay.runner.player.SimulatedPlayer.Pace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedPlayerTest {

  private static final Pace AT_ONCE = new Pace(0, true, 0);
  private static final Pace NEVER = new Pace(0.0001, true, 0);

  private static Programme plays(long count) {
    return new MadeUpPlays(TimeSource.system()).limit(count);
  }

  @Test
  void theBannerComesBeforeTheClientSaysAnything() throws IOException {
    try (PlayerSession session = PlayerSession.playing(plays(1), AT_ONCE)) {
      assertThat(session.connect().line()).matches("Info Beamer PI [^ ]+ .*");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*raw/root/::pop\n", "root/::pop\n", "*raw/root/::pop\r\n"})
  void bothFormsOfThePathAreAnsweredWithOkAndAHeader(String path) throws IOException {
    try (PlayerSession session = PlayerSession.playing(plays(1), NEVER)) {
      Peer peer = session.connect();
      peer.line();
      peer.send(path);
      assertThat(peer.line()).isEqualTo("ok!");
      assertThat(peer.line()).isEqualTo("{\"pop\":\"simulated-player\",\"version\":1}");
    }
  }

  @Test
  void anotherPathGetsA404AndMayTryAgainOnTheSameConnection() throws IOException {
    try (PlayerSession session = PlayerSession.playing(plays(1), AT_ONCE)) {
      Peer peer = session.connect();
      peer.line();
      peer.send("nope\n");
      assertThat(peer.line()).isEqualTo("404");
      peer.send("root/::pop/\nroot/::p");
      assertThat(peer.line()).isEqualTo("404");
      peer.send("op\n");
      assertThat(peer.line()).isEqualTo("ok!");
    }
  }

  @Test
  void everyEventIsOneOfItsOwnAndInOrder() throws IOException {
    int count = 5000;
    try (PlayerSession session = PlayerSession.playing(plays(count), AT_ONCE)) {
      List<String> events = session.join().linesToEnd();

      assertThat(events).hasSize(count);
      Set<String> uuids = new HashSet<>();
      for (int i = 0; i < count; i++) {
        PopEvent event = PopEvent.of(events.get(i));
        uuids.add(event.uuid());
        assertThat(event.uuid())
            .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(event.play().extra().get("seq")).hasToString(String.valueOf(i));
        assertThat(event.play().startedAt()).isPresent();
        assertThat(event.play().duration()).isPresent();
        assertThat(event.play().asset().id()).isPresent();
        assertThat(event.play().device().serial()).isPresent();
      }
      assertThat(uuids).hasSize(count);
    }
  }

  @Test
  void everyClientGetsEveryEventPlayedWhileItIsThere() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (PlayerSession session = PlayerSession.playing(gated(plays(3000), go), AT_ONCE)) {
      Peer first = session.join();
      Peer second = session.join();
      go.countDown();
      List<String> heard = first.linesToEnd();
      assertThat(heard).hasSize(3000);
      assertThat(second.linesToEnd()).isEqualTo(heard);
    }
  }

  @Test
  void aThousandClientsGetEveryEvent() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (PlayerSession session = PlayerSession.playing(gated(plays(20), go), AT_ONCE)) {
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        peers.add(session.join());
      }
      assertThat(session.player().stats().clients()).isEqualTo(1000);
      go.countDown();
      for (Peer peer : peers) {
        assertThat(peer.linesToEnd()).hasSize(20);
        peer.close();
      }
      session.awaitEnd();
    }
  }

  @Test
  void whatIsPlayedWhileNobodyIsThereIsGone() throws Exception {
    CountDownLatch unheard = new CountDownLatch(200);
    Programme endless = new MadeUpPlays(TimeSource.system());
    Programme counted =
        line -> {
          unheard.countDown();
          return endless.next(line);
        };
    try (PlayerSession session = PlayerSession.playing(counted, new Pace(5000, false, 0))) {
      assertThat(unheard.await(20, TimeUnit.SECONDS)).isTrue();
      PopEvent first = PopEvent.of(session.join().line());
      assertThat(Integer.parseInt(first.play().extra().get("seq").toString()))
          .isGreaterThanOrEqualTo(199);
      assertThat(session.player().stats().unheard()).isGreaterThanOrEqualTo(199);
    }
  }

  @Test
  void aCountedProgrammeWaitsForTheFirstClientSoThatNoneIsLost() throws IOException {
    try (PlayerSession session = PlayerSession.playing(plays(10), new Pace(1000, true, 0))) {
      session.connect().line();
      assertThat(session.player().stats().unheard()).isZero();
      assertThat(session.join().linesToEnd()).hasSize(10);
      assertThat(session.player().stats().unheard()).isZero();
    }
  }

  @Test
  void theEndComesOnlyWhenTheClientHasReadEverything() throws Exception {
    try (PlayerSession session = PlayerSession.playing(plays(20_000), AT_ONCE)) {
      Peer peer = session.join();
      for (int i = 0; i < 19_999; i++) {
        assertThat(peer.line()).isNotNull();
      }
      assertThat(peer.line()).contains("\"seq\":19999}");
      assertThat(peer.line()).isNull();
      peer.close();
      session.awaitEnd();
      assertThat(session.player().stats().sent()).isEqualTo(20_000);
      assertThat(session.player().stats().ended()).isTrue();
    }
  }

  @Test
  void aSlowClientPausesTheProgrammeInsteadOfFillingTheMemory() throws Exception {
    try (PlayerSession session = PlayerSession.playing(plays(1_000_000), AT_ONCE)) {
      Peer slow = session.join();
      for (int read = 1; read <= 300_000; read++) {
        assertThat(slow.line()).isNotNull();
        if (read % 1000 == 0) {
          assertThat(session.player().stats().sent() - read).isLessThan(200_000);
        }
      }
    }
  }

  @Test
  void whatAClientSendsAfterItsPathIsCounted() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (PlayerSession session = PlayerSession.playing(gated(plays(1), go), AT_ONCE)) {
      Peer peer = session.join();
      peer.send("hello\n");
      go.countDown();
      peer.linesToEnd();
      peer.close();
      session.awaitEnd();
      assertThat(session.player().stats().strayBytes()).isEqualTo(6);
    }
  }

  @Test
  void theListenerHearsExactlyTheBytesThatAreSent() throws Exception {
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    PlayerListener listener =
        new PlayerListener() {
          @Override
          public void played(byte[] lines, int length, int events) {
            record.write(lines, 0, length);
          }
        };
    try (PlayerSession session = PlayerSession.playing(plays(1000), AT_ONCE, listener)) {
      Peer peer = session.join();
      byte[] received = String.join("\n", peer.linesToEnd()).getBytes(StandardCharsets.UTF_8);
      assertThat(record.toByteArray()).startsWith(received);
      assertThat(record.size()).isEqualTo(received.length + 1);
    }
  }

  @Test
  void aRateIsKept() throws Exception {
    long start = System.nanoTime();
    try (PlayerSession session = PlayerSession.playing(plays(51), new Pace(100, true, 0))) {
      assertThat(session.join().linesToEnd()).hasSize(51);
    }
    // Fifty gaps of 10 ms: never faster, and not a whole machine's pause slower.
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(490L, 15_000L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 4096, 0})
  void aRecordingIsReplayedByteForByteHoweverItIsCut(int cut) throws Exception {
    byte[] bytes =
        "Info Beamer PI 0.9\nok!\n{\"pop\":\"x\"}\n{\"uuid\":\"\u0000\u0001\"}\r\n\ntorn"
            .getBytes(StandardCharsets.UTF_8);
    try (PlayerSession session = PlayerSession.replaying(recording(bytes), cut)) {
      Peer peer = session.connect();
      peer.send("*raw/root/::pop\n");
      assertThat(peer.allBytes()).isEqualTo(bytes);
      peer.close();
      session.awaitEnd();
    }
  }

  @Test
  void aRecorded404AnswersOneLineAndTheRestAnswersTheNext() throws Exception {
    byte[] bytes = "Info Beamer PI 0.9\n404\nok!\n{}\n".getBytes(StandardCharsets.UTF_8);
    try (PlayerSession session = PlayerSession.replaying(recording(bytes), 0)) {
      Peer peer = session.connect();
      assertThat(peer.line()).isEqualTo("Info Beamer PI 0.9");
      peer.send("nope\n");
      assertThat(peer.line()).isEqualTo("404");
      peer.send("*raw/root/::pop\n");
      assertThat(peer.linesToEnd()).containsExactly("ok!", "{}");
      peer.close();
      session.awaitEnd();
    }
  }

  private static Recording recording(byte[] bytes) {
    return Recording.of(ByteBuffer.wrap(bytes));
  }

  /** A programme that has nothing until it may go on. */
  private static Programme gated(Programme programme, CountDownLatch go) {
    return line -> go.getCount() > 0 ? Programme.Next.NOTHING_YET : programme.next(line);
  }
}
