package io.proofofplay.bench;

import io.proofofplay.bench.Scenario.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One run of one scenario: player, process and backend, from nothing to the figures.
 *
 * <p>Used once.
 */
final class Run {

  /** How long nothing may arrive before what is missing is lost. */
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private static final long LOOK_MILLIS = 1;

  private final Plan plan;
  private final Scenario scenario;
  private final Path directory;

  /** When the first event is due. */
  private volatile long start;

  private Run(Plan plan, Scenario scenario) {
    this.plan = plan;
    this.scenario = scenario;
    this.directory = plan.directory().resolve(scenario.name());
  }

  static Measured of(Plan plan, Scenario scenario) throws IOException, InterruptedException {
    Run run = new Run(plan, scenario);
    clear(run.directory);
    Files.createDirectories(run.directory);
    try {
      return run.measure();
    } finally {
      clear(run.directory.resolve("spool"));
    }
  }

  private static void clear(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  private Measured measure() throws IOException, InterruptedException {
    if (scenario.waiting() > 0) {
      Backlog.leave(spool(), scenario.waiting(), Scenario.BATCH);
    }
    LoadingPlayer[] said = new LoadingPlayer[1];
    Arrivals.Due due = (source, number) -> said[0].due(start, interval(), source, number);
    Arrivals arrivals =
        new Arrivals(scenario.sources(), scenario.kind() == Kind.STEADY ? due : null);
    try (LoadingPlayer player = new LoadingPlayer();
        CountingBackend backend = new CountingBackend(arrivals);
        Subject subject = new Subject(command(player.port(), backend.port()), directory)) {
      said[0] = player;
      boolean drains = scenario.kind() == Kind.DRAIN;
      if (!drains || !scenario.floor()) {
        player.await(scenario.sources());
      }
      return drains ? drained(subject, arrivals) : said(player, subject, arrivals);
    }
  }

  private Path spool() {
    return directory.resolve("spool").resolve("backend");
  }

  private static long interval() {
    return 1_000_000_000L / Scenario.RATE;
  }

  private Measured said(LoadingPlayer player, Subject subject, Arrivals arrivals)
      throws IOException, InterruptedException {
    // In whole batches for each source, so that none waits for more.
    long warmup = scenario.warmup() / scenario.sources();
    long each = scenario.events() / scenario.sources();
    long all = (warmup + each) * scenario.sources();
    start = System.nanoTime();
    Thread speaker =
        new Thread(
            () -> {
              try {
                if (scenario.kind() == Kind.STEADY) {
                  player.saySteadily(start, interval(), warmup + each);
                } else {
                  player.say(0, warmup);
                  player.say(warmup, each);
                }
              } catch (IOException | InterruptedException e) {
                // What is missing is counted.
                System.err.println("the player was cut off: " + e);
              }
            },
            "player");
    speaker.setDaemon(true);
    speaker.start();
    return counted(subject, arrivals, warmup * scenario.sources(), all);
  }

  private Measured drained(Subject subject, Arrivals arrivals)
      throws IOException, InterruptedException {
    return counted(subject, arrivals, scenario.warmup(), scenario.warmup() + scenario.events());
  }

  private Measured counted(Subject subject, Arrivals arrivals, long warmup, long all)
      throws IOException, InterruptedException {
    await(subject, arrivals, warmup);
    arrivals.forgetDelays();
    long began = arrivals.last();
    long before = arrivals.count();
    double cpu = subject.isAlive() ? subject.cpuSeconds() : 0;
    double peak = await(subject, arrivals, all);
    long ended = arrivals.last();
    long events = arrivals.count() - before;
    double used = subject.isAlive() ? subject.cpuSeconds() - cpu : Double.NaN;
    double allocated = subject.stopAndTellAllocated(began, ended);
    return new Measured(
        events / ((ended - began) / 1e9),
        used / events * 1e6,
        peak,
        allocated / events,
        (arrivals.first() - subject.started()) / 1e6,
        arrivals.delayMillis(0.5),
        arrivals.delayMillis(0.99),
        Math.max(0, all - arrivals.count()),
        arrivals.repeated(),
        arrivals.reordered(),
        arrivals.changed());
  }

  /** Waits until so many have come, or none for a long time; tells the peak of the memory. */
  private static double await(Subject subject, Arrivals arrivals, long count)
      throws IOException, InterruptedException {
    long known = -1;
    long since = System.nanoTime();
    while (arrivals.count() < count) {
      if (arrivals.count() != known) {
        known = arrivals.count();
        since = System.nanoTime();
      } else if (!subject.isAlive() || System.nanoTime() - since > PATIENCE_NANOS) {
        System.err.println("events are missing; the process said:\n" + subject.story());
        break;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return subject.isAlive() ? subject.peakMiB() : Double.NaN;
  }

  private ProcessBuilder command(int playerPort, int backendPort) throws IOException {
    return scenario.floor() ? floor(playerPort, backendPort) : relay(playerPort, backendPort);
  }

  private ProcessBuilder relay(int playerPort, int backendPort) throws IOException {
    StringBuilder sources = new StringBuilder();
    for (int i = 0; i < scenario.sources(); i++) {
      sources.append(
          "  player-" + i + ": {type: infobeamer, host: 127.0.0.1, port: " + playerPort + "}\n");
    }
    Files.writeString(
        directory.resolve("pop.yaml"),
        """
        spool: {directory: ./spool}
        sources:
        %ssinks:
          backend:
            type: http
            url: http://127.0.0.1:%d/pop
            batch: {maxEvents: %d, minInterval: %s}
            spool: {durability: %s, maxBytes: 8GiB, maxBlock: 1m}
        """
            .formatted(
                sources,
                backendPort,
                Scenario.BATCH,
                scenario.minInterval(),
                scenario.durability()));
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", plan.dist().resolve("bin/pop").toString(), "run");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder
        .environment()
        .put("POP_JAVA_OPTS", (Subject.gcOption() + " " + scenario.javaOpts()).strip());
    return builder;
  }

  private ProcessBuilder floor(int playerPort, int backendPort) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + plan.dist().resolve("jvm.options"));
    command.add(Subject.gcOption());
    for (String option : scenario.javaOpts().split(" ", -1)) {
      if (!option.isBlank()) {
        command.add(option);
      }
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Floor.class.getName());
    command.add(scenario.kind() == Kind.DRAIN ? "drain" : scenario.durability());
    command.add(Integer.toString(Scenario.BATCH));
    command.add(Integer.toString(playerPort));
    command.add(Integer.toString(backendPort));
    command.add(spool().toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    return builder;
  }
}
