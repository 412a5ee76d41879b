package io.proofofplay.runner.ops;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.DropReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Writes a view as the text of {@code /metrics}, in the <a
 * href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus text format</a>,
 * version 0.0.4. A series is there from the start, with 0 until something happens.
 */
final class Metrics {

  /** The media type of what {@link #of} answers. */
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final List<String> VERDICTS =
      List.of("delivered", "later", "held", "too-large", "rejected");

  private static final String TOTAL = "_total";

  private final List<Supplier<MetricSnapshot>> families = new ArrayList<>();
  private final View view;
  private final Map<String, SourceStats> sources;
  private final Map<String, SinkStats> sinks;

  private Metrics(View view) {
    this.view = view;
    sources = view.stats().sources();
    sinks = view.stats().sinks();
  }

  static String of(View view) {
    Metrics metrics = new Metrics(view);
    metrics.program();
    metrics.events();
    metrics.books();
    metrics.delivery();
    metrics.storage();
    ByteArrayOutputStream text = new ByteArrayOutputStream(8 * 1024);
    try {
      PrometheusTextFormatWriter.create().write(text, metrics.snapshots());
    } catch (IOException e) {
      throw new IllegalStateException("an array takes everything", e);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  private MetricSnapshots snapshots() {
    return new MetricSnapshots(families.stream().map(Supplier::get).toList());
  }

  private void program() {
    families.add(
        InfoSnapshot.builder()
                .name("pop")
                .help("The program.")
                .dataPoint(
                    InfoDataPointSnapshot.builder()
                        .labels(Labels.of("version", view.version()))
                        .build())
            ::build);
    new Gauge("pop_uptime_seconds", "How long the process has been there.")
        .add(view.uptime().toMillis() / 1000.0);
    Gauge resident = new Gauge("pop_process_resident_memory_bytes", "Memory that the process has.");
    Resident.bytes().ifPresent(bytes -> resident.add((double) bytes));
    new Counter("pop_listener_failures_total", "How often a part that only looks on threw.")
        .add((double) view.stats().listenerFailures());
    new Counter(
            "pop_history_failures_total",
            "How often what was delivered, or a connection, could not be remembered.")
        .add((double) view.historyFailures());
  }

  private void events() {
    sources(
        new Counter("pop_events_accepted_total", "Events for which the relay answers."),
        SourceStats::accepted);
    sources(
        new Counter("pop_events_implausible_total", "Accepted events whose time cannot be right."),
        SourceStats::implausible);
    Counter rejected =
        new Counter("pop_events_rejected_total", "Lines of a player that were no events.");
    sources.forEach(
        (name, source) ->
            Arrays.stream(Refusal.values())
                .forEach(
                    reason ->
                        rejected.add(
                            source.refused().getOrDefault(reason, 0L),
                            "source",
                            name,
                            "reason",
                            reason.code())));
    sources(
        new Counter("pop_events_repeated_total", "Events that had come before and were left out."),
        SourceStats::repeated);
    sources(
        new Counter(
            "pop_uuids_reused_total", "Events accepted under a uuid that other events had before."),
        SourceStats::reusedIds);
    sources(
        new Gauge("pop_source_connected", "Whether the player is there."),
        source -> source.connected() ? 1 : 0);
    sources(
        new Counter("pop_source_connections_total", "How often the player came."),
        SourceStats::connections);
  }

  private void books() {
    sinks(
        new Counter("pop_events_recovered_total", "Events that an earlier run had left."),
        SinkStats::recovered);
    sinks(
        new Counter("pop_events_taken_total", "Events that the sink took for good."),
        SinkStats::accepted);
    sinks(
        new Counter("pop_events_delivered_total", "Events that the destination has confirmed."),
        SinkStats::delivered);
    sinks(
        new Gauge("pop_events_waiting", "Events that wait, those on their way included."),
        SinkStats::waiting);
    sinks(
        new Counter("pop_events_dead_total", "Events that became dead letters."), SinkStats::dead);
    Counter dropped = new Counter("pop_events_dropped_total", "Events that were given up.");
    sinks.forEach(
        (name, sink) ->
            Arrays.stream(DropReason.values())
                .forEach(
                    reason ->
                        dropped.add(
                            sink.dropped().getOrDefault(reason, 0L),
                            "sink",
                            name,
                            "reason",
                            reason.code())));
    sinks(
        new Gauge("pop_events_imbalance", "What the books are off by; anything but 0 is a fault."),
        SinkStats::imbalance);
  }

  private void delivery() {
    sinks(
        new Gauge("pop_oldest_waiting_seconds", "Age of the oldest event that waits; 0 for none."),
        sink -> sink.oldestWaiting().map(age -> age.toMillis() / 1000.0).orElse(0.0));
    Counter submissions = new Counter("pop_submissions_total", "Attempts to deliver.");
    sinks.forEach(
        (name, sink) -> {
          TreeSet<String> verdicts = new TreeSet<>(VERDICTS);
          verdicts.addAll(sink.submissions().keySet());
          verdicts.forEach(
              verdict ->
                  submissions.add(
                      sink.submissions().getOrDefault(verdict, 0L),
                      "sink",
                      name,
                      "verdict",
                      verdict));
        });
    sinks(
        new Counter("pop_sink_exceptions_total", "How often the sink's code threw."),
        SinkStats::bugs);
  }

  private void storage() {
    sinks(new Gauge("pop_spool_bytes", "Room that waiting events take."), SinkStats::spoolBytes);
    Gauge limit = new Gauge("pop_spool_limit_bytes", "Room that waiting events may take.");
    view.limits().forEach((name, bytes) -> limit.add((double) bytes, "sink", name));
    sinks(
        new Gauge("pop_sink_storing", "Whether events can be stored."),
        sink -> sink.storing() ? 1 : 0);
    sinks(
        new Counter("pop_spool_unreadable_at_start_total", "Lines that a start could not read."),
        SinkStats::damagedAtStart);
    sinks(
        new Gauge("pop_dead_letters", "Dead letters that are kept until somebody decides."),
        SinkStats::deadLetters);
    sinks(
        new Counter(
            "pop_dead_letters_discarded_total", "Dead letters that were given up for newer ones."),
        SinkStats::discardedDeadLetters);
    sinks(
        new Counter(
            "pop_drop_entries_discarded_total",
            "Entries of the drop ledger that were given up for newer ones."),
        SinkStats::discardedDrops);
    new Counter(
            "pop_refused_lines_discarded_total", "Refused lines that were given up for newer ones.")
        .add((double) view.stats().discardedRefusedLines());
    new Gauge("pop_spools_unclaimed", "How many spools on disk have no sink in the configuration.")
        .add(view.orphans().size());
    Gauge orphaned =
        new Gauge("pop_spool_orphaned", "Spools on disk without a sink in the configuration.");
    view.orphans().forEach(name -> orphaned.add(1, "sink", name));
  }

  private void sources(Family family, ToDoubleFunction<SourceStats> value) {
    sources.forEach((name, source) -> family.add(value.applyAsDouble(source), "source", name));
  }

  private void sinks(Family family, ToDoubleFunction<SinkStats> value) {
    sinks.forEach((name, sink) -> family.add(value.applyAsDouble(sink), "sink", name));
  }

  /** The samples of one name. */
  private interface Family {
    /** Adds a sample; the labels are names and values in turn. */
    void add(double value, String... labels);
  }

  private final class Counter implements Family {
    private final CounterSnapshot.Builder samples;

    Counter(String name, String help) {
      // The library adds the ending by itself.
      samples =
          CounterSnapshot.builder()
              .name(name.substring(0, name.length() - TOTAL.length()))
              .help(help);
      families.add(samples::build);
    }

    @Override
    public void add(double value, String... labels) {
      samples.dataPoint(
          CounterDataPointSnapshot.builder().value(value).labels(Labels.of(labels)).build());
    }
  }

  private final class Gauge implements Family {
    private final GaugeSnapshot.Builder samples;

    Gauge(String name, String help) {
      samples = GaugeSnapshot.builder().name(name).help(help);
      families.add(samples::build);
    }

    @Override
    public void add(double value, String... labels) {
      samples.dataPoint(
          GaugeDataPointSnapshot.builder().value(value).labels(Labels.of(labels)).build());
    }
  }
}
