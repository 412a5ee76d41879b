package io.proofofplay.runner.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the real script in made-up clones, with a Maven and a Java that only say what they got. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

  private static final Path SCRIPT = Path.of("..", "pop");
  private static final int INTERNAL = 70;

  /** What the script may use of a machine, beside Java and Maven. */
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "cat",
          "cksum",
          "dirname",
          "find",
          "head",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sleep",
          "touch");

  private static final String JAVA =
      """
      #!/bin/sh
      printf '<%s>\\n' "$@"
      echo "arenas=$MALLOC_ARENA_MAX"
      exit ${EXIT_CODE:-0}
      """;

  private static final String MAVEN =
      """
      #!/bin/sh
      echo "begin $*" >>"$BUILDS"
      echo "[INFO] downloading half of the world"
      mkdir -p pop-runner/target/dist/lib
      : >pop-runner/target/dist/lib/pop-runner-1.jar
      [ -z "$SLOW" ] || sleep 1
      echo "end" >>"$BUILDS"
      """;

  /** What a run of the script left. */
  private record Run(int exit, String out, String err) {}

  @TempDir Path temporary;

  private Path machine;
  private Path clone;
  private Path builds;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void aFreshCloneOnAFreshMachine() throws IOException {
    machine = Files.createDirectories(temporary.resolve("machine"));
    for (String tool : TOOLS) {
      Files.createSymbolicLink(machine.resolve(tool), onPath(tool));
    }
    program(machine.resolve("java"), JAVA);
    program(machine.resolve("javac"), JAVA);
    program(machine.resolve("mvn"), MAVEN);
    clone = Files.createDirectories(temporary.resolve("a clone"));
    builds = temporary.resolve("builds");
    Files.copy(SCRIPT, clone.resolve("pop"));
    Files.writeString(clone.resolve("pom.xml"), "");
    Files.createDirectories(clone.resolve("pop-runner/src/main/java"));
    Files.writeString(clone.resolve("pop-runner/pom.xml"), "");
    Files.writeString(clone.resolve("pop-runner/src/main/java/A.java"), "");
    environment.put("PATH", machine.toString());
    environment.put("BUILDS", builds.toString());
  }

  private static Path onPath(String tool) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  private static void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Process start(Path directory, Path script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(machine.resolve("sh").toString()));
    command.add(script.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Run end(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), out, err);
  }

  private Run run(String... arguments) throws IOException, InterruptedException {
    return end(start(temporary, clone.resolve("pop"), arguments));
  }

  private long buildsMade() throws IOException {
    return Files.exists(builds)
        ? Files.readAllLines(builds).stream().filter(line -> line.startsWith("begin")).count()
        : 0;
  }

  /** Makes everything look as if it had happened some time ago. */
  private void age(Duration by) throws IOException {
    FileTime then = FileTime.from(Instant.now().minus(by));
    try (Stream<Path> files = Files.walk(clone)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, then);
      }
    }
  }

  @Test
  void theScriptIsWellFormed() throws Exception {
    Process check = new ProcessBuilder("sh", "-n", SCRIPT.toString()).start();
    assertThat(end(check)).isEqualTo(new Run(0, "", ""));
    assertThat(Files.isExecutable(SCRIPT)).isTrue();
  }

  @Test
  void theFirstRunBuildsWithOneQuietLineAndTheSecondOneDoesNot() throws Exception {
    Run first = run("demo");
    assertThat(first.err()).isEqualTo("pop: building (first run only) ...\n");
    assertThat(first.exit()).isZero();
    assertThat(first.out()).contains("/target/dist/lib/pop-runner-1.jar>\n<demo>\n");
    assertThat(Files.readString(builds)).contains("-pl pop-runner -am package");

    Run second = run("demo");
    assertThat(second).isEqualTo(new Run(0, first.out(), ""));
    assertThat(buildsMade()).isEqualTo(1);
  }

  @Test
  void aChangedSourceIsBuilt() throws Exception {
    run();
    age(Duration.ofHours(1));
    assertThat(run().err()).isEmpty();
    Files.writeString(clone.resolve("pop-runner/src/main/java/A.java"), "class A {}");
    assertThat(run().err()).isEqualTo("pop: building (the sources have changed) ...\n");
    assertThat(run().err()).isEmpty();
    assertThat(buildsMade()).isEqualTo(2);
  }

  @Test
  void aRemovedSourceAndAChangedPomAreBuilt() throws Exception {
    run();
    age(Duration.ofHours(1));
    Files.delete(clone.resolve("pop-runner/src/main/java/A.java"));
    run();
    age(Duration.ofHours(1));
    Files.writeString(clone.resolve("pom.xml"), "<project/>");
    run();
    assertThat(buildsMade()).isEqualTo(3);
  }

  @Test
  void aJarThatMavenFindsUpToDateIsNotBuiltAgainAndAgain() throws Exception {
    run();
    program(machine.resolve("mvn"), "#!/bin/sh\necho begin >>\"$BUILDS\"\n");
    age(Duration.ofHours(1));
    Files.writeString(clone.resolve("pom.xml"), "<!-- another comment -->");
    run();
    assertThat(run().err()).isEmpty();
    assertThat(buildsMade()).isEqualTo(2);
  }

  @Test
  void aFailedBuildShowsItsOutputAndIsTriedAgain() throws Exception {
    program(machine.resolve("mvn"), "#!/bin/sh\necho '[ERROR] no such thing'\nexit 1\n");
    Run run = run("demo");
    assertThat(run.exit()).isEqualTo(INTERNAL);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("[ERROR] no such thing\n")
        .endsWith("pop: the build failed; its output is above\n");
    program(machine.resolve("mvn"), MAVEN);
    assertThat(run("demo").exit()).isZero();
  }

  @Test
  void withoutMavenItSaysWhatToInstall() throws Exception {
    Files.delete(machine.resolve("mvn"));
    Run run = run();
    assertThat(run.exit()).isEqualTo(INTERNAL);
    assertThat(run.err()).contains("install Maven 3.8 or newer");
  }

  @Test
  void withoutMavenWhatIsBuiltStillRuns() throws Exception {
    run();
    Files.delete(machine.resolve("mvn"));
    Files.delete(machine.resolve("javac"));
    assertThat(run().exit()).isZero();
  }

  @Test
  void withoutACompilerItSaysWhatToInstall() throws Exception {
    Files.delete(machine.resolve("javac"));
    Run run = run();
    assertThat(run.exit()).isEqualTo(INTERNAL);
    assertThat(run.err()).contains("needs a JDK 17 or newer, a JRE is not enough");
  }

  @Test
  void withoutJavaItSaysWhatToInstall() throws Exception {
    Files.delete(machine.resolve("java"));
    Run run = run();
    assertThat(run.exit()).isEqualTo(INTERNAL);
    assertThat(run.err()).contains("java is not in PATH; install a JDK 17 or newer");
  }

  @Test
  void javaHomeChoosesTheRuntime() throws Exception {
    Path home = temporary.resolve("java home");
    program(home.resolve("bin/java"), "#!/bin/sh\necho chosen\n");
    program(home.resolve("bin/javac"), JAVA);
    Files.writeString(home.resolve("release"), "X=\"1\"\nJAVA_VERSION=\"25.0.1\"\n");
    environment.put("JAVA_HOME", home.toString());
    assertThat(run().out()).isEqualTo("chosen\n");
  }

  @Test
  void aJavaHomeWithoutJavaIsNamed() throws Exception {
    environment.put("JAVA_HOME", "/no/java/here");
    Run run = run();
    assertThat(run.exit()).isEqualTo(INTERNAL);
    assertThat(run.err()).contains("JAVA_HOME is /no/java/here");
  }

  @Test
  void anOldJavaIsRefusedByItsNumber() throws Exception {
    Path home = temporary.resolve("old");
    program(home.resolve("bin/java"), JAVA);
    for (String version : List.of("1.8.0_402", "11.0.2", "16")) {
      Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
      environment.put("JAVA_HOME", home.toString());
      Run run = run();
      assertThat(run.exit()).isEqualTo(INTERNAL);
      assertThat(run.err()).contains("install Java 17 or newer");
    }
  }

  @Test
  void argumentsArriveAsTheyWereGiven() throws Exception {
    run();
    assertThat(run("a b", "*", "", "$x").out()).contains(".jar>\n<a b>\n<*>\n<>\n<$x>\n");
  }

  @Test
  void flagsComeFromTheShippedFileThenFromTheEnvironment() throws Exception {
    run();
    Path options = clone.resolve("pop-runner/target/dist/jvm.options");
    Files.writeString(options, "-Xmx64m\n");
    environment.put("POP_JAVA_OPTS", "-Xmx1g  -Dx=*");
    assertThat(run().out())
        .startsWith("<@" + options.toRealPath() + ">\n<-Dpop.home=" + clone.toRealPath() + ">\n")
        .contains("<-Dpop.terminal=none>\n<-Xmx1g>\n<-Dx=*>\n<-jar>\n<")
        .contains("/pop-runner/target/dist/lib/pop-runner-1.jar>\n");
  }

  @Test
  void onlyWhatTriesTheRelayOutOrLooksInsideMayGrow() throws Exception {
    for (String command :
        List.of("demo", "receive", "simulate", "audit", "gaps", "dead", "spool", "where")) {
      assertThat(run(command).out()).contains("<-Xmx512m>\n<-jar>");
    }
    for (String command : List.of("run", "check", "version", "")) {
      assertThat(run(command).out()).contains("<-Dpop.terminal=none>\n<-jar>");
    }
  }

  @Test
  void residentMemoryIsKeptSmallUnlessTheOperatorKnowsBetter() throws Exception {
    assertThat(run().out()).endsWith("arenas=2\n");
    environment.put("MALLOC_ARENA_MAX", "8");
    assertThat(run().out()).endsWith("arenas=8\n");
  }

  @Test
  void theExitCodeIsTheProgramsOwn() throws Exception {
    environment.put("EXIT_CODE", "78");
    assertThat(run().exit()).isEqualTo(78);
  }

  @Test
  void itWorksThroughLinksFromAnywhere() throws Exception {
    Path bin = Files.createDirectories(temporary.resolve("other place/bin"));
    Files.createSymbolicLink(bin.resolve("absolute"), clone.resolve("pop"));
    Files.createSymbolicLink(bin.resolve("pop"), Path.of("absolute"));
    Run run = end(start(bin, Path.of("pop"), "x"));
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("<-Dpop.home=" + clone.toRealPath() + ">");
  }

  /** A file with these bytes, named as {@code pop cds} names it for the made-up runtime. */
  private Path classArchive(Path folder, String text) throws Exception {
    Path file = Files.createDirectories(folder).resolve("new");
    Files.writeString(file, text);
    Process sum = new ProcessBuilder("cksum").redirectInput(file.toFile()).start();
    String name = "pop-1-java-17.0.1+2-" + end(sum).out().strip().replace(' ', '-') + ".jsa";
    return Files.move(file, folder.resolve(name));
  }

  private void aRuntimeThatSaysWhatItIs() throws IOException {
    Path home = temporary.resolve("jdk");
    program(home.resolve("bin/java"), JAVA);
    program(home.resolve("bin/javac"), JAVA);
    Files.writeString(
        home.resolve("release"), "JAVA_RUNTIME_VERSION=\"17.0.1+2\"\nJAVA_VERSION=\"17.0.1\"\n");
    environment.put("JAVA_HOME", home.toString());
  }

  @Test
  void theDaemonAloneGetsTheClassArchiveOfItsVersions() throws Exception {
    aRuntimeThatSaysWhatItIs();
    Path cache = temporary.resolve("a cache");
    environment.put("POP_CACHE", cache.toString());
    assertThat(run("run").out()).doesNotContain("SharedArchiveFile");

    Path archive = classArchive(cache, "classes");
    assertThat(run("run").out())
        .contains("<-XX:SharedArchiveFile=" + archive + ">\n<-Xlog:cds=off>\n");
    assertThat(run("check").out()).doesNotContain("SharedArchiveFile");

    Files.move(archive, archive.resolveSibling(name(archive).replace("17.0.1+2", "17.0.2+8")));
    assertThat(run("run").out()).doesNotContain("SharedArchiveFile");
  }

  @Test
  void makingTheClassArchiveTakesNoArguments() throws Exception {
    Run run = run("cds", "--help");
    assertThat(run.exit()).isEqualTo(64);
    assertThat(run.err()).endsWith("pop: cds takes no arguments; write pop cds alone\n");
    assertThat(run.out()).isEmpty();
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  @Test
  void aClassArchiveThatIsNotWholeIsPassedOverWithoutAWord() throws Exception {
    aRuntimeThatSaysWhatItIs();
    environment.put("POP_CACHE", temporary.resolve("cache").toString());
    Path archive = classArchive(temporary.resolve("cache"), "all classes");
    for (String damage : List.of("all class", "all clasces", "")) {
      Files.writeString(archive, damage);
      Run run = run("run");
      assertThat(run.out()).doesNotContain("SharedArchiveFile").contains("<run>");
      assertThat(run.err()).doesNotContain("cksum", "jsa");
      assertThat(run.exit()).isZero();
    }
  }

  @Test
  void theClassArchiveIsWhereTheEnvironmentSays() throws Exception {
    aRuntimeThatSaysWhatItIs();
    environment.put("XDG_CACHE_HOME", temporary.resolve("xdg").toString());
    Path archive = classArchive(temporary.resolve("xdg/pop"), "classes");
    assertThat(run("run").out()).contains("<-XX:SharedArchiveFile=" + archive + ">");
    environment.put("POP_CACHE", "/dev/null");
    assertThat(run("run").out()).doesNotContain("SharedArchiveFile");
  }

  @Test
  void aColonInTheFolderOfTheClassArchiveIsNotMistakenForTwoFiles() throws Exception {
    aRuntimeThatSaysWhatItIs();
    Path cache = temporary.resolve("a:b");
    environment.put("POP_CACHE", cache.toString());
    classArchive(cache, "classes");
    assertThat(run("run").out()).doesNotContain("SharedArchiveFile").contains("<run>");
  }

  @Test
  void firstRunsAtTheSameTimeBuildOnce() throws Exception {
    environment.put("SLOW", "yes");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      processes.add(start(temporary, clone.resolve("pop")));
    }
    for (Process process : processes) {
      assertThat(end(process).exit()).isZero();
    }
    assertThat(Files.readAllLines(builds)).hasSize(2).last().isEqualTo("end");
    assertThat(clone.resolve("pop-runner/target/build.lock")).doesNotExist();
  }

  @Test
  void whatAKilledBuildLeftHoldsNobodyUp() throws Exception {
    Process dead = start(temporary, clone.resolve("no such script"));
    dead.waitFor();
    Path lock = Files.createDirectories(clone.resolve("pop-runner/target/build.lock"));
    Files.writeString(lock.resolve("pid"), dead.pid() + "\n");
    assertThat(run().exit()).isZero();
    assertThat(buildsMade()).isEqualTo(1);
    assertThat(lock).doesNotExist();
  }

  @Test
  void whoeverLooksMeansTheInstalledRelayAndWhoeverRunsOneSaysWhich() throws Exception {
    Path home = temporary.resolve("usr/share/pop");
    Files.createDirectories(home.resolve("bin"));
    Files.copy(SCRIPT, home.resolve("bin/pop"));
    Files.createDirectories(home.resolve("lib"));
    Files.writeString(home.resolve("lib/pop-runner-1.2.jar"), "");
    String installed = "<-Dpop.config=/etc/pop/pop.yaml>";

    for (String command : List.of("audit", "check", "dead", "gaps", "spool", "where")) {
      assertThat(end(start(temporary, home.resolve("bin/pop"), command)).out()).contains(installed);
      assertThat(run(command).out()).as("in a clone").doesNotContain("pop.config");
    }
    for (String command : List.of("run", "demo", "")) {
      assertThat(end(start(temporary, home.resolve("bin/pop"), command)).out())
          .doesNotContain("pop.config");
    }
  }

  @Test
  void anInstalledDistributionStartsWithoutABuild() throws Exception {
    Path home = temporary.resolve("opt/pop relay");
    Files.createDirectories(home.resolve("bin"));
    Files.copy(SCRIPT, home.resolve("bin/pop"));
    Run incomplete = end(start(temporary, home.resolve("bin/pop")));
    assertThat(incomplete.exit()).isEqualTo(INTERNAL);
    assertThat(incomplete.err()).contains("the installation is not complete");

    Files.createDirectories(home.resolve("lib"));
    Files.writeString(home.resolve("lib/pop-runner-1.2.jar"), "");
    Files.delete(machine.resolve("mvn"));
    Run run = end(start(temporary, home.resolve("bin/pop"), "run"));
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("<-Dpop.home=" + home.toRealPath() + ">")
        .contains("<-jar>\n<" + home.toRealPath() + "/lib/pop-runner-1.2.jar>\n");
    assertThat(buildsMade()).isZero();
  }
}
