package io.proofofplay.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    List<String> complaints = measure(plan, chosen, rows, scale);
    if (!complaints.isEmpty()) {
      System.err.println("what must not be:\n" + String.join("\n", complaints));
      System.exit(1);
    }
  }

  /** Measures what is chosen, and tells what must not be. */
  static List<String> measure(
      Plan plan, Set<String> chosen, List<Scenario> rows, List<Scenario> scale)
      throws IOException, InterruptedException {
    Files.createDirectories(plan.directory());
    List<String> complaints = new ArrayList<>();
    if (chosen.contains(PARTS)) {
      try {
        parts(plan);
      } catch (IOException | RunnerException e) {
        complaints.add(PARTS + ": " + e.getMessage());
      }
    }
    Path json = plan.directory().resolve("results.json");
    Report report = new Report();
    for (int run = 1; run <= plan.runs(); run++) {
      measure(plan, chosen, rows, run, report, json);
    }
    measure(plan, chosen, scale, 1, report, json);
    System.out.printf("%n%s%n%n%s%n", report.json(), report.table());
    System.out.println("as JSON: " + json);
    complaints.addAll(report.complaints());
    return complaints;
  }

  private static void measure(
      Plan plan, Set<String> chosen, List<Scenario> rows, int run, Report report, Path json)
      throws IOException, InterruptedException {
    for (Scenario row : rows) {
      if (!chosen.contains(row.name()) || (row.floor() && !plan.floor())) {
        continue;
      }
      Measured measured;
      try {
        measured = Run.of(plan, row);
      } catch (IOException | UncheckedIOException e) {
        measured = Measured.failed(0, 0, 0, 0, e.toString());
      }
      report.add(row, measured);
      // After each run, so that what comes later takes nothing away.
      Files.writeString(json, report.json());
      System.out.printf(
          Locale.ROOT,
          "run %d %s%s: %,.0f events/s, %.2f CPU s a million, %.0f MiB%s%n",
          run,
          row.name(),
          row.floor() ? " (floor)" : "",
          measured.eventsPerSecond(),
          measured.cpuPerMillion(),
          measured.peakMiB(),
          measured.complaint().isEmpty() ? "" : ", " + measured.complaint());
    }
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
                .shouldFailOnError(true)
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
