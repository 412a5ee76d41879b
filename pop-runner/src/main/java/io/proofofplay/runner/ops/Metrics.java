package io.proofofplay.runner.ops;

import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.DropReason;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Writes a view as the text of {@code /metrics}, in the <a
 * href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus text format</a>,
 * version 0.0.4. A series is there from the start, with 0 until something happens.
 */
final class Metrics {

  private static final List<String> VERDICTS =
      List.of("delivered", "later", "held", "too-large", "rejected");

  private final StringBuilder text = new StringBuilder(4096);
  private final Map<String, SourceStats> sources;
  private final Map<String, SinkStats> sinks;

  private Metrics(View view) {
    sources = view.stats().sources();
    sinks = view.stats().sinks();
  }

  static String of(View view) {
    Metrics metrics = new Metrics(view);
    metrics.write(view);
    return metrics.text.toString();
  }

  private void write(View view) {
    family("pop_info", "gauge", "The program.");
    sample("pop_info", 1, "version", view.version());

    sources(
        "pop_events_accepted_total",
        "counter",
        "Events for which the relay answers.",
        SourceStats::accepted);
    family("pop_events_rejected_total", "counter", "Lines of a player that were no events.");
    sources.forEach(
        (name, source) ->
            Arrays.stream(Refusal.values())
                .forEach(
                    reason ->
                        sample(
                            "pop_events_rejected_total",
                            source.refused().getOrDefault(reason, 0L),
                            "source",
                            name,
                            "reason",
                            reason.code())));
    sources(
        "pop_source_connected",
        "gauge",
        "Whether the player is there.",
        source -> source.connected() ? 1 : 0);
    sources(
        "pop_source_connections_total",
        "counter",
        "How often the player came.",
        SourceStats::connections);

    sinks(
        "pop_events_recovered_total",
        "counter",
        "Events that an earlier run had left.",
        SinkStats::recovered);
    sinks("pop_events_taken_total", "counter", "Events that the sink took.", SinkStats::accepted);
    sinks(
        "pop_events_delivered_total",
        "counter",
        "Events that the destination has confirmed.",
        SinkStats::delivered);
    sinks(
        "pop_events_waiting",
        "gauge",
        "Events that wait, those on their way included.",
        SinkStats::waiting);
    sinks("pop_events_dead_total", "counter", "Events that became dead letters.", SinkStats::dead);
    family("pop_events_dropped_total", "counter", "Events that were given up.");
    sinks.forEach(
        (name, sink) ->
            Arrays.stream(DropReason.values())
                .forEach(
                    reason ->
                        sample(
                            "pop_events_dropped_total",
                            sink.dropped().getOrDefault(reason, 0L),
                            "sink",
                            name,
                            "reason",
                            reason.code())));
    sinks(
        "pop_events_imbalance",
        "gauge",
        "What the books are off by; anything but 0 is a fault.",
        SinkStats::imbalance);
    sinks(
        "pop_oldest_waiting_seconds",
        "gauge",
        "Age of the oldest event that waits; 0 for none.",
        sink -> sink.oldestWaiting().map(age -> age.toMillis() / 1000.0).orElse(0.0));
    family("pop_submissions_total", "counter", "Attempts to deliver.");
    sinks.forEach(
        (name, sink) -> {
          TreeSet<String> verdicts = new TreeSet<>(VERDICTS);
          verdicts.addAll(sink.submissions().keySet());
          verdicts.forEach(
              verdict ->
                  sample(
                      "pop_submissions_total",
                      sink.submissions().getOrDefault(verdict, 0L),
                      "sink",
                      name,
                      "verdict",
                      verdict));
        });
    sinks("pop_spool_bytes", "gauge", "Room that waiting events take.", SinkStats::spoolBytes);
    sinks(
        "pop_sink_storing",
        "gauge",
        "Whether events can be stored.",
        sink -> sink.storing() ? 1 : 0);
    family(
        "pop_spools_unclaimed",
        "gauge",
        "How many spools on disk have no sink in the configuration.");
    sample("pop_spools_unclaimed", view.orphans().size());
    family("pop_spool_orphaned", "gauge", "Spools on disk without a sink in the configuration.");
    view.orphans().forEach(name -> sample("pop_spool_orphaned", 1, "sink", name));
  }

  private void sources(String name, String type, String help, ToDoubleFunction<SourceStats> value) {
    family(name, type, help);
    sources.forEach((source, stats) -> sample(name, value.applyAsDouble(stats), "source", source));
  }

  private void sinks(String name, String type, String help, ToDoubleFunction<SinkStats> value) {
    family(name, type, help);
    sinks.forEach((sink, stats) -> sample(name, value.applyAsDouble(stats), "sink", sink));
  }

  private void family(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private void sample(String name, double value, String... labels) {
    text.append(name);
    for (int i = 0; i < labels.length; i += 2) {
      text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
      text.append(escape(labels[i + 1])).append('"');
    }
    text.append(labels.length == 0 ? " " : "} ");
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      text.append((long) value);
    } else {
      text.append(value);
    }
    text.append('\n');
  }

  private static String escape(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
