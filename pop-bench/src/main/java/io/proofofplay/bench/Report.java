package io.proofofplay.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.proofofplay.bench.Measured.Column;
import io.proofofplay.bench.Scenario.By;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The runs of all rows: as a table with the median of each figure and its spread, and as JSON with
 * each run besides.
 *
 * <p>Not thread-safe.
 */
final class Report {

  /** In the order of the table. */
  private static final List<By> FLOORS = List.of(By.FLOOR, By.KEEPING_FLOOR);

  private final Machine machine;
  private final Plan plan;
  private final Map<String, List<Measured>> rows = new LinkedHashMap<>();

  /** The rows whose rate is given, so that a share of it would say nothing. */
  private final Set<String> paced = new HashSet<>();

  Report(Machine machine, Plan plan) {
    this.machine = machine;
    this.plan = plan;
  }

  void add(Scenario scenario, Measured measured) {
    if (scenario.kind() == Scenario.Kind.STEADY) {
      paced.add(scenario.name());
    }
    rows.computeIfAbsent(scenario.title(), any -> new ArrayList<>()).add(measured);
  }

  /** Those that a run has shown, sorted. */
  private static double[] sorted(List<Measured> runs, ToDoubleFunction<Measured> value) {
    return runs.stream().mapToDouble(value).filter(Double::isFinite).sorted().toArray();
  }

  /** The middle one; of an even number the lower of the two; NaN of none. */
  static double median(List<Measured> runs, ToDoubleFunction<Measured> value) {
    double[] sorted = sorted(runs, value);
    return sorted.length == 0 ? Double.NaN : sorted[(sorted.length - 1) / 2];
  }

  /** The least and the most. */
  private static double[] spread(List<Measured> runs, ToDoubleFunction<Measured> value) {
    double[] sorted = sorted(runs, value);
    return new double[] {sorted[0], sorted[sorted.length - 1]};
  }

  /** What must not be: a row's name, which of its runs, and what is wrong with it. */
  List<String> complaints() {
    List<String> all = new ArrayList<>();
    rows.forEach(
        (name, runs) -> {
          for (int run = 0; run < runs.size(); run++) {
            String complaint = runs.get(run).complaint();
            if (!complaint.isEmpty()) {
              all.add(name + ", run " + (run + 1) + ": " + complaint);
            }
          }
        });
    return all;
  }

  /** What part of a floor's throughput the relay has; NaN without that floor, or with a pace. */
  private double share(String name, By by) {
    return paced.contains(name) ? Double.NaN : ratio(name, by, Measured::eventsPerSecond);
  }

  /** What part of a floor's CPU the relay takes for an event; NaN without that floor. */
  private double cpu(String name, By by) {
    return ratio(name, by, Measured::cpuPerMillion);
  }

  /** Of a floor that has shown nothing NaN, too. */
  private double ratio(String name, By by, ToDoubleFunction<Measured> value) {
    List<Measured> floor = rows.get(name + by.suffix());
    return floor == null ? Double.NaN : median(rows.get(name), value) / median(floor, value);
  }

  String table() {
    StringBuilder text = new StringBuilder();
    text.append(machine).append('\n');
    text.append(String.format(Locale.ROOT, "%-26s", ""));
    for (Column column : Measured.MEDIANS) {
      text.append(String.format(Locale.ROOT, " %27s", column.name()));
    }
    for (Column column : Measured.SUMS) {
      text.append(String.format(Locale.ROOT, " %7s", column.name()));
    }
    text.append("  events/s and CPU, of the floor's, of the keeping floor's\n");
    rows.forEach(
        (name, runs) -> {
          text.append(String.format(Locale.ROOT, "%-26s", name));
          for (Column column : Measured.MEDIANS) {
            text.append(String.format(Locale.ROOT, " %27s", cell(column, runs)));
          }
          for (Column column : Measured.SUMS) {
            double sum = runs.stream().mapToDouble(column.value()).sum();
            text.append(String.format(Locale.ROOT, " %7.0f", sum));
          }
          for (By floor : FLOORS) {
            double cpu = cpu(name, floor);
            if (!Double.isNaN(cpu)) {
              double share = share(name, floor);
              text.append(
                  Double.isNaN(share)
                      ? "  -"
                      : String.format(Locale.ROOT, "  %.0f %%", 100 * share));
              text.append(String.format(Locale.ROOT, " and %.0f %%", 100 * cpu));
            }
          }
          text.append('\n');
        });
    return text.toString();
  }

  private static String cell(Column column, List<Measured> runs) {
    double median = median(runs, column.value());
    if (Double.isNaN(median)) {
      return "-";
    }
    double[] spread = spread(runs, column.value());
    String middle = String.format(Locale.ROOT, column.format(), median);
    return runs.size() == 1
        ? middle
        : middle
            + String.format(
                Locale.ROOT,
                " (" + column.format() + " .. " + column.format() + ")",
                spread[0],
                spread[1]);
  }

  String json() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("processors", machine.processors());
      json.writeStringField("processor", machine.processor());
      json.writeStringField("java", machine.java());
      json.writeStringField("kernel", machine.kernel());
      json.writeStringField("fileSystem", machine.fileSystem());
      json.writeStringField("mountOptions", machine.mountOptions());
      if (machine.journal().isPresent()) {
        json.writeBooleanField("journal", machine.journal().get());
      }
      json.writeNumberField("bytesOfAnEvent", Play.LENGTH);
      json.writeNumberField("events", plan.events());
      json.writeNumberField("warmup", plan.warmup());
      json.writeNumberField("secondsOfSteady", plan.seconds());
      json.writeStringField("javaOpts", plan.javaOpts());
      json.writeArrayFieldStart("rows");
      for (Map.Entry<String, List<Measured>> row : rows.entrySet()) {
        write(json, row.getKey(), row.getValue());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private void write(JsonGenerator json, String name, List<Measured> runs) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeNumberField("runs", runs.size());
    for (Column column : Measured.MEDIANS) {
      double median = median(runs, column.value());
      if (!Double.isNaN(median)) {
        double[] spread = spread(runs, column.value());
        json.writeObjectFieldStart(column.name());
        json.writeNumberField("median", median);
        json.writeNumberField("least", spread[0]);
        json.writeNumberField("most", spread[1]);
        json.writeEndObject();
      }
    }
    for (Column column : Measured.SUMS) {
      json.writeNumberField(column.name(), (long) runs.stream().mapToDouble(column.value()).sum());
    }
    json.writeArrayFieldStart("each");
    for (Measured run : runs) {
      json.writeStartObject();
      for (Column column : Measured.MEDIANS) {
        writeIfKnown(json, column.name(), column.value().applyAsDouble(run));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("faults");
    for (Measured run : runs) {
      if (!run.fault().isEmpty()) {
        json.writeString(run.fault());
      }
    }
    json.writeEndArray();
    for (By floor : FLOORS) {
      String which = floor == By.FLOOR ? "OfTheFloor" : "OfTheKeepingFloor";
      writeIfKnown(json, "share" + which, share(name, floor));
      writeIfKnown(json, "cpu" + which, cpu(name, floor));
    }
    json.writeEndObject();
  }

  private static void writeIfKnown(JsonGenerator json, String name, double value)
      throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(name, value);
    }
  }
}
