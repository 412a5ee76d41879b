package io.proofofplay.example.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.relay.RelayState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRelayTest {

  private static final Path README = Path.of("../../README.md");
  private static final Path SOURCE =
      Path.of("src/main/java/io/proofofplay/example/embedded/EmbeddedRelay.java");

  @TempDir Path folder;

  @Test
  void theReadmeShowsWhatIsCompiledHere() throws IOException {
    List<String> lines = Files.readAllLines(SOURCE);
    List<String> example =
        lines.subList(
            lines.indexOf("    // README: begin") + 1, lines.indexOf("    // README: end"));
    assertThat(example).hasSizeBetween(8, 14);
    assertThat(Files.readString(README)).contains(String.join("\n", example).stripIndent());
  }

  @Test
  void itRunsAndStops() throws IOException {
    Relay relay;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      relay =
          EmbeddedRelay.start(
              free.getLocalPort(), URI.create("http://127.0.0.1:9/pop"), folder.resolve("spool"));
    }
    assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
    relay.stop(Duration.ofSeconds(1));
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.STOPPED);
  }
}
