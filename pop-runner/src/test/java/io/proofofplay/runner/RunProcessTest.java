package io.proofofplay.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.cli.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon as a process. */
@Timeout(120)
final class RunProcessTest {

  /** Nobody listens there: the port is reserved. */
  private static final int NOBODY = 1;

  @TempDir private Path directory;

  private PopProcess pop(String... args) throws Exception {
    return pop(Map.of(), args);
  }

  private PopProcess pop(Map<String, String> environment, String... args) throws Exception {
    return PopProcess.start(
        directory,
        environment,
        List.of("-cp", System.getProperty("java.class.path"), "io.proofofplay.runner.Main"),
        args);
  }

  private void configuration(int player, int backend) throws Exception {
    Files.writeString(
        directory.resolve("pop.yaml"),
        """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          billing: {type: http, url: 'http://127.0.0.1:%d/', batch: {minInterval: 0s}}
        """
            .formatted(player, backend));
  }

  @Test
  void everyProblemIsALineAndTheCodeSaysConfiguration() throws Exception {
    Files.writeString(
        directory.resolve("pop.yaml"),
        """
        sources:
          lobby: {type: infobeamr}
        sinks:
          billing:
            type: http
            url: https://example.org/pop
            batch: {maxBytes: 10 Mb}
            timout: 3s
        """);
    try (PopProcess pop = pop("run")) {
      assertThat(pop.exit()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(pop.err())
          .isEqualTo(
              """
              pop.yaml:2: sources.lobby.type: "infobeamr" is not a type of source; did you mean infobeamer?
              pop.yaml:7: sinks.billing.batch.maxBytes: "10 Mb" is not a size; write 10MiB (1KiB to 16MiB, default 512KiB)
              pop.yaml:8: sinks.billing.timout: is not a setting; did you mean timeout?
              """);
      assertThat(pop.out()).isEmpty();
      assertThat(directory.resolve("spool")).doesNotExist();
    }
  }

  @Test
  void withoutAConfigurationItSaysWhatToWrite() throws Exception {
    try (PopProcess pop = pop("run")) {
      assertThat(pop.exit()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(pop.err()).contains("write a pop.yaml:").contains("type: infobeamer");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "run --confg x,Unknown option",
    "run --config,Missing required parameter",
    "simulate --port 70000,--port: 70000 is not a port",
    "receive --out /no/such/folder/out,--out: /no/such/folder/out is in no directory",
    "gaps --from yesterday,is not a time; write 2026-03-01T12:00:00Z",
    "audit --from 2026-03-29 --to x,is not a time",
    "rum,there is no command rum; did you mean run?",
    "dance,there is no command dance; known: help",
    "'',a command is missing",
    "'',pop help tells what is right",
    "run --config,pop help run tells what is right"
  })
  void aWrongCommandLineIsSaidInOneBreath(String args, String words) throws Exception {
    try (PopProcess pop = pop(args.isEmpty() ? new String[0] : args.split(" "))) {
      assertThat(pop.exit()).isEqualTo(ExitCode.USAGE);
      assertThat(pop.err()).startsWith("pop").contains(words).doesNotContain("\tat ", "java.");
      assertThat(pop.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--version,pop ",
    "-V,pop ",
    "help,receive",
    "help run,--config",
    "help simulate,an option is wrong; the message names it",
    "help receive,an option is wrong; the message names it",
    "run --help,--config"
  })
  void whatIsAskedForGoesToStandardOutput(String args, String words) throws Exception {
    try (PopProcess pop = pop(args.split(" "))) {
      assertThat(pop.exit()).isZero();
      assertThat(pop.out()).contains(words);
      assertThat(pop.err()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void itStopsInGoodOrderWhenItIsTold(String signal) throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess pop = pop("run")) {
      pop.says("relay: runs").signal(signal);
      assertThat(pop.exit()).isZero();
      assertThat(pop.err()).contains("pop: told to end").endsWith("relay: stopped\n");
    }
  }

  @Test
  void aHangupWithTheSameFileChangesNothing() throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess pop = pop("run")) {
      pop.says("relay: runs")
          .signal("HUP")
          .says("pop: told to reload\n")
          .says("INFO  pop: reloaded pop.yaml: nothing has changed\n")
          .signal("TERM");
      assertThat(pop.exit()).isZero();
    }
  }

  @Test
  void aHangupSaysWhatHasChangedByNamesAlone() throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess pop = pop("run")) {
      pop.says("relay: runs");
      Files.writeString(
          directory.resolve("pop.yaml"),
          """
          sources:
            hall: {type: infobeamer, port: 1}
            lobby: {type: infobeamer, port: 2}
          sinks:
            audit: {type: http, url: 'http://127.0.0.1:1/', authorization: h1dden}
          """);
      pop.signal("HUP")
          .says(
              "INFO  pop: reloaded pop.yaml: sources added: hall; sources changed: lobby; sinks"
                  + " added: audit; sinks gone: billing\n")
          .signal("TERM");
      assertThat(pop.exit()).isZero();
      assertThat(pop.err()).doesNotContain("h1dden");
    }
  }

  /** As soon as the program begins; what is read from here keeps it before its command runs. */
  @Test
  void aHangupBeforeThereIsADaemonEndsNothingAndIsDoneLater() throws Exception {
    configuration(NOBODY, NOBODY);
    Path arguments = directory.resolve("arguments");
    assertThat(new ProcessBuilder("mkfifo", arguments.toString()).start().waitFor()).isZero();
    try (PopProcess pop = pop("run", "@" + arguments)) {
      CompletableFuture<OutputStream> opening =
          CompletableFuture.supplyAsync(() -> opened(arguments));
      pop.until(opening::isDone);
      try (OutputStream writing = opening.join()) {
        pop.signal("HUP");
        writing.write("--config pop.yaml".getBytes(StandardCharsets.UTF_8));
      }
      pop.says("pop: told to reload\n")
          .says("INFO  pop: reloaded pop.yaml: nothing has changed\n")
          .signal("TERM");
      assertThat(pop.exit()).isZero();
    }
  }

  private static OutputStream opened(Path pipe) {
    try {
      return Files.newOutputStream(pipe);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whereHangupsAreIgnoredItIsSaidThatAnotherConfigurationNeedsARestart() throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess pop =
        PopProcess.startDeafToHangups(
            directory,
            List.of("-cp", System.getProperty("java.class.path"), "io.proofofplay.runner.Main"),
            "run")) {
      pop.says("WARN  pop: SIGHUP is ignored, as nohup and its like ask for; ")
          .says("relay: runs")
          .signal("TERM");
      assertThat(pop.exit()).isZero();
    }
  }

  @Test
  void whereTheJvmKeepsTheSignalsItIsSaidThatAnotherConfigurationNeedsARestart() throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess pop =
        PopProcess.start(
            directory,
            List.of(
                "-Xrs", "-cp", System.getProperty("java.class.path"), "io.proofofplay.runner.Main"),
            "run")) {
      pop.says("WARN  pop: SIGHUP cannot be caught by this Java (").says("relay: runs");
    }
  }

  @Test
  void anEndpointWhosePortIsTakenListensOnceItIsFree() throws Exception {
    configuration(NOBODY, NOBODY);
    ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    String address = "127.0.0.1:" + taken.getLocalPort();
    Files.writeString(
        directory.resolve("pop.yaml"),
        "ops: {listen: '" + address + "'}\n",
        StandardOpenOption.APPEND);
    try (PopProcess pop = pop("run")) {
      pop.says("WARN  ops.listen: " + address + " cannot be listened on").says("relay: runs");
      taken.close();
      pop.says("ops: listens on " + address).signal("TERM");
      assertThat(pop.exit()).isZero();
    } finally {
      taken.close();
    }
  }

  @Test
  void aFileThatCannotBeUsedIsSaidWithAllItsProblemsAndTheOldOneStays() throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess pop = pop("run")) {
      pop.says("relay: runs");
      Files.writeString(
          directory.resolve("pop.yaml"),
          """
          sources:
            lobby: {type: infobeamr}
          sinks:
            billing: {type: http, url: 'http://127.0.0.1:1/', timout: 3s}
          """);
      pop.signal("HUP")
          .says(
              "ERROR pop: pop.yaml cannot be used, and the old configuration stays in force:"
                  + " pop.yaml:2: sources.lobby.type: \"infobeamr\" is not a type of source; did"
                  + " you mean infobeamer?; pop.yaml:4: sinks.billing.timout: is not a setting; did"
                  + " you mean timeout?\n");
      configuration(NOBODY, NOBODY);
      pop.signal("HUP").says("pop: reloaded pop.yaml: nothing has changed\n").signal("TERM");
      assertThat(pop.exit()).isZero();
    }
  }

  @Test
  void whatNeedsARestartIsRefusedWithItsKeysAndTheRestIsNotApplied() throws Exception {
    configuration(NOBODY, NOBODY);
    String spool = directory.toRealPath().resolve("spool").toString();
    try (PopProcess pop = pop("run")) {
      pop.says("relay: runs");
      Files.writeString(
          directory.resolve("pop.yaml"),
          """
          spool: {directory: elsewhere}
          sources:
            lobby: {type: infobeamer, port: 1}
          sinks:
            audit: {type: http, url: 'http://127.0.0.1:1/'}
          ops: {listen: '127.0.0.1:0'}
          history: {maxAge: 2d}
          """);
      pop.signal("HUP")
          .says(
              "the old configuration stays in force: pop.yaml:1: spool.directory: is another one,"
                  + " which needs a restart; until then write "
                  + spool
                  + "; pop.yaml:7: history: is another one, which needs a restart; until then write"
                  + " it as it was; pop.yaml:6: ops.listen: is another one, which needs a restart;"
                  + " until then take ops out\n")
          .signal("TERM");
      assertThat(pop.exit()).isZero();
      assertThat(pop.err()).doesNotContain("reloaded");
      assertThat(directory.resolve("elsewhere")).doesNotExist();
      assertThat(directory.resolve("spool/audit")).doesNotExist();
    }
  }

  @Test
  void aPackageWhoseOptionsWereReplacedGoesOnWithTheNewOnes() throws Exception {
    replaceOptions("{\"url\": \"http://127.0.0.1:1/\"}");
    try (PopProcess pop = pop(Map.of("SCRATCH", "scratch"), "run")) {
      pop.says("relay: runs");
      replaceOptions("{\"url\": \"http://127.0.0.1:2/\"}");
      pop.says("INFO  pop: reloaded config.json: sinks changed: backend\n").signal("TERM");
      assertThat(pop.exit()).isZero();
    }
  }

  @Test
  void aPackageWhoseNewOptionsAreWrongGoesOnWithTheOldOnes() throws Exception {
    replaceOptions("{\"url\": \"http://127.0.0.1:1/\"}");
    try (PopProcess pop = pop(Map.of("SCRATCH", "scratch"), "run")) {
      pop.says("relay: runs");
      replaceOptions("{\"url\": \"\", \"min_interval\": \"soon\"}");
      pop.says(
          "ERROR pop: config.json cannot be used, and the old configuration stays in force:"
              + " config.json:1: url: is empty");
      assertThat(pop.err())
          .contains("; config.json:1: min_interval: \"soon\" is not a number of seconds");
      replaceOptions("{\"url\": \"http://127.0.0.1:2/\"}");
      pop.says("pop: reloaded config.json: sinks changed: backend\n");
      assertThat(pop.err()).containsOnlyOnce("stays in force");
    }
  }

  private void replaceOptions(String text) throws Exception {
    Path next = Files.writeString(directory.resolve("next"), text);
    Files.move(next, directory.resolve("config.json"), StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void whatItsOwnEndClosesIsNoTrouble() throws Exception {
    try (ServerSocket player = listener()) {
      configuration(player.getLocalPort(), NOBODY);
      try (PopProcess pop = pop("run");
          Socket relay = player.accept()) {
        relay
            .getOutputStream()
            .write("Info Beamer PI 1\nok!\n{\"pop\":\"p\"}\n".getBytes(StandardCharsets.UTF_8));
        pop.says("connected to \"p\"").signal("TERM");
        assertThat(pop.exit()).isZero();
        assertThat(pop.err()).endsWith("relay: stopped\n").doesNotContain("not connected");
      }
    }
  }

  @Test
  void aSecondStartOnOneSpoolNamesTheFirst() throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess first = pop("run").says("relay: runs");
        PopProcess second = pop("run")) {
      assertThat(second.exit()).isEqualTo(ExitCode.IN_USE);
      assertThat(second.err())
          .contains("spool")
          .contains(String.valueOf(first.pid()))
          .doesNotContain("\tat ");
      first.signal("TERM");
      assertThat(first.exit()).isZero();
    }
  }

  @Test
  void aKilledOwnerIsNoObstacle() throws Exception {
    configuration(NOBODY, NOBODY);
    try (PopProcess first = pop("run").says("relay: runs")) {
      first.signal("KILL").exit();
    }
    try (PopProcess second = pop("run")) {
      second.says("relay: runs").signal("TERM");
      assertThat(second.exit()).isZero();
    }
  }

  @Test
  void aSpoolWhereNoDirectoryCanBeIsSaidWithItsKey() throws Exception {
    configuration(NOBODY, NOBODY);
    Files.writeString(directory.resolve("spool"), "in the way");
    try (PopProcess pop = pop("run")) {
      assertThat(pop.exit()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(pop.err()).contains("spool.directory: ").doesNotContain("\tat ");
    }
  }

  @Test
  void itStopsWithinFiveSecondsWhileABackendHangs() throws Exception {
    Duration five = Duration.ofSeconds(5);
    Duration took = stopWhileABackendHangs();
    if (took.compareTo(five) >= 0) {
      // Little of the five seconds is left then, and a busy machine wakes late.
      assertThat(took).as("late, and not for ever").isLessThan(five.plusSeconds(2));
      took = stopWhileABackendHangs();
    }
    assertThat(took).isLessThan(five);
  }

  private Duration stopWhileABackendHangs() throws Exception {
    try (ServerSocket player = listener();
        ServerSocket backend = listener()) {
      configuration(player.getLocalPort(), backend.getLocalPort());
      try (PopProcess pop = pop("run");
          Socket node = player.accept()) {
        play(node);
        try (Socket request = backend.accept()) {
          assertThat(request.getInputStream().read()).isEqualTo('P');
          long began = System.nanoTime();
          pop.signal("TERM");
          assertThat(pop.exit()).isZero();
          return Duration.ofNanos(System.nanoTime() - began);
        }
      }
    }
  }

  /** Waits for a connection for a while, not for ever: no timeout of a test could end that. */
  private static ServerSocket listener() throws Exception {
    ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    listener.setSoTimeout((int) PopProcess.PATIENCE.toMillis());
    return listener;
  }

  private static void play(Socket node) throws Exception {
    OutputStream out = node.getOutputStream();
    out.write("Info Beamer PI 1.0 (https://info-beamer.com)\n".getBytes(StandardCharsets.UTF_8));
    InputStream in = node.getInputStream();
    while (in.read() != '\n') {
      // Until the path is there.
    }
    out.write("ok!\n{\"pop\":\"test\"}\n{\"uuid\":\"a\"}\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Test
  void aStackIsShownOnlyWhenItIsAskedFor() throws Exception {
    try (PopProcess pop = pop("run", "--debug")) {
      assertThat(pop.exit()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(pop.err()).contains("\tat io.proofofplay.runner");
    }
  }
}
