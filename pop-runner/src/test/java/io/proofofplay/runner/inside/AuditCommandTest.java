package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is counted is a whole, also while the oldest of it makes room. */
final class AuditCommandTest {

  /** Somebody who is asked how late it is in the midst of each count, and takes the oldest away. */
  private final class Remover implements TimeSource {

    /** What is said at the beginning of each count, which reads twice. */
    private static final List<String> COUNTS = List.of("history: file 0", "history, reading 3");

    private long nanos;
    private int times;
    private int removed;

    @Override
    public long nanos() {
      if (removed < times && said().contains(COUNTS.get(removed))) {
        try {
          Files.delete(file(++removed));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      nanos += 6_000_000_000L;
      return nanos;
    }

    @Override
    public Instant now() {
      return Instant.parse("2026-03-02T00:00:00Z");
    }

    @Override
    public void await(Condition condition, long nanos) {
      throw new AssertionError("nobody waits");
    }
  }

  @TempDir private Path directory;

  private final Remover remover = new Remover();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream remarks = new ByteArrayOutputStream();

  private Path file(int number) {
    return directory.resolve("spool/.history/delivered-0000000%d.log".formatted(number));
  }

  @BeforeEach
  void threeFiles() throws IOException {
    OneSink.configureIn(directory);
    Files.createDirectories(directory.resolve("spool/billing"));
    Files.createDirectories(directory.resolve("spool/.history"));
    for (int number = 1; number <= 3; number++) {
      // 2026-03-01T12:00:00Z.
      Files.writeString(
          file(number),
          "B\t2026-03-01T13:00:0%dZ\tbilling\tlife-1\t200\t10\t1\n".formatted(number)
              + "E\tplay-%d\t1772366400\t10\t7\t1\n".formatted(number));
    }
  }

  private String said() {
    return remarks.toString(StandardCharsets.UTF_8);
  }

  private String audit() {
    return audit(0);
  }

  private String audit(int ends, String... more) {
    Terminal terminal = Terminal.plain(new PrintStream(printed, true, StandardCharsets.UTF_8));
    Terminal other = Terminal.plain(new PrintStream(remarks, true, StandardCharsets.UTF_8));
    int status =
        new CommandLine(new AuditCommand(terminal, other, remover))
            .execute(
                Stream.concat(
                        Stream.of(
                            "--config",
                            directory.resolve("pop.yaml").toString(),
                            "--from=2026-03-01T00:00:00Z",
                            "--to=2026-03-02T00:00:00Z"),
                        Stream.of(more))
                    .toArray(String[]::new));
    assertThat(status).isEqualTo(ends);
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aHistoryThatStaysIsCountedOnce() {
    assertThat(audit()).contains(": 3 plays,");
    assertThat(said()).contains("reading 2").doesNotContain("reading 3", "made room");
  }

  @Test
  void whatMadeRoomMeanwhileIsCountedAnewWithoutIt() {
    remover.times = 1;
    assertThat(audit()).contains(": 2 plays,");
    assertThat(said())
        .contains("reading 4")
        .doesNotContain("reading 5")
        .contains("what was delivered before 2026-03-01T13:00:02Z is not remembered")
        .doesNotContain("made room");
  }

  @Test
  void whatADamagedFileHidesIsNotPassedOverAsIfItWereNothing() throws IOException {
    byte[] text = Files.readAllBytes(file(1));
    Files.delete(file(1));
    Path packed = file(1).resolveSibling(file(1).getFileName() + ".gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(text);
    }
    byte[] bytes = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(bytes, bytes.length / 2));

    assertThat(audit(1)).contains(": 2 plays,");
    assertThat(said())
        .contains(
            "pop audit: parts of .history/delivered-00000001.log.gz cannot be read; what was"
                + " delivered by them is not counted");
  }

  @Test
  void whatMakesRoomEachTimeIsSaid() {
    remover.times = 2;
    audit(1);
    assertThat(remover.removed).isEqualTo(2);
    assertThat(said()).contains("made room for newer ones while they were counted, twice");
  }

  private void hole(String to) throws IOException {
    Files.writeString(
        file(3), "H\t2026-02-28T00:00:00Z\t" + to + "\t1\n" + Files.readString(file(3)));
  }

  @Test
  void whatCouldNotBeWrittenDownIsSaidAndEndsWithOne() throws IOException {
    hole("2026-03-01T00:00:00Z");

    assertThat(audit(1)).contains(": 3 plays,");
    assertThat(said())
        .contains(
            "pop audit: 1 event delivered from 2026-02-28T00:00:00Z to 2026-03-01T00:00:00Z could"
                + " not be written down; what was delivered by them is not counted");
    printed.reset();
    assertThat(audit(1, "--json")).contains("\"complete\":false");
  }

  @Test
  void whatWasDeliveredBeforeTheTimeIsNoneOfIt() throws IOException {
    hole("2026-02-28T23:59:59Z");

    assertThat(audit(0, "--json")).contains("\"complete\":true");
  }

  @Test
  void howFarEachReadingIsIsShown() {
    audit();

    assertThat(said()).contains("history: file 2 of 3\n", "history, reading 2 of 2: file 2 of 3\n");
  }
}
