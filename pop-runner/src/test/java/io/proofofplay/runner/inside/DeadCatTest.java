package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.terminal.Terminal;
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

/** What is printed of the dead letters is not taken for all of them if it is not. */
final class DeadCatTest {

  private static final String LETTER =
      "{\"time\":\"2026-03-01T11:05:00Z\",\"batch\":\"life-7\",\"status\":422,\"reason\":\"422\","
          + "\"answer\":\"\",\"event\":\"{\\\"uuid\\\":\\\"a-1\\\"}\"}\n";

  @TempDir private Path directory;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream remarks = new ByteArrayOutputStream();
  private Path letters;

  @BeforeEach
  void configure() throws IOException {
    OneSink.configureIn(directory);
    letters =
        Files.createDirectories(directory.resolve("spool/billing/dead")).resolve("dead.ndjson");
  }

  private int cat() {
    Terminal other = Terminal.plain(new PrintStream(remarks, true, StandardCharsets.UTF_8));
    return new CommandLine(new DeadCat(new EventLines(printed, false), other))
        .execute("--config", directory.resolve("pop.yaml").toString());
  }

  @Test
  void allThatCanBeReadIsPrinted() throws IOException {
    Files.writeString(letters, LETTER);

    assertThat(cat()).isEqualTo(ExitCode.DONE);
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("{\"uuid\":\"a-1\"}\n");
    assertThat(remarks.size()).isZero();
  }

  @Test
  void linesThatCannotBeReadAreCountedAndEndWithOne() throws IOException {
    Files.writeString(letters, "{\"time\":\"2026-03-0\n%snothing\n".formatted(LETTER));

    assertThat(cat()).isEqualTo(ExitCode.FOUND);
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("{\"uuid\":\"a-1\"}\n");
    assertThat(remarks.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "pop dead cat: billing: 2 lines of the dead letters cannot be read, and are passed"
                + " over\n");
  }
}
