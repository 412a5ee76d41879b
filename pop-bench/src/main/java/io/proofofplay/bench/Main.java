package io.proofofplay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures the parts, the whole and how it scales, and prints what came of it. */
public final class Main {

  private static final String PARTS = "parts";

  private Main() {}

  /**
   * Runs what the system properties {@code bench.*} ask for.
   *
   * @param arguments none
   * @throws IOException if a process, a socket or a file fails
   * @throws InterruptedException never
   * @throws RunnerException if a benchmark of a part fails
   */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, RunnerException {
    Plan plan = Plan.ofProperties();
    Files.createDirectories(plan.directory());
    if (plan.has(PARTS)) {
      parts(plan);
    }
    Report report = new Report();
    List<Scenario> rows = Scenario.of(plan).stream().filter(plan::has).toList();
    for (int run = 1; run <= plan.runs(); run++) {
      for (Scenario row : rows) {
        measure(plan, row, run, report);
      }
    }
    for (Scenario row : Scenario.scale(plan)) {
      if (plan.has(row)) {
        measure(plan, row, 1, report);
      }
    }
    Path json = plan.directory().resolve("results.json");
    Files.writeString(json, report.json());
    System.out.println();
    System.out.println(report.json());
    System.out.println();
    System.out.println(report.table());
    System.out.println("as JSON: " + json);
  }

  private static void measure(Plan plan, Scenario row, int run, Report report)
      throws IOException, InterruptedException {
    Measured measured = Run.of(plan, row);
    report.add(row, measured);
    System.out.printf(
        "run %d %s%s: %,.0f events/s, %.2f CPU s a million, lost %d%n",
        run,
        row.name(),
        row.floor() ? " (floor)" : "",
        measured.eventsPerSecond(),
        measured.cpuPerMillion(),
        measured.lost());
  }

  /** The parts by JMH, with the daemon's own JVM flags. */
  private static void parts(Plan plan) throws IOException, RunnerException {
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
                .forks(1)
                .warmupIterations(2)
                .warmupTime(TimeValue.milliseconds(500))
                .measurementIterations(3)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(plan.directory().resolve("parts.json").toString())
                .build())
        .run();
  }
}
