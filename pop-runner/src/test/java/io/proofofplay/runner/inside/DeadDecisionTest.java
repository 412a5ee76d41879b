package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
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
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.stream.Stream;
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

  private final ByteArrayOutputStream remarks = new ByteArrayOutputStream();

  private Said discardAll() {
    return discardAll("gone", time);
  }

  private Said discardAll(String sink, TimeSource clock) {
    return discard(clock, sink, "--all");
  }

  private Said discard(TimeSource clock, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Terminal terminal = Terminal.plain(new PrintStream(out, true, StandardCharsets.UTF_8));
    Terminal other = Terminal.plain(new PrintStream(remarks, true, StandardCharsets.UTF_8));
    int code =
        new CommandLine(new DeadDiscard(terminal, other, clock, Person.atTheConsole()))
            .execute(
                Stream.concat(
                        Stream.of("--config", directory.resolve("pop.yaml").toString()),
                        Stream.of(arguments))
                    .toArray(String[]::new));
    return new Said(code, out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void anOwnerThatLooksForNoRequestIsWaitedForInSightAndThenSaidToOwnTheSpool() throws IOException {
    Path ofBilling = Files.createDirectories(directory.resolve("spool/billing/dead"));
    Files.copy(letters, ofBilling.resolve("dead.ndjson"));
    try (FileStorage running = FileStorage.open(directory.resolve("spool"), time)) {
      assertThat(running).isNotNull();
      assertThat(discardAll("billing", new HastyTime(Duration.ofSeconds(7))))
          .isEqualTo(
              new Said(
                  ExitCode.IN_USE,
                  "billing: 0 dead letters discarded by nobody; 1 was meant; the process that owns"
                      + " the spool does not look for requests\n"));
    }
    assertThat(remarks.toString(StandardCharsets.UTF_8))
        .contains("billing: waiting for the relay to take the request, second 14 of 15\n");
    assertThat(ofBilling.resolve("dead.ndjson")).isNotEmptyFile();
  }

  @Test
  void aRunningRelayThatDoesNotHaveTheSinkIsNotWaitedFor() throws IOException {
    try (FileStorage running = FileStorage.open(directory.resolve("spool"), time)) {
      assertThat(running).isNotNull();
      assertThat(discardAll())
          .isEqualTo(
              new Said(
                  ExitCode.IN_USE,
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

  @Test
  void linesThatCannotBeReadAreSaidAndEndWithOne() throws IOException {
    Files.writeString(letters, "no letter\nnor this\n", StandardOpenOption.APPEND);

    assertThat(discardAll())
        .isEqualTo(new Said(ExitCode.FOUND, "gone: 1 dead letter discarded by this command\n"));
    assertThat(discardAll()).isEqualTo(new Said(ExitCode.FOUND, "there is no such dead letter\n"));
    assertThat(remarks.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "pop dead discard: gone: 2 lines of the dead letters cannot be read, and stay\n"
                .repeat(2));
  }

  @Test
  void aSinkThatFailsHidesNothingOfWhatIsDoneForTheOthers() throws IOException {
    Path ofBilling = Files.createDirectories(directory.resolve("spool/billing/dead"));
    Files.copy(letters, ofBilling.resolve("dead.ndjson"));
    Files.createDirectory(ofBilling.resolve("discarded.ndjson"));

    Said said = discard(time, "--all");

    assertThat(said.code()).isEqualTo(ExitCode.FOUND);
    assertThat(said.text())
        .contains("billing: 0 dead letters discarded by this command; 1 was meant; it failed, and")
        .contains("\ngone: 1 dead letter discarded by this command\n");
    assertThat(letters.resolveSibling("discarded.ndjson")).isNotEmptyFile();
  }

  /** The relay could not take its directory any more. */
  @Test
  void whoIsRefusedLeavesNoLock() throws IOException {
    Path spool = directory.resolve("spool");
    String user = System.getProperty("user.name");
    if (Files.getOwner(spool).getName().equals("root")) {
      Files.setOwner(
          spool, spool.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("1"));
    }
    System.setProperty("user.name", "root");
    try {
      assertThat(discardAll()).isEqualTo(new Said(CommandLine.ExitCode.USAGE, ""));
    } finally {
      System.setProperty("user.name", user);
    }
    assertThat(spool.resolve("lock")).doesNotExist();
    assertThat(letters).isNotEmptyFile();
  }
}
