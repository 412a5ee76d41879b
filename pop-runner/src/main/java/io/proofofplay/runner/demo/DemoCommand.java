package io.proofofplay.runner.demo;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.log.Logging;
import io.proofofplay.runner.plugin.Plugins;
import io.proofofplay.runner.terminal.Interruption;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pop demo}: the product in half a minute. */
@Command(
    name = "demo",
    description = {
      "Player, relay and backend in one process, through an outage; needs no network and no"
          + " configuration.",
      "The last line is the books; ends with 0 if they balance, else with 1."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class DemoCommand implements Callable<Integer> {

  private static final long EVENTS = 1000;
  private static final double RATE = 50;
  private static final int INTERRUPTED = 130;

  @Option(
      names = "--keep-running",
      description = "Plays on when the books are printed, until Ctrl-C.")
  private boolean keepRunning;

  private final Terminal terminal;
  private final TimeSource time;
  private final long events;
  private final double rate;

  /** The command as the program has it. */
  public DemoCommand() {
    this(Terminal.standardOutput(), TimeSource.system(), EVENTS, RATE);
  }

  DemoCommand(Terminal terminal, TimeSource time, long events, double rate) {
    this.terminal = terminal;
    this.time = time;
    this.events = events;
    this.rate = rate;
  }

  @Override
  public Integer call() throws IOException, ConfigurationException, InterruptedException {
    Adapters adapters = Plugins.load(Path.of(System.getProperty("pop.home", "")));
    Path directory = Files.createTempDirectory("pop-demo-");
    Path log = directory.resolve("relay.log");
    try (PrintStream logged =
        new PrintStream(Files.newOutputStream(log), true, StandardCharsets.UTF_8)) {
      // The relay's log would stand between the lines of the story.
      Logging.start(Optional.empty(), logged, false);
      return play(adapters, directory);
    } finally {
      Logging.start(Optional.ofNullable(System.getenv("POP_LOG")), System.err, false);
    }
  }

  private int play(Adapters adapters, Path directory)
      throws IOException, ConfigurationException, InterruptedException {
    try (Stage stage = Stage.set(directory, adapters, events, rate)) {
      Interruption interruption = Interruption.on(() -> close(stage));
      try {
        Books books = new Story(stage, terminal, time, events, rate).tell();
        if (keepRunning) {
          stage.playOn();
          terminal.line("");
          terminal.line(
              "The player plays on. The backend answers its counts to: curl " + stage.backendUrl());
          terminal.line("The status page: " + stage.page());
          terminal.line("The files are in " + directory + ". Ctrl-C ends all and removes them.");
          new CountDownLatch(1).await();
        }
        return books.balance() ? ExitCode.DONE : ExitCode.FOUND;
      } finally {
        interruption.forget();
      }
    }
  }

  private int close(Stage stage) {
    try {
      stage.close();
    } catch (IOException e) {
      terminal.line("pop demo: " + e.getMessage());
    }
    return keepRunning ? ExitCode.DONE : INTERRUPTED;
  }
}
