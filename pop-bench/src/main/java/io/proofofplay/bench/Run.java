package io.proofofplay.bench;

import io.proofofplay.bench.Arrivals.Mark;
import io.proofofplay.bench.Scenario.By;
import io.proofofplay.bench.Scenario.Kind;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * One run of one scenario: player, process and backend, from nothing to the figures.
 *
 * <p>Used once.
 */
final class Run {

  private static final String CACHE = "cache";

  /** How long nothing may arrive before what is missing is lost. */
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  /** How long the sources may take to come. */
  private static final long CONNECTED_NANOS = 60_000_000_000L;

  /** How long all of a run may take, however steadily something arrives. */
  private static final long LIMIT_NANOS = 240_000_000_000L;

  private static final long LOOK_MILLIS = 1;

  private final Plan plan;
  private final Scenario scenario;
  private final Bound bound;
  private final Path directory;

  /** When the first event is due. */
  private volatile long start;

  /** Whether what counts has come, so that the player may be cut off. */
  private volatile boolean done;

  private Run(Plan plan, Scenario scenario, Bound bound) {
    this.plan = plan;
    this.scenario = scenario;
    this.bound = bound;
    this.directory = plan.directory().resolve(scenario.title().replaceAll("[ ()]+", "-"));
  }

  /**
   * Runs it.
   *
   * @param bound when all must have ended
   * @return what it has shown; if it came to no end, why
   * @throws IOException if it could not even begin
   */
  static Measured of(Plan plan, Scenario scenario, Bound bound)
      throws IOException, InterruptedException {
    Run run = new Run(plan, scenario, bound);
    clear(run.directory);
    // Where the relay looks for a class archive: there is none, whatever this machine has
    // elsewhere.
    Files.createDirectories(run.directory.resolve(CACHE));
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
      settle();
    }
    LoadingPlayer[] said = new LoadingPlayer[1];
    Arrivals.Due due = (source, number) -> said[0].due(start, interval(), source, number);
    Arrivals arrivals =
        new Arrivals(scenario.sources(), scenario.kind() == Kind.STEADY ? due : null);
    try (LoadingPlayer player = new LoadingPlayer();
        CountingBackend backend = new CountingBackend(arrivals);
        Subject subject = new Subject(command(player.port(), backend.port()), directory)) {
      said[0] = player;
      try {
        boolean drains = scenario.kind() == Kind.DRAIN;
        if (!drains || !scenario.isFloor()) {
          connected(player, subject, scenario.sources());
        }
        if (drains) {
          return counted(subject, player, arrivals);
        }
        Thread speaker = speak(player, arrivals);
        try {
          return counted(subject, player, arrivals);
        } finally {
          speaker.interrupt();
        }
      } catch (IOException e) {
        return Measured.failed(
            lost(arrivals),
            arrivals.repeated(),
            arrivals.reordered(),
            arrivals.changed(),
            String.valueOf(e.getMessage()));
      }
    }
  }

  private void connected(LoadingPlayer player, Subject subject, int sources)
      throws IOException, InterruptedException {
    try {
      player.await(sources, bound.within(CONNECTED_NANOS), subject::check);
    } catch (SocketException | SocketTimeoutException e) {
      subject.check();
      throw new IOException(e.getMessage() + subject.told(), e);
    }
  }

  /** Has what was left on the disk written there, so that it is not written while it is read. */
  private void settle() throws IOException, InterruptedException {
    Process sync = new ProcessBuilder("sync", "-f", spool().toString()).inheritIO().start();
    if (!sync.waitFor(bound.within(LIMIT_NANOS), TimeUnit.NANOSECONDS)) {
      sync.destroyForcibly();
      throw new IOException("sync -f " + spool() + " comes to no end");
    }
    if (sync.exitValue() != 0) {
      throw new IOException("sync -f " + spool() + " ended with " + sync.exitValue());
    }
  }

  private Path spool() {
    return directory.resolve("spool").resolve("backend");
  }

  private static long interval() {
    return 1_000_000_000L / Scenario.RATE;
  }

  /** How many go before those that count. */
  private long warmup() {
    return scenario.kind() == Kind.DRAIN
        ? scenario.warmup()
        : scenario.each(scenario.warmup()) * scenario.sources();
  }

  /** How many are counted, and those before them. */
  private long all() {
    return scenario.kind() == Kind.DRAIN
        ? scenario.waiting()
        : warmup() + scenario.each(scenario.events()) * scenario.sources();
  }

  private Thread speak(LoadingPlayer player, Arrivals arrivals) {
    long each = all() / scenario.sources();
    // They go on until what counts has come: the last batch of all may be a part, which waits for
    // more or for the least time between two of those.
    long beyond = (scenario.ahead() + scenario.sources() - 1) / scenario.sources();
    LongSupplier most = () -> arrivals.mark().count() + scenario.ahead();
    start = System.nanoTime();
    Thread speaker =
        new Thread(
            () -> {
              try {
                if (scenario.kind() == Kind.STEADY) {
                  player.saySteadily(start, interval(), each);
                } else {
                  player.say(scenario.waiting(), each + beyond, scenario.chunk(), most);
                }
              } catch (IOException | InterruptedException e) {
                // What is missing is counted.
                if (!done) {
                  System.err.println("the player was cut off: " + e);
                }
              }
            },
            "player");
    speaker.setDaemon(true);
    speaker.start();
    return speaker;
  }

  private Measured counted(Subject subject, LoadingPlayer player, Arrivals arrivals)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    long limit = bound.within(LIMIT_NANOS);
    await(subject, arrivals, begun, limit, warmup());
    arrivals.forgetDelays();
    Mark before = arrivals.mark();
    long said = player.said();
    double cpu = subject.cpuSeconds();
    await(subject, arrivals, begun, limit, all());
    Mark after = arrivals.mark();
    said = player.said() - said;
    double used = subject.cpuSeconds() - cpu;
    double peak = subject.peakMiB();
    done = true;
    subject.stop();
    long events = after.count() - before.count();
    double seconds = (after.last() - before.last()) / 1e9;
    return new Measured(
        events / seconds,
        scenario.kind() == Kind.DRAIN ? Double.NaN : said / seconds,
        used / events * 1e6,
        peak,
        subject.allocated(before.last(), after.last()) / events,
        (arrivals.first() - subject.started()) / 1e6,
        arrivals.delayMillis(0.5),
        arrivals.delayMillis(0.99),
        lost(arrivals),
        arrivals.repeated(),
        arrivals.reordered(),
        arrivals.changed(),
        "");
  }

  /** What should have come and has not: before the last that has, and before the end. */
  private long lost(Arrivals arrivals) {
    return Math.max(arrivals.holes(), all() - arrivals.mark().count());
  }

  /** Waits until so many have come. */
  private void await(Subject subject, Arrivals arrivals, long begun, long limit, long count)
      throws IOException, InterruptedException {
    long known = -1;
    long since = System.nanoTime();
    long come;
    while ((come = arrivals.mark().count()) < count) {
      subject.check();
      long now = System.nanoTime();
      if (come != known) {
        known = come;
        since = now;
      }
      if (now - since > PATIENCE_NANOS || now - begun > limit) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%,d of %,d events have come in %,d s, the last %,d s ago%s; the process still runs%s",
                come,
                count,
                (now - begun) / 1_000_000_000,
                (now - since) / 1_000_000_000,
                bound.isOver() ? ", and " + bound : "",
                subject.told()));
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private ProcessBuilder command(int playerPort, int backendPort) throws IOException {
    return scenario.isFloor() ? floor(playerPort, backendPort) : relay(playerPort, backendPort);
  }

  private ProcessBuilder relay(int playerPort, int backendPort) throws IOException {
    StringBuilder sources = new StringBuilder();
    for (int i = 0; i < scenario.sources(); i++) {
      sources.append(
          "  player-" + i + ": {type: infobeamer, host: 127.0.0.1, port: " + playerPort + "}\n");
    }
    Files.writeString(
        directory.resolve("pop.yaml"),
        String.format(
            Locale.ROOT,
            """
        spool: {directory: ./spool}
        sources:
        %ssinks:
          backend:
            type: http
            url: http://127.0.0.1:%d/pop
            batch: {maxEvents: %d, minInterval: %s}
            spool: {durability: %s, maxBytes: 8GiB, maxBlock: 1m}
        """,
            sources,
            backendPort,
            Scenario.BATCH,
            scenario.minInterval(),
            scenario.durability()));
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", plan.dist().resolve("bin/pop").toString(), "run");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("POP_CACHE", directory.resolve(CACHE).toString());
    builder
        .environment()
        .put("POP_JAVA_OPTS", (Subject.gcOption() + " " + scenario.javaOpts()).strip());
    return builder;
  }

  /** What the floor is told to do. */
  private String mode() {
    if (scenario.kind() != Kind.DRAIN) {
      return scenario.durability();
    }
    return scenario.by() == By.KEEPING_FLOOR ? Floor.DRAIN_AND_KEEP : Floor.DRAIN;
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
    command.add(mode());
    command.add(Integer.toString(Scenario.BATCH));
    command.add(Integer.toString(playerPort));
    command.add(Integer.toString(backendPort));
    command.add(spool().toString());
    command.add(Integer.toString(scenario.sources()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    return builder;
  }
}
