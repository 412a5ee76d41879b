package io.proofofplay.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.proofofplay.runner.cli.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The relay as a process whose supervisor wants to be told that it lives. */
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
final class WatchdogProcessTest {

  /** Takes in datagrams as systemd does, and says by closing what came with one that it has. */
  private static final String SOCKET =
      """
      import os, socket, sys
      heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      heard.bind(sys.argv[1])
      while True:
          words, files, _, _ = socket.recv_fds(heard, 4096, 16)
          print(words.decode().strip(), flush=True)
          for file in files:
              os.close(file)
      """;

  @TempDir private Path directory;
  private Path programs;

  @BeforeEach
  void aConfiguration() throws IOException {
    programs = Files.createDirectories(directory.resolve("programs"));
    Files.writeString(
        directory.resolve("pop.yaml"),
        """
        sources:
          lobby: {type: infobeamer, port: 1}
        sinks:
          billing: {type: http, url: 'http://127.0.0.1:1/'}
        """);
  }

  private PopProcess pop(String path, Path socket) throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", path);
    environment.put("NOTIFY_SOCKET", socket.toString());
    environment.put("WATCHDOG_USEC", "400000");
    environment.put("POP_AUTHORIZATION", "hunter2");
    return PopProcess.start(
        directory,
        environment,
        List.of("-cp", System.getProperty("java.class.path"), "io.proofofplay.runner.Main"),
        "run");
  }

  private static List<String> lines(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void itTellsAgainAndAgainByTheProgramThatIsMadeForItAndHandsItNoSecret() throws Exception {
    Path told = directory.resolve("told");
    Path program =
        Files.writeString(
            programs.resolve("systemd-notify"),
            "#!/bin/sh\necho \"$*|$NOTIFY_SOCKET|${POP_AUTHORIZATION-none}\" >>" + told + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path socket = Path.of("/run/of/systemd");
    try (PopProcess pop = pop(programs + ":" + System.getenv("PATH"), socket)) {
      pop.until(() -> lines(told).size() >= 3);
      pop.signal("TERM");
      assertThat(pop.exit()).isEqualTo(ExitCode.DONE);
      assertThat(lines(told)).containsOnly("WATCHDOG=1|" + socket + "|none");
      assertThat(pop.err()).doesNotContain("systemd");
    }
  }

  @Test
  void withoutThatProgramItRunsAllTheSameAndSaysWhatWillCome() throws Exception {
    try (PopProcess pop = pop(programs.toString(), Path.of("/run/of/systemd"))) {
      pop.says("systemd wants to be told that the relay lives")
          .says("systemd-notify")
          .says("relay: runs");
      pop.signal("TERM");
      assertThat(pop.exit()).isEqualTo(ExitCode.DONE);
      assertThat(pop.err()).doesNotContain("died");
    }
  }

  @Test
  void whatItTellsArrivesAtASocketLikeThatOfSystemd() throws Exception {
    for (String program : List.of("python3", "systemd-notify")) {
      assumeThat(Stream.of(System.getenv("PATH").split(":", -1)))
          .as(program + " is not here")
          .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
    Path heard = directory.resolve("heard");
    Path socket = directory.resolve("notify");
    Process listener =
        new ProcessBuilder("python3", "-c", SOCKET, socket.toString())
            .redirectOutput(heard.toFile())
            .redirectError(directory.resolve("python").toFile())
            .start();
    try (PopProcess pop = pop(System.getenv("PATH"), socket)) {
      pop.until(() -> lines(heard).stream().filter("WATCHDOG=1"::equals).count() >= 2);
      assertThat(lines(heard)).doesNotContain("MAINPID");
    } finally {
      listener.destroyForcibly();
      boolean unused = listener.waitFor(10, TimeUnit.SECONDS);
    }
  }
}
