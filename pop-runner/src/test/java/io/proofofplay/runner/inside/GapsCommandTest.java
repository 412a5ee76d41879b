package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.runner.history.Histories;
import io.proofofplay.runner.history.History;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.FileStorage;
import io.proofofplay.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The time line of a device is made of all that the relay has of it. */
final class GapsCommandTest {

  @TempDir private Path directory;
  private Path dead;

  @BeforeEach
  void configure() throws IOException {
    OneSink.configureIn(directory);
    dead = Files.createDirectories(directory.resolve("spool/billing/dead"));
    remembered(
        "connections-00000001.log", "S\t%1$s\nC\t%1$s\tlobby\tme\n".formatted(at("10:00:00")));
    runs("");
  }

  private void remembered(String name, String lines) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("spool/.history"));
    Files.writeString(folder.resolve(name), lines);
  }

  /** The number in the lock is of a process that runs; what stands behind it says which it was. */
  private void runs(String which) throws IOException {
    Files.writeString(
        directory.resolve("spool/lock"), ProcessHandle.current().pid() + which + "\n");
  }

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private int run(String... arguments) {
    Terminal terminal = Terminal.plain(new PrintStream(printed, true, StandardCharsets.UTF_8));
    CommandLine command =
        new CommandLine(new GapsCommand(terminal, terminal, ManualTime.standing()));
    command.setErr(new PrintWriter(printed, true, StandardCharsets.UTF_8));
    return command.execute(
        Stream.concat(
                Stream.of("--config", directory.resolve("pop.yaml").toString()),
                Arrays.stream(arguments))
            .toArray(String[]::new));
  }

  private List<String> gaps() {
    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isZero();
    return lines();
  }

  private List<String> lines() {
    return printed
        .toString(StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceAll("2026-03-01T|Z| +(?= )", ""))
        .toList();
  }

  private void letter(String... members) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String each : members) {
      String event = "{\"uuid\":\"a-%d\",%s,\"device\":{\"id\":7}}".formatted(lines.length(), each);
      lines
          .append("{\"time\":\"2026-03-01T11:05:00Z\",\"batch\":\"life-7\",\"status\":422,")
          .append("\"reason\":\"422\",\"answer\":\"\",\"event\":\"")
          .append(event.replace("\"", "\\\""))
          .append("\"}\n");
    }
    Files.writeString(dead.resolve("dead.ndjson"), lines);
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

  private void letterAt(String time, String event) throws IOException {
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

  private void delivered(int file) throws IOException {
    // It was played at 11:06, for a minute.
    remembered(
        "delivered-0000000%d.log".formatted(file),
        "B\t%s\tbilling\tlife-9\t200\t12\t1\n".formatted(at("11:07:30"))
            + "E\ta-9\t1772363160\t60\t7\t1005\n");
  }

  @Test
  void whatMadeRoomForNewerDeliveriesIsNotKnownAndNotSilent() throws IOException {
    delivered(1);
    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:06:00 6m 0s silent",
            " 11:06:00 11:07:00 1m 0s played",
            " 11:07:00 11:10:00 3m 0s silent");
    Files.delete(directory.resolve("spool/.history/delivered-00000001.log"));
    delivered(2);
    printed.reset();
    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:06:00 6m 0s not known",
            " 11:06:00 11:07:00 1m 0s played",
            " 11:07:00 11:07:30 30s not known",
            " 11:07:30 11:10:00 2m 30s silent",
            "pop gaps: what was delivered before 11:07:30 is not remembered");
    printed.reset();
    assertThat(run("--json", "--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z"))
        .isZero();
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("\"is\":\"not-known\"");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aRelayThatEndedIsNotTakenForAnotherProcessOfItsNumber() throws IOException {
    runs(" 1");
    delivered(1);

    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:06:00 6m 0s silent",
            " 11:06:00 11:07:00 1m 0s played",
            " 11:07:00 11:07:30 30s silent",
            " 11:07:30 11:10:00 2m 30s not connected");
  }

  /** A player is the better connected the longer nothing is written of it. */
  @Test
  void aConnectionThatHeldForFortyDaysIsNotForgottenWhenItEnds() throws IOException {
    Path folder = directory.resolve("spool/.history");
    Files.delete(folder.resolve("connections-00000001.log"));
    ManualTime clock =
        ManualTime.standing().startingAt(ManualTime.START.minus(Duration.ofDays(40)), 0);
    History history = Histories.in(directory.resolve("spool"), clock);
    history.connected("lobby", "me");
    Files.setLastModifiedTime(
        folder.resolve("connections-00000001.log"), FileTime.from(clock.now()));
    clock.advance(Duration.ofDays(40));
    history.disconnected("lobby", "switched off");
    // It goes later, and must not be needed.
    Files.deleteIfExists(folder.resolve("connections-00000001.log.gz"));
    letter("\"ts\":1772280180,\"duration\":60");

    assertThat(run("--from", "2026-02-28T12:00:00Z", "--to", "2026-02-28T12:10:00Z")).isZero();
    assertThat(lines())
        .containsExactly(
            "device 7",
            " 2026-02-28T12:00:00 2026-02-28T12:03:00 3m 0s silent",
            " 2026-02-28T12:03:00 2026-02-28T12:04:00 1m 0s not delivered",
            " 2026-02-28T12:04:00 2026-02-28T12:10:00 6m 0s silent");
  }

  @Test
  void withoutAMemoryOfConnectionsNobodyKnowsOfSilence() throws IOException {
    Files.delete(directory.resolve("spool/.history/connections-00000001.log"));
    letter("\"ts\":1772362980,\"duration\":60");

    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:03:00 3m 0s not connected",
            " 11:03:00 11:04:00 1m 0s not delivered",
            " 11:04:00 11:10:00 6m 0s not connected");
  }

  @Test
  void ofADeliveryThatCouldNotBeWrittenDownItIsNotKnownWhenItWasPlayed() throws IOException {
    delivered(1);
    Path history = directory.resolve("spool/.history/delivered-00000001.log");
    Files.writeString(
        history,
        "H\t%s\t%s\t3\n".formatted(at("11:08:00"), at("11:09:00")),
        StandardOpenOption.APPEND);

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(lines())
        .containsExactly(
            "device 7",
            " 11:00:00 11:06:00 6m 0s silent",
            " 11:06:00 11:07:00 1m 0s played",
            " 11:07:00 11:09:00 2m 0s not known",
            " 11:09:00 11:10:00 1m 0s silent",
            "pop gaps: 3 events delivered from 11:08:00 to 11:09:00 could not be written down; what"
                + " was played by them is not known");
    printed.reset();
    assertThat(run("--json", "--from", "2026-03-01T11:00:00Z")).isOne();
    assertThat(lines().get(0)).contains("\"complete\":false");
    printed.reset();
    assertThat(run("--json", "--from", "2026-03-01T11:09:01Z")).isZero();
    assertThat(lines().get(0)).contains("\"complete\":true");
  }

  /** A backend that was away gets what was played long before. */
  @Test
  void whatWasDeliveredLateAndCouldNotBeWrittenDownMayBeOfLongBefore() throws IOException {
    delivered(1);
    Path history = directory.resolve("spool/.history/delivered-00000001.log");
    Files.writeString(
        history,
        "H\t%s\t%s\t3\n".formatted(at("11:09:00"), at("11:09:00")),
        StandardOpenOption.APPEND);

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(lines()).contains(" 11:07:00 11:09:00 2m 0s not known");
  }

  private void givenUp(String line) throws IOException {
    Files.writeString(directory.resolve("spool/billing/drops.ndjson"), line + "\n");
  }

  private static String drop(String time, String firstTs, String lastTs) {
    return ("{\"time\":\"%s\",\"sink\":\"billing\",\"reason\":\"full-newest\",\"count\":9,"
            + "\"firstUuid\":\"b-1\",\"lastUuid\":\"b-9\",\"firstTs\":%s,\"lastTs\":%s}")
        .formatted(at(time), firstTs, lastTs);
  }

  @Test
  void whatTheRelayGaveUpIsNotKnownAndNotSilent() throws IOException {
    delivered(1);
    givenUp(drop("11:09:00", "1772362860", "1.77236298E9"));

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(lines())
        .containsExactly(
            "device 7",
            " 11:00:00 11:01:00 1m 0s silent",
            " 11:01:00 11:03:01 2m 1s not known",
            " 11:03:01 11:06:00 2m 59s silent",
            " 11:06:00 11:07:00 1m 0s played",
            " 11:07:00 11:10:00 3m 0s silent",
            "pop gaps: the relay gave up 9 events that may have been played then; drops.ndjson of"
                + " each sink says why");
    printed.reset();
    assertThat(run("--json", "--from", "2026-03-01T11:03:00Z")).isOne();
    assertThat(lines().get(0)).contains("\"complete\":false");
    printed.reset();
    assertThat(run("--json", "--from", "2026-03-01T11:03:02Z")).isZero();
    assertThat(lines().get(0)).contains("\"complete\":true");
    printed.reset();
    assertThat(run("--json", "--from=2026-03-01T10:00:00Z", "--to=2026-03-01T11:01:00Z")).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    // After the delivery, so that it was played after what was delivered; and before it.
    "11:08:00, 11:07:00 11:08:00 1m 0s",
    "11:05:00, 11:00:00 11:05:00 5m 0s"
  })
  void whatWasGivenUpWithoutATsMayHaveBeenPlayedSinceTheLastPlayThatIsKnown(
      String time, String span) throws IOException {
    delivered(1);
    givenUp(drop(time, "null", "null"));

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(lines()).contains(" " + span + " not known");
    assertThat(lines()).filteredOn(line -> line.endsWith("not known")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"time\":\"2026-03-0", "{\"time\":\"noon\",\"count\":1}"})
  void aLineOfALedgerThatCannotBeReadIsSaidAndEndsWithOne(String line) throws IOException {
    delivered(1);
    givenUp(line);

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("pop gaps: 1 line of the drop ledgers cannot be read");
  }

  @Test
  void aHistoryThatIsDamagedIsSaidAndEndsWithOne() throws IOException {
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    Files.writeString(history.resolve("delivered-00000001.log.gz"), "no packed file");

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("pop gaps: parts of .history/delivered-00000001.log.gz cannot be read");
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

  @Test
  void aPlayersClockThatIsAheadIsNoSignThatTheRelayWasThere() throws IOException {
    killedAndBack();
    waits(
        "11:01:00",
        "11:02:00",
        "{\"uuid\":\"a-1\",\"ts\":1772363160,\"duration\":60,\"device\":{\"id\":7}}");
    letterAt(
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

  @Test
  void aPlayWithoutDurationIsAMomentAndWhatFollowsIsSilent() throws IOException {
    letter("\"ts\":1772362980", "\"ts\":1772363100,\"duration\":0");

    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:03:00 3m 0s silent",
            " 11:03:00 11:03:00 0s not delivered",
            " 11:03:00 11:05:00 2m 0s silent",
            " 11:05:00 11:05:00 0s not delivered",
            " 11:05:00 11:10:00 5m 0s silent");
  }

  @Test
  void timesThatNobodyMeansHideNoOtherPlay() throws IOException {
    letter(
        "\"ts\":1772362980,\"duration\":60",
        "\"ts\":1772363000,\"duration\":9e18",
        "\"ts\":1772363000,\"duration\":-500",
        "\"ts\":1772363000,\"duration\":\"long\"",
        "\"ts\":3e16,\"duration\":3e16",
        "\"ts\":-5,\"duration\":60",
        "\"ts\":null");

    assertThat(gaps())
        .containsExactly(
            "device 7",
            " 11:00:00 11:03:00 3m 0s silent",
            " 11:03:00 11:04:00 1m 0s not delivered",
            " 11:04:00 11:10:00 6m 0s silent");
  }

  @ParameterizedTest
  @CsvSource({
    "--tolerance=-1, --tolerance -1 is not a span",
    "--from=2026-03-01T11:00:00Z --to=2026-03-01T11:00:00Z, is not before --to",
    "--to=-1000000000-01-01T00:00:00Z, is not before --to",
    "--from=2026-03-01, --from"
  })
  void aWindowThatIsNoneIsSaid(String arguments, String said) {
    assertThat(run(arguments.split(" "))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains(said);
  }

  @Test
  void theWidestWindowIsDrawnToo() throws IOException {
    letter("\"ts\":1772362980,\"duration\":60");
    assertThat(
            run(
                "--from=-1000000000-01-01T00:00:00Z",
                "--to=+1000000000-12-31T23:59:59.999999999Z",
                "--tolerance=9223372036854775807"))
        .isZero();
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("not delivered");
  }

  @Test
  void aSpoolFileOfANewerVersionIsToldAndHidesNothingElse() throws IOException {
    letter("\"ts\":1772362980,\"duration\":60");
    String first = "#pop-spool 9 0123456789abcdef 7 2026-03-01T11:00:00Z";
    CRC32C sum = new CRC32C();
    sum.update(first.getBytes(StandardCharsets.US_ASCII));
    Files.writeString(
        directory.resolve("spool/billing/000000000007-n1.ndjson"),
        first + " %08x\n".formatted(sum.getValue()));

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("pop: billing/000000000007-n1.ndjson: is of version 9 of the format;")
        .contains("2026-03-01T11:04:00Z", "not delivered");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dead.ndjson", "discarded.ndjson"})
  void aDeadLetterThatCannotBeReadIsToldAndHidesNoOther(String file) throws IOException {
    letter("\"ts\":1772362980,\"duration\":60");
    Files.writeString(
        dead.resolve(file),
        "{\"time\":\"2026-03-0\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);

    assertThat(run("--from", "2026-03-01T11:00:00Z", "--to", "2026-03-01T11:10:00Z")).isOne();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("pop gaps: 1 line of the dead letters cannot be read")
        .contains("2026-03-01T11:04:00Z", "not delivered");
  }

  @ParameterizedTest
  @ValueSource(strings = {"spool/billing/file", "spool/billing/file/below"})
  void aPlaceThatCannotBeLookedIntoIsNoSpoolWithoutEvents(String place) throws IOException {
    Files.writeString(directory.resolve("spool/billing/file"), "");
    Path config = directory.resolve("pop.yaml");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("directory: [^}]+", "directory: " + directory.resolve(place)));

    assertThat(run()).isNotZero();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains(place)
        .doesNotContain("nothing is known");
  }

  @Test
  void aSpoolThatWasNeverMadeHasNothing() throws IOException {
    try (Stream<Path> made = Files.walk(directory.resolve("spool"))) {
      for (Path file : made.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }

    assertThat(gaps()).containsExactly("nothing is known of any device in this time");
  }
}
