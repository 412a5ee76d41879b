package io.proofofplay.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What one run has shown. A figure that it has not shown is NaN.
 *
 * @param eventsPerSecond delivered
 * @param saidPerSecond taken from the players in the same time; NaN if nobody says anything
 * @param cpuPerMillion CPU seconds of the process for a million events
 * @param peakMiB the most memory that was resident
 * @param bytesPerEvent allocated on the heap
 * @param startMillis from the start of the process to the first delivery
 * @param p50Millis from when an event was due to its arrival; NaN without a steady rate
 * @param p99Millis likewise
 * @param lost events that never came
 * @param repeated events that came again
 * @param reordered events that came behind a later one
 * @param changed events that came with other bytes
 * @param fault why there are no figures; empty if there are
 */
record Measured(
    double eventsPerSecond,
    double saidPerSecond,
    double cpuPerMillion,
    double peakMiB,
    double bytesPerEvent,
    double startMillis,
    double p50Millis,
    double p99Millis,
    long lost,
    long repeated,
    long reordered,
    long changed,
    String fault) {

  /**
   * A run that came to no end.
   *
   * @param fault why
   * @return nothing but what is wrong
   */
  static Measured failed(long lost, long repeated, long reordered, long changed, String fault) {
    double none = Double.NaN;
    return new Measured(
        none, none, none, none, none, none, none, none, lost, repeated, reordered, changed, fault);
  }

  /** What must not be, in words; empty if all is well. */
  String complaint() {
    StringBuilder text = new StringBuilder();
    for (Column column : SUMS) {
      double many = column.value().applyAsDouble(this);
      if (many > 0) {
        text.append(text.isEmpty() ? "" : ", ");
        text.append(String.format(Locale.ROOT, "%s %,.0f", column.name(), many));
      }
    }
    if (!fault.isEmpty()) {
      text.append(text.isEmpty() ? "" : ", ").append(fault);
    }
    return text.toString();
  }

  /**
   * A column of the table.
   *
   * @param name what it is called
   * @param format how it is written
   * @param value what stands in it
   */
  record Column(String name, String format, ToDoubleFunction<Measured> value) {}

  /** Those of which the median counts. */
  static final List<Column> MEDIANS =
      List.of(
          new Column("events/s", "%,.0f", Measured::eventsPerSecond),
          new Column("said/s", "%,.0f", Measured::saidPerSecond),
          new Column("CPU s/million", "%.2f", Measured::cpuPerMillion),
          new Column("peak MiB", "%.0f", Measured::peakMiB),
          new Column("B/event", "%,.0f", Measured::bytesPerEvent),
          new Column("start ms", "%,.0f", Measured::startMillis),
          new Column("p50 ms", "%.1f", Measured::p50Millis),
          new Column("p99 ms", "%.1f", Measured::p99Millis));

  /** Those that are added up. */
  static final List<Column> SUMS =
      List.of(
          new Column("lost", "%.0f", Measured::lost),
          new Column("dup", "%.0f", Measured::repeated),
          new Column("reord", "%.0f", Measured::reordered),
          new Column("changed", "%.0f", Measured::changed));
}
