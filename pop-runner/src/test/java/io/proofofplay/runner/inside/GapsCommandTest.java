package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.FileStorage;
import io.proofofplay.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
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

  private void letter(String time, String event) throws IOException {
    Files.writeString(
        dead.resolve("dead.ndjson"),
        "{\"time\":\"2026-03-01T"
            + time
            + "Z\",\"batch\":\"life-7\",\"status\":422,\"reason\":\"422\",\"answer\":\"\",\"event\":\""
            + event.replace("\"", "\\\"")
            + "\"}\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private void waits(String created, String written, String event) throws IOException {
    ManualTime then = ManualTime.standing().startingAt(at(created), 0);
    try (FileStorage storage = FileStorage.open(directory.resolve("spool"), then);
        Spool spool =
            storage.openSpool("billing", SpoolPolicy.defaults(), BatchPolicy.defaults(), false)) {
      assertThat(spool.append(List.of(PopEvent.of(event)))).isEqualTo(Spool.Append.KEPT);
      spool.sync();
    }
    try (Stream<Path> files = Files.list(directory.resolve("spool/billing"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(at(written)));
      }
    }
  }

  /** A relay that was killed and started again at 11:08, and lost its player at 11:09. */
  private void killedAndBack() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String change : List.of("S 00", "C 00", "S 08", "C 08", "D 09")) {
      String[] words = change.split(" ", -1);
      lines
          .append(words[0] + "\t" + at("11:" + words[1] + ":00"))
          .append(words[0].equals("S") ? "\n" : "\tlobby\twhy\n");
    }
    Path folder = Files.createDirectories(directory.resolve("spool/.history"));
    Files.writeString(folder.resolve("connections-00000001.log"), lines);
  }

  private static Instant at(String time) {
    return Instant.parse("2026-03-01T" + time + "Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e18", "9e15", "31556889864403199", "-1e18"})
  void whatIsBeyondAllTimesHidesNothingElse(String number) throws IOException {
    letter("11:05:00", "{\"uuid\":\"a-1\",\"ts\":1772362980,\"duration\":" + number + "}");
    letter("11:05:00", "{\"uuid\":\"a-2\",\"ts\":" + number + ",\"duration\":60}");
    letter("11:05:00", "{\"uuid\":\"a-3\",\"ts\":1772363040,\"duration\":60}");

    assertThat(gaps())
        .containsExactly(
            "device (unknown)",
            " 11:00:00 11:03:00 3m 0s silent",
            " 11:03:00 11:03:00 0s not delivered",
            " 11:03:00 11:04:00 1m 0s silent",
            " 11:04:00 11:05:00 1m 0s not delivered",
            " 11:05:00 11:10:00 5m 0s silent");
  }

  @Test
  void aPlayersClockThatIsAheadIsNoSignThatTheRelayWasThere() throws IOException {
    killedAndBack();
    waits(
        "11:01:00",
        "11:02:00",
        "{\"uuid\":\"a-1\",\"ts\":1772363160,\"duration\":60,\"device\":{\"id\":7}}");
    letter(
        "11:03:00", "{\"uuid\":\"a-2\",\"ts\":1772363220,\"duration\":60,\"device\":{\"id\":7}}");

    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:03:00 3m 0s silent",
            " 11:03:00 11:06:00 3m 0s not connected",
            " 11:06:00 11:08:00 2m 0s not delivered",
            " 11:08:00 11:09:00 1m 0s silent",
            " 11:09:00 11:10:00 1m 0s not connected");
  }

  @Test
  void aPlayThatWasKeptIsASignThatTheRelayWasThere() throws IOException {
    killedAndBack();
    waits(
        "11:01:00",
        "11:04:30",
        "{\"uuid\":\"a-1\",\"ts\":1772363040,\"duration\":60,\"device\":{\"id\":7}}");

    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:04:00 4m 0s silent",
            " 11:04:00 11:05:00 1m 0s not delivered",
            " 11:05:00 11:08:00 3m 0s not connected",
            " 11:08:00 11:09:00 1m 0s silent",
            " 11:09:00 11:10:00 1m 0s not connected");
  }

  @Test
  void ofWhatNothingIsKnownNothingIsMadeUp() {
    assertThat(gaps()).containsExactly("nothing is known of any device in this time");
  }
}
