package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.FileStorage;
import io.proofofplay.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Dead letters of a sink that the configuration does not have any more. */
final class DeadDecisionTest {

  @TempDir private Path directory;
  private final ManualTime time = ManualTime.standing();
  private Path letters;

  @BeforeEach
  void configure() throws IOException {
    OneSink.configureIn(directory);
    letters = Files.createDirectories(directory.resolve("spool/gone/dead")).resolve("dead.ndjson");
    Files.writeString(
        letters,
        "{\"time\":\"2026-03-01T11:05:00Z\",\"batch\":\"life-7\",\"status\":422,\"reason\":\"422\","
            + "\"answer\":\"\",\"event\":\"{\\\"uuid\\\":\\\"a-1\\\"}\"}\n");
  }

  private record Said(int code, String text) {}

  private Said discardAll() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Terminal terminal = Terminal.plain(new PrintStream(out, true, StandardCharsets.UTF_8));
    int code =
        new CommandLine(new DeadDiscard(terminal, time, Person.atTheConsole()))
            .execute("--config", directory.resolve("pop.yaml").toString(), "gone", "--all");
    return new Said(code, out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aRunningRelayThatDoesNotHaveTheSinkIsNotWaitedFor() throws IOException {
    try (FileStorage running = FileStorage.open(directory.resolve("spool"), time)) {
      assertThat(running).isNotNull();
      assertThat(discardAll())
          .isEqualTo(
              new Said(
                  ExitCode.FOUND,
                  "gone: 0 dead letters discarded by nobody; 1 was meant; a relay is running, and"
                      + " the configuration has no such sink; stop the relay, or add the sink, and"
                      + " say it again\n"));
    }
    assertThat(Files.size(letters)).isPositive();
  }

  @Test
  void withoutARelayTheyAreDecidedAtOnce() throws IOException {
    assertThat(discardAll())
        .isEqualTo(new Said(ExitCode.DONE, "gone: 1 dead letter discarded by this command\n"));
    assertThat(letters.resolveSibling("discarded.ndjson")).isNotEmptyFile();
  }
}
