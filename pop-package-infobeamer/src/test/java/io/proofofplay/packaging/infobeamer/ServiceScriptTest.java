package io.proofofplay.packaging.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which Java the launcher takes, and what it starts, with runtimes that only say who they are. */
@Timeout(60)
final class ServiceScriptTest {

  @TempDir private Path directory;
  private Path node;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void install() throws IOException {
    node = Files.createDirectories(directory.resolve("node"));
    Files.copy(Path.of("src/main/package/service"), node.resolve("service"));
    assertThat(node.resolve("service").toFile().setExecutable(true)).isTrue();
    Files.createDirectories(directory.resolve("empty"));
    environment.put("POP_JVM_DIRECTORY", directory.resolve("empty").toString());
    environment.put("POP_PAUSE", "0");
  }

  @Test
  void itBecomesTheDaemonWithTheShippedFlags() throws Exception {
    environment.put("JAVA_HOME", runtime("chosen").toString());
    environment.put("POP_JAVA_OPTS", "-Done=1 -Dtwo=*");

    Service service = started();
    assertThat(service.log().lines())
        .containsExactly(
            "chosen " + service.pid(),
            "@jvm.options",
            "-Dpop.home=" + node.toRealPath(),
            "-Dpop.terminal=none",
            "-Dpop.pause=0",
            "-Done=1",
            "-Dtwo=*",
            "-cp",
            "lib/*",
            "io.proofofplay.runner.Main",
            "run",
            "in " + node.toRealPath());
  }

  @Test
  void theRuntimeThatIsNamedGoesFirstThenTheOneBesideItThenTheOverlayThenThePath()
      throws Exception {
    runtime("path");
    environment.put("PATH", directory.resolve("path/bin") + ":/usr/bin:/bin");
    assertThat(runs()).isEqualTo("path");

    runtime("jvms/overlay");
    environment.put("POP_JVM_DIRECTORY", directory.resolve("jvms").toString());
    assertThat(runs()).isEqualTo("jvms/overlay");

    bundle("beside", "runtime.tar");
    assertThat(runs()).isEqualTo("beside");

    environment.put("JAVA_HOME", runtime("named").toString());
    assertThat(runs()).isEqualTo("named");

    environment.put("JAVA_HOME", directory.resolve("nowhere").toString());
    assertThat(runs()).isEqualTo("beside");
  }

  @Test
  void aRuntimeBesideItIsUnpackedOnceAndAnewWhenItIsAnother() throws Exception {
    bundle("first", "runtime.tar.gz");
    assertThat(started().log()).contains("unpacking runtime.tar.gz").contains("first ");
    assertThat(started().log()).doesNotContain("unpacking").contains("first ");

    bundle("second", "runtime.tar.gz");
    assertThat(started().log()).contains("unpacking").contains("second ");

    // An older time than that of the one before, on a device whose clock was wrong.
    bundle("third", "runtime.tar.gz");
    Files.setLastModifiedTime(
        node.resolve("runtime.tar.gz"), FileTime.from(Instant.ofEpochSecond(1000)));
    assertThat(started().log()).contains("unpacking").contains("third ");
    assertThat(started().log()).doesNotContain("unpacking").contains("third ");
  }

  /** What the runtime keeps of its classes, one line for each time that it was told to. */
  private Path shared() {
    return node.resolve(".runtime/jre/lib/server/classes.jsa");
  }

  @Test
  void aRuntimeThatIsUnpackedKeepsItsClassesOnce() throws Exception {
    dumping("first", "echo made >>\"$jsa\"");
    assertThat(started().log()).contains("first ").doesNotContain("-Xshare:dump");
    assertThat(shared()).hasContent("made");
    assertThat(runs()).isEqualTo("first");
    assertThat(shared()).as("not at each start").hasContent("made");

    dumping("second", "echo made anew >>\"$jsa\"");
    assertThat(runs()).isEqualTo("second");
    assertThat(shared()).hasContent("made anew");
  }

  /** A JVM would believe half an archive; and its disk may be full for ever. */
  @Test
  void classesThatCannotBeKeptCostNothingAndAreTriedOnce() throws Exception {
    dumping("beside", "echo half >\"$jsa\"; echo tried >>" + directory + "/tries; exit 1");
    assertThat(started().log()).contains("beside ").doesNotContain("cannot be unpacked");
    assertThat(runs()).isEqualTo("beside");
    assertThat(shared()).doesNotExist();
    assertThat(directory.resolve("tries")).hasContent("tried");
  }

  @Test
  void classesThatTheRuntimeHasBroughtAlongStay() throws Exception {
    Path brought = directory.resolve("bundle-beside/jre/lib/server/classes.jsa");
    Files.createDirectories(brought.getParent());
    Files.writeString(brought, "brought along");
    dumping("beside", "echo made >\"$jsa\"");
    assertThat(runs()).isEqualTo("beside");
    assertThat(shared()).hasContent("brought along");
  }

  @Test
  void whatAKillHasLeftOfTheUnpackingIsNotUsed() throws Exception {
    bundle("whole", "runtime.tar.gz");
    java(Files.createDirectories(node.resolve(".runtime.new/bin")), "half");
    java(Files.createDirectories(node.resolve(".runtime/bin")), "not finished");

    assertThat(started().log()).contains("unpacking").contains("whole ");
    assertThat(node.resolve(".runtime.new")).doesNotExist();
  }

  @Test
  void anArchiveThatIsBrokenIsToldAndTheNextRuntimeIsTaken() throws Exception {
    bundle("whole", "runtime.tar.gz");
    byte[] whole = Files.readAllBytes(node.resolve("runtime.tar.gz"));
    Files.write(node.resolve("runtime.tar.gz"), java.util.Arrays.copyOf(whole, whole.length / 2));
    runtime("jvms/overlay");
    environment.put("POP_JVM_DIRECTORY", directory.resolve("jvms").toString());

    assertThat(started().log()).contains("cannot be unpacked").contains("jvms/overlay ");
    assertThat(node.resolve(".runtime")).doesNotExist();
  }

  /** As on a disk that is full. */
  @Test
  void aRuntimeForWhichThereIsNoRoomIsToldAndTheNextOneIsTaken() throws Exception {
    bundle("beside", "runtime.tar.gz");
    runtime("jvms/overlay");
    environment.put("POP_JVM_DIRECTORY", directory.resolve("jvms").toString());
    Path tools = Files.createDirectories(directory.resolve("tools"));
    Files.writeString(tools.resolve("mkdir"), "#!/bin/sh\nexit 1\n");
    assertThat(tools.resolve("mkdir").toFile().setExecutable(true)).isTrue();
    environment.put("PATH", tools + ":/usr/bin:/bin");

    assertThat(started().log()).contains("cannot be unpacked").contains("jvms/overlay ");
  }

  @Test
  void aRuntimeThatCannotBeStartedIsNotTriedAgainAndAgain() throws Exception {
    Path java = runtime("strange").resolve("bin/java");
    Files.writeString(java, "#!/no/such/interpreter\n");
    environment.put("JAVA_HOME", directory.resolve("strange").toString());
    Path tools = Files.createDirectories(directory.resolve("tools"));
    Files.writeString(tools.resolve("sleep"), "#!/bin/sh\necho \"sleeps $1\"\n");
    assertThat(tools.resolve("sleep").toFile().setExecutable(true)).isTrue();
    environment.put("PATH", tools + ":/usr/bin:/bin");
    environment.put("POP_PAUSE", "17");

    Service service = Service.start(node, directory, environment);
    assertThat(service.awaitEnd()).isEqualTo(127);
    assertThat(service.log()).contains("sleeps 17");
  }

  @Test
  void withArgumentsItLooksInsideAndWaitsForNothing() throws Exception {
    runtime("jvms/overlay");
    environment.put("POP_JVM_DIRECTORY", directory.resolve("jvms").toString());
    environment.put("POP_PAUSE", "600");
    bundle("beside", "runtime.tar.gz");
    Files.writeString(node.resolve("config.json"), "{\"url\": \"\"}");

    Service service = Service.start(node, directory, environment, "where", "one two", "--json");
    assertThat(service.awaitEnd()).as(service.log()).isZero();
    assertThat(service.log().lines())
        .as("the service may be unpacking at this moment")
        .startsWith("jvms/overlay " + service.pid())
        .containsSubsequence("io.proofofplay.runner.Main", "where", "one two", "--json")
        .noneMatch(line -> line.contains("pop.pause") || line.equals("run"));
  }

  @Test
  void withoutAnyRuntimeItSaysWhatIsMissing() throws Exception {
    // Of the commands that it needs only those, and no java.
    Path tools = Files.createDirectories(directory.resolve("tools"));
    for (String tool : new String[] {"sh", "dirname", "sleep"}) {
      Files.createSymbolicLink(tools.resolve(tool), Path.of("/bin", tool));
    }
    environment.put("PATH", tools.toString());

    Service service = Service.start(node, directory, environment);
    assertThat(service.awaitEnd()).isEqualTo(70);
    assertThat(service.log()).contains("there is no Java runtime").contains("runtime.tar.gz");
  }

  @Test
  void withoutABackendItDoesNotStartJavaAgainAndAgainButAtOnceWhenThereIsOne() throws Exception {
    environment.put("JAVA_HOME", runtime("chosen").toString());
    environment.put("POP_PAUSE", "600");
    Path options = node.resolve("config.json");
    Files.writeString(options, "{\"url\" : \"\", \"min_interval\": 10}");

    Service service = Service.start(node, directory, environment);
    service.awaitLog("waiting for the option Backend");
    assertThat(service.log()).doesNotContain("chosen");
    Service.renameIn(options, "{\"url\": \"https://example.org/pop\"}");
    assertThat(service.awaitEnd()).as(service.log()).isZero();
    assertThat(service.log()).contains("chosen ");

    // The daemon has the last word, in case it is another option that is empty.
    Files.writeString(options, "{\"other\":{\"url\":\"\"},\"url\":\"https://example.org/pop\"}");
    environment.put("POP_PAUSE", "0");
    assertThat(runs()).isEqualTo("chosen");
  }

  private Service started() throws IOException {
    Service service = Service.start(node, directory, environment);
    assertThat(service.awaitEnd()).as(service.log()).isZero();
    return service;
  }

  /** The name of the runtime that was taken. */
  private String runs() throws IOException {
    return started()
        .log()
        .lines()
        .filter(line -> !line.startsWith("pop: "))
        .findFirst()
        .orElseThrow()
        .replaceFirst(" \\d+$", "");
  }

  private Path runtime(String name) throws IOException {
    java(Files.createDirectories(directory.resolve(name + "/bin")), name);
    return directory.resolve(name);
  }

  private static void java(Path bin, String name) throws IOException {
    java(bin, name, "exit 1");
  }

  /** A runtime that says who it is, and does something else when it is to keep its classes. */
  private static void java(Path bin, String name, String dump) throws IOException {
    Path java = bin.resolve("java");
    Files.writeString(
        java,
        String.join(
            "\n",
            "#!/bin/sh",
            "if [ \"$1\" = -Xshare:dump ]; then",
            "  jsa=$(dirname \"$0\")/../lib/server/classes.jsa",
            "  mkdir -p \"$(dirname \"$jsa\")\"",
            "  " + dump,
            "  exit",
            "fi",
            "echo \"" + name + " $$\"",
            "printf '%s\\n' \"$@\"",
            "echo \"in $(pwd -P)\"",
            ""));
    assertThat(java.toFile().setExecutable(true)).isTrue();
  }

  private void bundle(String name, String archive) throws Exception {
    java(Files.createDirectories(directory.resolve("bundle-" + name + "/jre/bin")), name);
    pack(name, archive);
  }

  private void dumping(String name, String dump) throws Exception {
    java(Files.createDirectories(directory.resolve("bundle-" + name + "/jre/bin")), name, dump);
    pack(name, "runtime.tar.gz");
  }

  private void pack(String name, String archive) throws Exception {
    Path made = directory.resolve("bundle-" + name);
    Process tar =
        new ProcessBuilder(
                "tar",
                archive.endsWith(".gz") ? "-czf" : "-cf",
                node.resolve(archive).toString(),
                "-C",
                made.toString(),
                "jre")
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    // Another time for each, for two of them may be made within one tick of the clock.
    Files.setLastModifiedTime(
        node.resolve(archive),
        FileTime.from(Instant.ofEpochSecond(1_700_000_000L + name.hashCode() % 100_000)));
  }
}
