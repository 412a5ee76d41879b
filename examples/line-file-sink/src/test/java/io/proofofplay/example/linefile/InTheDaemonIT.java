package io.proofofplay.example.linefile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** This module's jar in the {@code plugins} folder of an installed relay. */
@DisabledOnOs(OS.WINDOWS)
class InTheDaemonIT {

  private static final String EVENTS =
      """
      {"uuid":"a","ts":1.50,"extra":[]}
      { "uuid" : "b" , "name" : "caf\u00e9 \\u00e9" }
      """;

  private static final long GENEROUS_SECONDS = 90;

  private static final int WRONG_CONFIGURATION = 78;

  /** What a machine may say to every program on it, and must not say here. */
  private static final List<String> OF_THIS_MACHINE =
      List.of(
          "SCRATCH",
          "POP_JAVA_OPTS",
          "POP_LOG",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "http_proxy",
          "HTTP_PROXY",
          "https_proxy",
          "HTTPS_PROXY",
          "all_proxy",
          "ALL_PROXY",
          "no_proxy",
          "NO_PROXY");

  @TempDir Path temporary;
  private Path home;

  @BeforeEach
  void anInstalledRelay() throws IOException {
    home = Files.createDirectories(temporary.resolve("pop"));
    Path dist = Path.of(System.getProperty("pop.dist"));
    copy(dist.resolve("jvm.options"), home.resolve("jvm.options"));
    try (Stream<Path> jars = Files.list(dist.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        copy(jar, home.resolve("lib").resolve(jar.getFileName()));
      }
    }
    Path command = home.resolve("bin/pop");
    copy(Path.of("../../pop"), command);
    assertThat(command.toFile().setExecutable(true)).isTrue();
    Files.createDirectories(home.resolve("plugins"));
    Files.writeString(
        temporary.resolve("pop.yaml"),
        """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          archive: {type: line-file, file: plays.ndjson}
        """
            .formatted(1));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
  }

  private static Path jar() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("pop-example-line-file-.*\\.jar"))
          .filter(file -> !file.toString().matches(".*-(sources|javadoc|tests)\\.jar"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void itsTypeIsUsableAndEventsArriveInTheFile() throws Exception {
    copy(jar(), home.resolve("plugins/line-file.jar"));
    Path plays = temporary.resolve("plays.ndjson");
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path config = temporary.resolve("pop.yaml");
      Files.writeString(
          config, Files.readString(config).replace("port: 1", "port: " + listener.getLocalPort()));
      listener.setSoTimeout((int) TimeUnit.SECONDS.toMillis(GENEROUS_SECONDS));
      Process relay = start();
      try (Socket player = listener.accept()) {
        playTo(player);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(GENEROUS_SECONDS);
        while (!Files.exists(plays)
            || Files.size(plays) < EVENTS.getBytes(StandardCharsets.UTF_8).length) {
          assertThat(relay.isAlive() && System.nanoTime() - until < 0).as(said()).isTrue();
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        assertThat(Files.readString(plays)).isEqualTo(EVENTS);
        relay.destroy();
        assertThat(exit(relay)).as(said()).isZero();
        System.out.println("InTheDaemonIT: 2 accepted, 2 in the file, 0 lost, 0 repeated");
      } finally {
        relay.destroyForcibly();
        // Else it may still write into the folder that is about to be removed.
        boolean unused = relay.waitFor(GENEROUS_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void withoutTheJarItsTypeIsUnknown() throws Exception {
    Process relay = start();

    assertThat(exit(relay)).isEqualTo(WRONG_CONFIGURATION);
    assertThat(said()).contains("sinks.archive.type").contains("line-file");
  }

  @Test
  void aSecondJarOfTheSameTypeIsRefusedNamingBothClasses() throws Exception {
    copy(jar(), home.resolve("plugins/line-file.jar"));
    anotherOfTheSameType(home.resolve("plugins/other.jar"));

    Process relay = start();

    assertThat(exit(relay)).isEqualTo(WRONG_CONFIGURATION);
    assertThat(said())
        .contains("line-file")
        .contains(LineFileProvider.class.getName() + " (line-file.jar)")
        .contains(AnotherProvider.class.getName() + " (other.jar)");
  }

  /** A provider of somebody else who had the same idea for a name. */
  private static void anotherOfTheSameType(Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Class<?> part : List.of(AnotherProvider.class, AnotherProvider.Settings.class)) {
        String name = part.getName().replace('.', '/') + ".class";
        out.putNextEntry(new ZipEntry(name));
        try (InputStream bytes = part.getClassLoader().getResourceAsStream(name)) {
          bytes.transferTo(out);
        }
      }
      out.putNextEntry(new ZipEntry("META-INF/services/io.proofofplay.core.spi.SubmitterProvider"));
      out.write(AnotherProvider.class.getName().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void playTo(Socket player) throws IOException {
    OutputStream out = player.getOutputStream();
    out.write("Info Beamer PI 1.0.0-test\n".getBytes(StandardCharsets.UTF_8));
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(player.getInputStream(), StandardCharsets.US_ASCII));
    assertThat(in.readLine()).isEqualTo("*raw/root/::pop");
    out.write(("ok!\n{\"pop\":\"test\"}\n" + EVENTS).getBytes(StandardCharsets.UTF_8));
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", home.resolve("bin/pop").toString(), "run")
            .directory(temporary.toFile())
            .redirectErrorStream(true)
            .redirectOutput(temporary.resolve("said").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().keySet().removeAll(OF_THIS_MACHINE);
    return builder.start();
  }

  private static int exit(Process process) throws InterruptedException {
    assertThat(process.waitFor(GENEROUS_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String said() throws IOException {
    return Files.readString(temporary.resolve("said"));
  }
}
