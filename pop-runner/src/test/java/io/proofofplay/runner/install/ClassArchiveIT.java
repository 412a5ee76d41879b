package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code pop cds} lets the daemon start sooner, and does no harm where it cannot. */
@Timeout(300)
@DisabledOnOs(OS.WINDOWS)
final class ClassArchiveIT {

  /** How often a start is measured with it, and without it. */
  private static final int STARTS =
      Integer.getInteger("pop.starts", Boolean.getBoolean("pop.torture") ? 11 : 1);

  private static final String FROM_ARCHIVE = "shared objects file (top)";

  /** One process takes more of what memory it finds than another of the same kind. */
  private static final double SPREAD = 1.05;

  /** So many pairs are measured, if need be, until the least of each side is one without luck. */
  private static final int MOST_STARTS = 5;

  @TempDir private static Path temporary;

  private static Path home;
  private static Path cache;
  private static List<Shell.Done> made;

  @TempDir private Path directory;

  /** Two at once: what is left must be as good as what one alone leaves. */
  @BeforeAll
  static void makeItTwiceAtOnce() throws Exception {
    Shell.run(temporary, List.of("tar", "-xzf", Packages.tar().toString())).well();
    home = temporary.resolve("pop-" + Packages.version());
    cache = temporary.resolve("not there yet");
    List<Process> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      both.add(
          Shell.start(
              temporary,
              Map.of("POP_CACHE", cache.toString()),
              List.of(home + "/bin/pop", "cds"),
              temporary.resolve("cds-" + i + ".out"),
              temporary.resolve("cds-" + i + ".err")));
    }
    made = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      assertThat(both.get(i).waitFor(120, TimeUnit.SECONDS)).isTrue();
      made.add(
          new Shell.Done(
              both.get(i).exitValue(),
              Shell.text(temporary.resolve("cds-" + i + ".out")),
              Shell.text(temporary.resolve("cds-" + i + ".err"))));
    }
  }

  private static List<Path> in(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private RelayProcess daemon(Path cacheFolder) throws Exception {
    return RelayProcess.start(
        Files.createTempDirectory(directory, "run"),
        Map.of("POP_CACHE", cacheFolder.toString(), "POP_JAVA_OPTS", "-Xlog:class+load:file=load"),
        List.of(home + "/bin/pop", "run"));
  }

  private static String loaded(RelayProcess daemon) throws IOException {
    return Shell.text(daemon.directory().resolve("load"));
  }

  @Test
  void twoThatMakeItAtOnceBothSucceedAndLeaveNothingElse() throws Exception {
    assertThat(made).allMatch(done -> done.code() == 0 && done.err().isEmpty());
    assertThat(made).extracting(done -> done.out().strip()).contains(in(cache).get(0).toString());
    assertThat(in(cache)).singleElement().asString().endsWith(".jsa");
  }

  @Test
  void theDaemonTakesItsClassesFromIt() throws Exception {
    try (RelayProcess daemon = daemon(cache)) {
      daemon.awaitAccepted();
      assertThat(loaded(daemon))
          .containsPattern(
              "io.proofofplay.runner.daemon.Daemon source: "
                  + FROM_ARCHIVE.replaceAll("[()]", "\\\\$0"));
      daemon.stopWell();
    }
  }

  @Test
  void oneThatIsCutShortIsPassedOverWithoutAWord() throws Exception {
    Path cut = Files.createDirectories(directory.resolve("cut"));
    Path archive = Files.copy(in(cache).get(0), cut.resolve(in(cache).get(0).getFileName()));
    try (var channel = Files.newByteChannel(archive, StandardOpenOption.WRITE)) {
      channel.truncate(100_000);
    }
    startsWithoutIt(cut);
  }

  @Test
  void oneOfAnotherProgramIsPassedOverWithoutAWord() throws Exception {
    Path copy = Files.createDirectories(directory.resolve("copy"));
    Shell.run(directory, List.of("cp", "-r", home.toString(), copy.toString())).well();
    try (RelayProcess daemon =
        RelayProcess.start(
            Files.createTempDirectory(directory, "run"),
            Map.of("POP_CACHE", cache.toString(), "POP_JAVA_OPTS", "-Xlog:class+load:file=load"),
            List.of(copy.resolve(home.getFileName()) + "/bin/pop", "run"))) {
      daemon.awaitAccepted();
      assertThat(loaded(daemon)).doesNotContain(FROM_ARCHIVE);
      daemon.stopWell();
    }
  }

  private void startsWithoutIt(Path folder) throws Exception {
    try (RelayProcess daemon = daemon(folder)) {
      daemon.awaitAccepted();
      assertThat(loaded(daemon)).doesNotContain(FROM_ARCHIVE);
      daemon.stopWell();
    }
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws Exception {
    Shell.Done done =
        Shell.run(
            directory, Map.of("POP_CACHE", "/dev/null/pop"), List.of(home + "/bin/pop", "cds"));
    assertThat(done.code()).isEqualTo(70);
    assertThat(done.err()).contains("/dev/null/pop cannot be written").contains("POP_CACHE");
  }

  @Test
  void itSavesTimeAtTheStartAndCostsNoMemory() throws Exception {
    assumeThat(Path.of("/proc/self/status")).exists();
    List<Long> with = new ArrayList<>();
    List<Long> without = new ArrayList<>();
    List<Long> memoryWith = new ArrayList<>();
    List<Long> memoryWithout = new ArrayList<>();
    int starts = 0;
    while (starts < STARTS
        || (starts < MOST_STARTS && costsMemory(least(memoryWith), least(memoryWithout)))) {
      measure(cache, with, memoryWith);
      measure(Path.of("/dev/null"), without, memoryWithout);
      starts++;
    }
    System.out.printf(
        "ClassArchiveIT: from the start of the process to the first accepted event %d ms with a"
            + " class archive, %d ms without, ratio %.2f; resident at most %.1f MiB with, %.1f MiB"
            + " without (medians of %d, in turn)%n",
        median(with),
        median(without),
        (double) median(with) / median(without),
        median(memoryWith) / 1024.0,
        median(memoryWithout) / 1024.0,
        starts);
    assertThat(costsMemory(least(memoryWith), least(memoryWithout)))
        .as("KiB with it %s, without %s", memoryWith, memoryWithout)
        .isFalse();
    // Times say nothing on a busy machine.
    if (Boolean.getBoolean("pop.torture")) {
      assertThat(median(with)).isLessThan(median(without));
    }
  }

  private static boolean costsMemory(long with, long without) {
    return with >= without * SPREAD;
  }

  private static long least(List<Long> values) {
    return Collections.min(values);
  }

  private void measure(Path folder, List<Long> millis, List<Long> kib) throws Exception {
    try (RelayProcess daemon =
        RelayProcess.start(
            Files.createTempDirectory(directory, "run"),
            Map.of("POP_CACHE", folder.toString()),
            List.of(home + "/bin/pop", "run"))) {
      millis.add(daemon.awaitAccepted().toMillis());
      kib.add(daemon.residentKib());
      daemon.stopWell();
    }
  }

  private static long median(List<Long> values) {
    Collections.sort(values);
    return values.get(values.size() / 2);
  }
}
