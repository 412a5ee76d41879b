package io.proofofplay.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures the parts, the whole and how it scales, and prints what came of it. */
public final class Main {

  private static final String PARTS = "parts";

  /** How long the parts take at most: their number and times are fixed. */
  private static final Duration PARTS_TAKE = Duration.ofMinutes(2);

  /** How much longer than it may take it is waited for an orderly end. */
  private static final Duration GRACE = Duration.ofSeconds(45);

  /** The exit code for a wrong word on the command line, as the relay's own. */
  private static final int USAGE = 64;

  private Main() {}

  /**
   * Runs what the system properties {@code bench.*} ask for. Ends with 1 if an event was lost,
   * repeated, reordered or changed, or a run came to no end, and with 64 if what is asked for is
   * not there.
   *
   * @param arguments none
   * @throws IOException if the results cannot be written
   * @throws InterruptedException never
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Plan plan = Plan.ofProperties();
    List<Scenario> rows = Scenario.of(plan);
    List<Scenario> scale = Scenario.scale(plan);
    Set<String> names = new LinkedHashSet<>(List.of(PARTS));
    Stream.concat(rows.stream(), scale.stream()).map(Scenario::name).forEach(names::add);
    Set<String> chosen;
    try {
      chosen = plan.chosen(names);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(USAGE);
      return;
    }
    endAnyway(plan);
    List<String> complaints = measure(plan, chosen, rows, scale);
    if (!complaints.isEmpty()) {
      System.err.println("what must not be:\n" + String.join("\n", complaints));
      System.exit(1);
    }
  }

  /**
   * Has this process end even if something in it waits for ever, with the processes that it has
   * started. Usually nothing of that happens, because each wait has an end of its own.
   */
  private static void endAnyway(Plan plan) {
    Thread guard =
        new Thread(
            () -> {
              try {
                Thread.sleep(Duration.ofMinutes(plan.minutes()).plus(GRACE).toMillis());
              } catch (InterruptedException e) {
                return;
              }
              System.err.println(
                  "something does not end, and bench.minutes is over: what was measured by now is"
                      + " in "
                      + plan.results());
              ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
              Runtime.getRuntime().halt(1);
            },
            "guard");
    guard.setDaemon(true);
    guard.start();
  }

  /** Measures what is chosen, and tells what must not be. */
  static List<String> measure(
      Plan plan, Set<String> chosen, List<Scenario> rows, List<Scenario> scale)
      throws IOException, InterruptedException {
    Bound bound = new Bound(Duration.ofMinutes(plan.minutes()));
    Files.createDirectories(plan.directory());
    Files.createDirectories(plan.results());
    Path json = plan.results().resolve("results.json");
    Report report = new Report(Machine.of(plan.directory()), plan);
    for (int run = 1; run <= plan.runs(); run++) {
      measure(plan, bound, chosen, rows, run, report, json);
    }
    measure(plan, bound, chosen, scale, 1, report, json);
    List<String> complaints = report.complaints();
    if (chosen.contains(PARTS)) {
      try {
        parts(plan, bound);
      } catch (IOException | RunnerException e) {
        complaints.add(PARTS + ": " + e.getMessage());
      }
    }
    System.out.printf("%n%s%n%n%s%n", report.json(), report.table());
    System.out.println("as JSON: " + json);
    return complaints;
  }

  private static void measure(
      Plan plan,
      Bound bound,
      Set<String> chosen,
      List<Scenario> rows,
      int run,
      Report report,
      Path json)
      throws IOException, InterruptedException {
    for (Scenario row : rows) {
      if (!chosen.contains(row.name()) || (row.isFloor() && !plan.floor())) {
        continue;
      }
      Measured measured;
      try {
        measured =
            bound.isOver()
                ? Measured.failed(0, 0, 0, 0, "not begun: " + bound)
                : Run.of(plan, row, bound);
      } catch (IOException | UncheckedIOException e) {
        measured = Measured.failed(0, 0, 0, 0, e.toString());
      }
      report.add(row, measured);
      // After each run, so that what comes later takes nothing away.
      Files.writeString(json, report.json());
      System.out.printf(
          Locale.ROOT,
          "%5.0f s: run %d %s: %,.0f events/s, %.2f CPU s a million, %.0f MiB%s%n",
          bound.passedNanos() / 1e9,
          run,
          row.title(),
          measured.eventsPerSecond(),
          measured.cpuPerMillion(),
          measured.peakMiB(),
          measured.complaint().isEmpty() ? "" : ", " + measured.complaint());
    }
  }

  /** The parts by JMH, with the daemon's own JVM flags. */
  private static void parts(Plan plan, Bound bound) throws IOException, RunnerException {
    if (bound.within(PARTS_TAKE.toNanos()) < PARTS_TAKE.toNanos()) {
      throw new IOException("not begun: too little time is left of bench.minutes");
    }
    List<String> flags = new ArrayList<>();
    for (String line : Files.readAllLines(plan.dist().resolve("jvm.options"))) {
      if (line.startsWith("-")) {
        flags.add(line.strip());
      }
    }
    for (String option : plan.javaOpts().split(" ", -1)) {
      if (!option.isBlank()) {
        flags.add(option);
      }
    }
    flags.add("-Djava.io.tmpdir=" + plan.directory());
    new Runner(
            new OptionsBuilder()
                .include("io\\.proofofplay\\..*Benchmark\\..*")
                .jvmArgs(flags.toArray(String[]::new))
                .shouldFailOnError(true)
                .forks(1)
                .warmupIterations(2)
                .warmupTime(TimeValue.milliseconds(400))
                .measurementIterations(3)
                .measurementTime(TimeValue.milliseconds(800))
                .timeout(TimeValue.seconds(20))
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(plan.results().resolve("parts.json").toString())
                .build())
        .run();
  }
}
