package io.proofofplay.runner.player;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.player.PlayerSession.Peer;
import io.proofofplay.runner.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SimulateCommandTest {

  @TempDir Path directory;

  private final ByteArrayOutputStream spoken = new ByteArrayOutputStream();

  private CommandLine command(PrintStream out) {
    Terminal terminal = Terminal.plain(new PrintStream(spoken, true, StandardCharsets.UTF_8));
    return new CommandLine(new SimulateCommand(out, terminal, TimeSource.system()));
  }

  /** Runs the command until it ends by itself, as one client that reads everything. */
  private byte[] playedTo(String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add("--port=0");
    try (PipedInputStream in = new PipedInputStream();
        PrintStream out = new PrintStream(new PipedOutputStream(in), true, StandardCharsets.UTF_8);
        Scanner lines = new Scanner(in, StandardCharsets.UTF_8)) {
      CompletableFuture<Integer> end =
          CompletableFuture.supplyAsync(
              () -> command(out).execute(arguments.toArray(String[]::new)));
      String listening = lines.nextLine();
      assertThat(listening).matches("listening on 127\\.0\\.0\\.1:\\d+");
      int port = Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
      byte[] received;
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
          Peer peer = new Peer(socket)) {
        socket.setSoTimeout(PlayerSession.PATIENCE_MILLIS);
        peer.send("*raw/root/::pop\n");
        received = peer.allBytes();
      }
      assertThat(end.get(20, TimeUnit.SECONDS)).isZero();
      return received;
    }
  }

  private static byte[] withoutGreeting(byte[] received) {
    String text = new String(received, StandardCharsets.ISO_8859_1);
    int at = 0;
    for (int line = 0; line < 3; line++) {
      at = text.indexOf('\n', at) + 1;
    }
    return text.substring(at).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void countedEventsAreSentAndRecordedByteForByte() throws Exception {
    Path record = directory.resolve("sent");
    byte[] received = playedTo("--count=1000", "--rate=0", "--record=" + record);
    assertThat(withoutGreeting(received)).isEqualTo(Files.readAllBytes(record));
    assertThat(Files.readAllLines(record)).hasSize(1000).doesNotHaveDuplicates();
    assertThat(spoken.toString(StandardCharsets.UTF_8)).endsWith("1000 events sent\n");
  }

  @Test
  void theLinesOfAFileAreSentAsTheyAre() throws Exception {
    byte[] lines =
        "{\"uuid\":\"1\"}\r\n\n\u0000 no event\n\u00ff{\"uuid\":\"2\"}\n{\"uuid\":\"3\"}"
            .getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(directory.resolve("lines"), lines);
    byte[] expected = Arrays.copyOf(lines, lines.length + 1);
    expected[lines.length] = '\n';
    assertThat(withoutGreeting(playedTo("--file=" + file, "--rate=0"))).isEqualTo(expected);
    assertThat(withoutGreeting(playedTo("--file=" + file, "--rate=0", "--cut=3")))
        .isEqualTo(expected);
    assertThat(withoutGreeting(playedTo("--file=" + file, "--rate=0", "--count=2")))
        .isEqualTo("{\"uuid\":\"1\"}\r\n\n".getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void aLongLineOfAFileIsSentWhole() throws Exception {
    String line = "{\"uuid\":\"" + "x".repeat(1_000_000) + "\"}\n";
    Path file = Files.writeString(directory.resolve("lines"), line + line);
    assertThat(withoutGreeting(playedTo("--file=" + file, "--rate=0")))
        .asString()
        .isEqualTo(line + line);
  }

  @Test
  void aRecordingIsSentAsItIs() throws Exception {
    byte[] bytes =
        "Info Beamer PI 0.9\nok!\n{\"pop\":\"x\"}\n{\"torn".getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(directory.resolve("recording"), bytes);
    assertThat(playedTo("--file=" + file)).isEqualTo(bytes);
    assertThat(spoken.toString(StandardCharsets.UTF_8))
        .endsWith("the recording was sent to its end\n");
  }

  @ParameterizedTest
  @CsvSource({
    "--port=70000, --port: 70000 is not a port",
    "--rate=-1, --rate: -1.0 is not a rate",
    "--rate=NaN, --rate: NaN is not a rate",
    "--count=0, --count: 0 is not a count",
    "--cut=-1, --cut: -1 is not a size",
    "--file=no/such/file, --file: no/such/file does not exist",
    "--file=/, --file: / is a directory; name a file",
    "--record=/, --record: / is a directory; name a file",
    "--record=/no/such/record, --record: /no/such/record is in no directory that exists",
    "--host=192.0.2.1, --host: 192.0.2.1:4444 cannot be listened on",
    "--host=no.such.host.invalid, --host: no.such.host.invalid is not an address"
  })
  void aWrongOptionIsRefusedWithWhatWouldBeRight(String option, String message) {
    assertThat(errorsOf(option)).contains(message);
  }

  @Test
  void aPortInUseIsNamedWithAWayOut() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(errorsOf("--port=" + other.getLocalPort()))
          .contains("--port: 127.0.0.1:" + other.getLocalPort() + " cannot be listened on")
          .contains("choose another port");
    }
  }

  @Test
  void theFileThatIsPlayedIsNotOverwrittenByTheRecord() throws Exception {
    Path file = Files.writeString(directory.resolve("lines"), "{}\n");
    assertThat(errorsOf("--file=" + file, "--record=" + file))
        .contains("--record: " + file + " is the file that is played; name another");
    assertThat(file).hasContent("{}");
  }

  private String errorsOf(String... option) {
    StringWriter errors = new StringWriter();
    CommandLine command = command(new PrintStream(spoken, true, StandardCharsets.UTF_8));
    command.setErr(new PrintWriter(errors));
    assertThat(command.execute(option)).isEqualTo(CommandLine.ExitCode.USAGE);
    return errors.toString();
  }
}
