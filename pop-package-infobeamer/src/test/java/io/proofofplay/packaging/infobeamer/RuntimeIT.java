package io.proofofplay.packaging.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FileStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The runtime that {@code bin/runtime} makes. */
@Timeout(600)
final class RuntimeIT {

  private static final Path JDK = Path.of(System.getProperty("java.home"));

  @TempDir private Path directory;

  @Test
  void theDaemonRunsOnTheTrimmedRuntimeBesideIt() throws Exception {
    assumeThat(Boolean.getBoolean("pop.torture"))
        .as("linking takes half a minute of a processor; mvn -Ptorture does it")
        .isTrue();
    assumeThat(JDK.resolve("jmods/java.base.jmod")).as("a JDK with jmods").exists();
    Path folder = Service.unpacked(directory.resolve("node"));
    Path archive = folder.resolve("runtime.tar.gz");
    String said =
        output(
            Path.of("bin/runtime").toAbsolutePath().toString(),
            "--jdk",
            JDK.toString(),
            "--lib",
            folder.resolve("lib").toString(),
            "--out",
            archive.toString());
    assertThat(archive).as(said).exists();
    Path scratch = directory.resolve("scratch");
    try (FileStorage storage = FileStorage.open(scratch.resolve("pop"), TimeSource.system());
        Spool spool =
            storage.openSpool("backend", SpoolPolicy.defaults(), BatchPolicy.defaults(), false)) {
      spool.append(List.of(PopEvent.of("{\"uuid\":\"one\"}")));
      spool.sync();
    }
    try (Backend backend = new Backend()) {
      Files.writeString(
          folder.resolve("config.json"),
          "{\"url\":\"" + backend.url("/pop") + "\",\"authorization\":\"\",\"min_interval\":0}");
      try (Service service =
          Service.start(folder, scratch, java.util.Map.of("POP_JVM_DIRECTORY", "/nowhere"))) {
        backend.awaitEvents(1, service);
        assertThat(Path.of("/proc/" + service.pid() + "/exe").toRealPath())
            .isEqualTo(folder.resolve(".runtime/jre/bin/java").toRealPath());
        assertThat(service.stop()).as(service.log()).isZero();
      }
    }
    Path jre = folder.resolve(".runtime/jre");
    assertThat(Files.size(jre.resolve("lib/security/cacerts"))).isGreaterThan(1000);
    assertThat(Files.size(jre.resolve("lib/server/classes.jsa"))).isGreaterThan(1_000_000);
    assertThat(output(jre.resolve("bin/java").toString(), "-Xshare:on", "-version"))
        .as("Java itself takes the classes that the service has it keep")
        .contains("sharing");
    assertThat(output(jre.resolve("bin/java").toString(), "--list-modules"))
        .contains("java.base@", "jdk.crypto.ec@", "jdk.net@", "jdk.unsupported@")
        .doesNotContain("java.desktop@");
    System.out.println("RuntimeIT: " + said.lines().reduce((one, last) -> last).orElseThrow());
  }

  private static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
