package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The time line of a device is made of all that the relay has of it. */
final class GapsCommandTest {

  @TempDir private Path directory;
  private Path dead;

  @BeforeEach
  void configure() throws IOException {
    Files.writeString(
        directory.resolve("pop.yaml"),
        """
        spool: {directory: %s}
        sources: {lobby: {type: infobeamer}}
        sinks: {billing: {type: http, url: "http://127.0.0.1:1/"}}
        """
            .formatted(directory.resolve("spool")));
    dead = Files.createDirectories(directory.resolve("spool/billing/dead"));
  }

  private List<String> gaps() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Terminal terminal = Terminal.plain(new PrintStream(out, true, StandardCharsets.UTF_8));
    int code =
        new CommandLine(new GapsCommand(terminal, ManualTime.standing()))
            .execute(
                "--config",
                directory.resolve("pop.yaml").toString(),
                "--from",
                "2026-03-01T11:00:00Z",
                "--to",
                "2026-03-01T11:10:00Z");
    assertThat(code).isZero();
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceAll("2026-03-01T|Z| +(?= )", ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dead.ndjson", "discarded.ndjson"})
  void whatADestinationWouldNotTakeWasPlayedNevertheless(String file) throws IOException {
    Files.writeString(
        dead.resolve(file),
        "{\"time\":\"2026-03-01T11:05:00Z\",\"batch\":\"life-7\",\"status\":422,\"reason\":\"422\","
            + "\"answer\":\"\",\"event\":\"{\\\"uuid\\\":\\\"a-1\\\",\\\"ts\\\":1772362980,"
            + "\\\"duration\\\":60,\\\"device\\\":{\\\"id\\\":7}}\"}\n");

    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:03:00 3m 0s silent",
            " 11:03:00 11:04:00 1m 0s not delivered",
            " 11:04:00 11:10:00 6m 0s silent");
  }

  @Test
  void ofWhatNothingIsKnownNothingIsMadeUp() {
    assertThat(gaps()).containsExactly("nothing is known of any device in this time");
  }
}
