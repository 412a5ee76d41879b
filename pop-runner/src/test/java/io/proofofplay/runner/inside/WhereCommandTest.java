package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What cannot be read is not taken for what never was. */
final class WhereCommandTest {

  @TempDir private Path directory;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream remarks = new ByteArrayOutputStream();
  private TimeSource time = ManualTime.standing();
  private Path sink;

  @BeforeEach
  void configure() throws IOException {
    OneSink.configureIn(directory);
    sink = Files.createDirectories(directory.resolve("spool/billing"));
  }

  private String where(String... more) {
    Terminal terminal = Terminal.plain(new PrintStream(printed, true, StandardCharsets.UTF_8));
    Terminal other = Terminal.plain(new PrintStream(remarks, true, StandardCharsets.UTF_8));
    CommandLine command = new CommandLine(new WhereCommand(terminal, other, time));
    String[] arguments = new String[3 + more.length];
    arguments[0] = "a-1";
    arguments[1] = "--config";
    arguments[2] = directory.resolve("pop.yaml").toString();
    System.arraycopy(more, 0, arguments, 3, more.length);
    assertThat(command.execute(arguments)).isOne();
    String said = printed.toString(StandardCharsets.UTF_8);
    printed.reset();
    return said;
  }

  private void fileOfANewerVersion(String name) throws IOException {
    String first = "#pop-spool 9 0123456789abcdef 7 2026-03-01T11:00:00Z";
    CRC32C sum = new CRC32C();
    sum.update(first.getBytes(StandardCharsets.US_ASCII));
    Files.writeString(sink.resolve(name), first + " " + hex(sum.getValue()) + "\n");
  }

  private static String hex(long sum) {
    String digits = Long.toHexString(sum);
    return "0".repeat(8 - digits.length()) + digits;
  }

  @Test
  void whatIsNowhereWasNeverSeen() {
    assertThat(where()).contains("never seen  by this relay, as far as it remembers");
  }

  @Test
  void whoHasNotTheSecretsOfTheRelayLooksAllTheSame() throws IOException {
    Path file = directory.resolve("pop.yaml");
    String secret = "authorization: \"${env:ONLY_THE_SERVICE_HAS_IT}\", url:";
    Files.writeString(file, Files.readString(file).replace("url:", secret));

    assertThat(where()).contains("never seen  by this relay, as far as it remembers");
  }

  @Test
  void whatMayBeInAFileThatCannotBeReadIsNotFound() throws IOException {
    fileOfANewerVersion("000000000007-n1.ndjson");
    fileOfANewerVersion("000000000008-n1.ndjson");
    assertThat(where())
        .contains("not found; 2 files could not be read")
        .doesNotContain("never seen");
  }

  /** A packed file of what was delivered, of which only the beginning is left. */
  private void cutHistory() throws IOException {
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    Path file = history.resolve("delivered-00000001.log.gz");
    try (Writer lines =
        new OutputStreamWriter(
            new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
      lines.write("B\t2026-03-01T12:00:00Z\tbilling\tlife-7\t200\t12\t1\n");
      lines.write("E\ta-1\t1772366400\t10\t7\t1005\n");
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void aDeliveryThatStoodInAHistoryThatIsDamagedMayBeIt() throws IOException {
    cutHistory();
    assertThat(where("--json")).contains("\"complete\":false").contains("\"seen\":false");
    assertThat(where())
        .contains("not found; parts of .history/delivered-00000001.log.gz could not be read")
        .doesNotContain("never seen");
  }

  @Test
  void aLineOfTheHistoryThatIsNoneIsDamageAndATornOneIsNone() throws IOException {
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    String torn = "B\t2026-03-01T12:00:00Z\tbil\n\nB\t2026-03-01T12:00:00Z\tbilling";
    Files.writeString(history.resolve("delivered-00000001.log"), torn);
    Files.writeString(history.resolve("connections-00000001.log"), "C\t2026-03-01T12:0\nS\n");
    assertThat(where("--json")).contains("\"complete\":true");

    Files.writeString(history.resolve("delivered-00000001.log"), "\0\0\0\0\n" + torn);
    assertThat(where("--json")).contains("\"complete\":false");
  }

  @Test
  void damageOfWhatCameAndWentIsSaidOfTheSourcesAndHidesNoEvent() throws IOException {
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    Files.writeString(history.resolve("connections-00000001.log"), "C\tnoon\tlobby\tme\n");

    assertThat(where())
        .contains("never seen", "  parts of .history/connections-00000001.log could not be read")
        .doesNotContain("not found");
    assertThat(where("--json")).contains("\"complete\":true", "\"sourcesComplete\":false");
  }

  @ParameterizedTest
  @CsvSource({
    "rejected.ndjson, not found; 1 line of the refused lines could not be read",
    "billing/drops.ndjson, not found; 1 line of the drop ledgers could not be read",
  })
  void whatTheSideFilesDoNotTellMayBeIt(String file, String words) throws IOException {
    Files.writeString(directory.resolve("spool").resolve(file), "{\"time\":\"2026-03-0\n");
    assertThat(where()).contains(words);
    assertThat(where("--json")).contains("\"complete\":false");
  }

  @Test
  void aDeadLetterThatCannotBeReadMayBeIt() throws IOException {
    Path dead = Files.createDirectory(sink.resolve("dead"));
    Files.writeString(dead.resolve("dead.ndjson"), "{\"time\":\"2026-03-0\n");
    assertThat(where("--json")).contains("\"complete\":false").contains("\"seen\":false");
  }

  private void runs() throws IOException {
    Files.writeString(directory.resolve("spool/lock"), ProcessHandle.current().pid() + "\n");
  }

  private void durability(String which) throws IOException {
    Path file = directory.resolve("pop.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("type: http,", "type: http, spool: {durability: " + which + "},"));
  }

  @Test
  void whatARunningRelayHasInMemoryIsNotTakenForNeverSeen() throws IOException {
    durability("on-failure");
    assertThat(where()).as("no relay runs").contains("never seen");
    runs();
    assertThat(where())
        .contains("not found; a relay runs that keeps events in memory")
        .doesNotContain("never seen");
    assertThat(where("--json")).contains("\"complete\":false").contains("\"seen\":false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"write-ahead", "interval"})
  void whatARunningRelayHasWrittenDownIsFoundThere(String which) throws IOException {
    durability(which);
    runs();
    assertThat(where()).contains("never seen");
    assertThat(where("--json")).contains("\"complete\":true");
  }

  @Test
  void aDeliveryThatCouldNotBeWrittenDownMayBeIt() throws IOException {
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    Files.writeString(
        history.resolve("delivered-00000001.log"),
        "H\t2026-03-01T10:00:00Z\t2026-03-01T10:05:00Z\t12\n");

    assertThat(where())
        .contains(
            "not found; 12 events delivered from 2026-03-01T10:00:00Z to 2026-03-01T10:05:00Z"
                + " could not be written down")
        .doesNotContain("never seen");
    assertThat(where("--json")).contains("\"complete\":false");
  }

  @Test
  void whatCameAndWentAndCouldNotBeWrittenDownIsSaidOfItsTimeAlone() throws IOException {
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    Files.writeString(
        history.resolve("connections-00000001.log"),
        """
        C\t2026-03-01T09:00:00Z\tlobby\tme
        H\t2026-03-01T10:00:00Z\t2026-03-01T10:05:00Z\t2
        """);

    assertThat(where("--at=2026-03-01T10:02:00Z"))
        .contains(
            "  what came and went from 2026-03-01T10:00:00Z to 2026-03-01T10:05:00Z could not be"
                + " written down");
    assertThat(where("--json", "--at=2026-03-01T10:02:00Z")).contains("\"sourcesComplete\":false");
    assertThat(where("--at=2026-03-01T10:06:00Z")).doesNotContain("came and went");
    assertThat(where("--json", "--at=2026-03-01T10:06:00Z"))
        .contains("\"complete\":true", "\"sourcesComplete\":true");
  }

  @Test
  void whatMayHaveBeenGivenUpOrWasNeverSeenIsSaidSo() throws IOException {
    Files.writeString(
        sink.resolve("drops.ndjson"),
        "{\"time\":\"2026-03-01T12:00:00Z\",\"sink\":\"billing\",\"reason\":\"full-newest\","
            + "\"count\":9,\"firstUuid\":\"b-1\",\"lastUuid\":\"b-9\","
            + "\"firstTs\":100,\"lastTs\":200}\n");

    assertThat(where())
        .containsSubsequence(
            "perhaps dropped  sink billing: ", "\nor else never seen by this relay")
        .doesNotContain("not found");
    assertThat(where("--json")).contains("\"seen\":false", "\"is\":\"perhaps-dropped\"");
  }

  @Test
  void howFarTheReadingOfTheHistoryIsIsShown() throws IOException {
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    for (int file = 1; file <= 3; file++) {
      Files.writeString(history.resolve("delivered-0000000" + file + ".log"), "");
    }
    time = new HastyTime(Duration.ofSeconds(6));
    where();

    assertThat(remarks.toString(StandardCharsets.UTF_8))
        .contains("history: file 0 of 3\nhistory: file 1 of 3\nhistory: file 2 of 3\n");
  }
}
