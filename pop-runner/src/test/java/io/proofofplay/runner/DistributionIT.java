package io.proofofplay.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is shipped works as it is shipped. */
@Timeout(180)
final class DistributionIT {

  private static final Path DIST = Path.of(System.getProperty("pop.dist", "target/dist"));
  private static final int EVENTS = 100_000;
  private static final long MOST_KIB = 96 * 1024;

  /** The least of so many runs, if need be: one run takes more of what memory it finds. */
  private static final int RUNS = 3;

  @TempDir private Path directory;

  private static Path jar() throws Exception {
    try (Stream<Path> jars = Files.list(DIST.resolve("lib"))) {
      return jars.filter(jar -> jar.getFileName().toString().startsWith("pop-runner-"))
          .findFirst()
          .orElseThrow()
          .toAbsolutePath();
    }
  }

  private PopProcess pop(Path place, String... args) throws Exception {
    String flags = "@" + DIST.resolve("jvm.options").toAbsolutePath();
    return PopProcess.start(place, List.of(flags, "-jar", jar().toString()), args);
  }

  @Test
  void theJarStartsByItselfAndKnowsItsVersion() throws Exception {
    try (PopProcess pop =
        PopProcess.start(directory, List.of("-jar", jar().toString()), "--version")) {
      assertThat(pop.exit()).isZero();
      assertThat(pop.out()).startsWith("pop ").doesNotContain("development");
      assertThat(pop.err()).isEmpty();
    }
  }

  @Test
  void theJarsStartFromTheirFolder() throws Exception {
    String all = DIST.resolve("lib").toAbsolutePath() + "/*";
    try (PopProcess pop = PopProcess.start(directory, all, "--version")) {
      assertThat(pop.exit()).isZero();
    }
  }

  @Test
  void nothingOfTheTestsIsShipped() throws Exception {
    try (Stream<Path> jars = Files.list(DIST.resolve("lib"))) {
      assertThat(jars)
          .extracting(jar -> jar.getFileName().toString())
          .allMatch(name -> name.endsWith(".jar"))
          .noneMatch(name -> name.matches("(junit|assertj|archunit|pop-testkit).*"));
    }
  }

  @Test
  void theDaemonStaysSmallWithTheShippedFlags() throws Exception {
    assumeThat(Path.of("/proc/self/status")).exists();
    List<Long> resident = new ArrayList<>();
    do {
      resident.add(residentKibOfARun("run-" + resident.size()));
    } while (Collections.min(resident) >= MOST_KIB && resident.size() < RUNS);
    System.out.printf("DistributionIT: %d events, resident at most %s KiB%n", EVENTS, resident);
    assertThat(Collections.min(resident)).as("%s KiB", resident).isLessThan(MOST_KIB);
  }

  private long residentKibOfARun(String name) throws Exception {
    Path place = Files.createDirectory(directory.resolve(name));
    try (PopProcess backend = pop(place, "receive", "--port", "0", "--out", "received.ndjson");
        PopProcess player =
            pop(
                place,
                "simulate",
                "--port",
                "0",
                "--rate",
                "0",
                "--count",
                String.valueOf(EVENTS))) {
      Files.writeString(
          place.resolve("pop.yaml"),
          """
          sources:
            lobby: {type: infobeamer, port: %d}
          sinks:
            billing: {type: http, url: 'http://127.0.0.1:%d/pop', batch: {minInterval: 100ms}}
          """
              .formatted(port(player), port(backend)));
      try (PopProcess daemon = pop(place, "run")) {
        assertThat(player.exit()).isZero();
        daemon.until(() -> lines(place.resolve("received.ndjson")) == EVENTS);
        long resident = residentKib(daemon.pid());
        daemon.signal("TERM");
        assertThat(daemon.exit()).isZero();
        assertThat(daemon.err()).doesNotContain("WARNING:");
        return resident;
      }
    }
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first line of standard output names the address. */
  private static int port(PopProcess process) throws Exception {
    Matcher address = Pattern.compile(":(\\d{2,5})\\b").matcher(process.outSays("\n"));
    assertThat(address.find()).isTrue();
    return Integer.parseInt(address.group(1));
  }

  private static long residentKib(long pid) throws Exception {
    Matcher most =
        Pattern.compile("VmHWM:\\s+(\\d+) kB")
            .matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
    assertThat(most.find()).isTrue();
    return Long.parseLong(most.group(1));
  }
}
