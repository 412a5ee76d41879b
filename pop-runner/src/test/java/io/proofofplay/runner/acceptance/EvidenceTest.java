package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the process tests judge by notices what is lost, wherever it was lost from. */
final class EvidenceTest {

  private final FlowPlayer player = new FlowPlayer();
  private final Books books = new Books();

  @TempDir Path directory;
  private Evidence evidence;

  @BeforeEach
  void open() {
    evidence = new Evidence(player, books, new SpoolOnDisk(directory, "billing"));
    evidence.beforeStart();
  }

  @AfterEach
  void close() {
    player.close();
  }

  /** A life that reads so many events, and ends. */
  private void read(int events) throws Exception {
    player.play(events);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), player.port());
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      socket.getOutputStream().write("*raw/root/::pop\n".getBytes(StandardCharsets.US_ASCII));
      for (String line = in.readLine(); !line.contains("\"pop\""); line = in.readLine()) {
        // The greeting.
      }
      for (int i = 0; i < events; i++) {
        assertThat(in.readLine()).isNotNull();
      }
    }
  }

  private void take(int connection, int from, int to) {
    List<byte[]> events =
        IntStream.range(from, to).mapToObj(number -> new Play(connection, number).bytes()).toList();
    books.take(connection + ":" + from, new byte[] {(byte) from}, events);
  }

  @Test
  void whatIsThereInAllLivesIsAcceptedAndKnownAsFarAsSomebodyHadAsked() throws Exception {
    read(10);
    take(0, 0, 10);
    evidence.look("first", 8);
    evidence.beforeStart();
    read(5);
    take(1, 0, 5);
    evidence.look("second", 5);

    assertThat(evidence.accepted()).isEqualTo(15);
    assertThat(evidence.known()).isEqualTo(13);
    assertThat(evidence.lost()).isZero();
  }

  /** It leaves no hole: among what was found nothing is missing. */
  @Test
  void aLostTailIsNoticedByWhatWasKnownBefore() throws Exception {
    read(10);
    take(0, 0, 7);

    assertThatThrownBy(() -> evidence.look("killed", 10))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("kept of what was accepted since the start");
    assertThat(evidence.accepted()).isEqualTo(7);
    assertThat(evidence.known()).isEqualTo(10);
    assertThat(evidence.lost()).isEqualTo(3);
  }

  @Test
  void whatIsFoundOfAnEarlierLifeDoesNotStandForWhatIsMissingOfTheLastOne() throws Exception {
    read(10);
    take(0, 0, 10);
    evidence.look("first", 0);
    evidence.beforeStart();
    read(10);
    take(1, 0, 7);

    assertThatThrownBy(() -> evidence.look("second", 10))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("kept of what was accepted since the start");
    assertThat(evidence.lost()).isEqualTo(3);
  }

  @Test
  void aHoleIsNoticedThoughNobodyHadAsked() throws Exception {
    read(10);
    take(0, 0, 3);
    take(0, 5, 10);

    assertThatThrownBy(() -> evidence.look("killed", 0))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the first hole");
    assertThat(evidence.lost()).isEqualTo(2);
  }
}
