package io.proofofplay.runner.inside;

import com.fasterxml.jackson.core.JsonGenerator;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ConfigOption;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.history.ConnectionChange;
import io.proofofplay.runner.history.HistoryView;
import io.proofofplay.runner.history.Hole;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pop where}: what became of one event. */
@Command(
    name = "where",
    description = {
      "Says where an event is: waiting, delivered, dead, discarded, rejected, given up, or never"
          + " seen; and whether the players were connected at its time.",
      "Ends with 0 if something is known of it for sure, else with 1. What was delivered is"
          + " remembered as long as the setting history says."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class WhereCommand implements Callable<Integer> {

  @Mixin private ConfigOption config;

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description =
          "When it should have been played, such as 2026-03-01T12:00:00Z, if its own time is not"
              + " known; without it now.")
  private Instant at;

  @Parameters(paramLabel = "UUID", description = "The event's uuid.")
  private String uuid;

  @Spec private CommandSpec command;

  private final Terminal terminal;
  private final Terminal progress;
  private final TimeSource time;

  /** The command as the program has it. */
  public WhereCommand() {
    this(Terminal.standardOutput(), Terminal.standardError(), TimeSource.system());
  }

  WhereCommand(Terminal terminal, Terminal progress, TimeSource time) {
    this.terminal = terminal;
    this.progress = progress;
    this.time = time;
  }

  @Override
  public Integer call() throws Exception {
    if (uuid.isBlank()) {
      throw new ParameterException(
          command.commandLine(), "the UUID is empty; write that of one event");
    }
    Selection.Chosen chosen = Selection.all(config);
    HistoryView history = new HistoryView(chosen.directory(), new HistoryProgress(progress, time));
    Search search = new Search(chosen, history, uuid, progress, time);
    List<Trace> traces = search.run();
    boolean seen = traces.stream().anyMatch(trace -> trace.is() != Trace.Is.PERHAPS_DROPPED);
    Optional<String> missing = search.missing();
    Instant moment = at != null ? at : Window.moment(search.ts()).orElseGet(time::now);
    // Of its own, as no event stands in what is damaged of it.
    HistoryView connections = new HistoryView(chosen.directory());
    List<Surrounding> sources = Surrounding.at(moment, connections);
    List<String> unknown = unknown(moment, connections);
    if (json) {
      terminal.line(json(seen, missing, traces, moment, sources, unknown.isEmpty()));
    } else {
      print(seen, missing, traces, moment, sources);
      unknown.forEach(words -> terminal.line("  " + words));
    }
    if (seen) {
      missing.ifPresent(
          words -> progress.line("pop where: " + words + "; there may be more of it"));
    }
    return seen ? ExitCode.DONE : ExitCode.FOUND;
  }

  /** Why the sources may have been other than they are said to have been, each in words. */
  private static List<String> unknown(Instant moment, HistoryView connections) {
    List<String> unknown = new ArrayList<>();
    for (Hole hole : connections.connectionHoles()) {
      if (!moment.isBefore(hole.from()) && !moment.isAfter(hole.to())) {
        unknown.add(
            "what came and went from "
                + hole.from()
                + " to "
                + hole.to()
                + " could not be written down");
      }
    }
    if (!connections.damaged().isEmpty()) {
      unknown.add(
          "parts of "
              + String.join(", ", connections.damaged())
              + " could not be read; what came and went by them is not known");
    }
    return unknown;
  }

  private void print(
      boolean seen,
      Optional<String> missing,
      List<Trace> traces,
      Instant moment,
      List<Surrounding> sources) {
    for (Trace trace : traces) {
      String where = trace.sink().isEmpty() ? "" : "sink " + trace.sink() + ": ";
      terminal.line(terminal.heading(word(trace.is())) + "  " + where + trace.words());
    }
    if (!seen && missing.isPresent()) {
      terminal.line(terminal.heading("not found") + "; " + missing.get());
    } else if (traces.isEmpty()) {
      terminal.line(terminal.heading("never seen") + "  by this relay, as far as it remembers");
    } else if (!seen) {
      terminal.line("or else never seen by this relay, as far as it remembers");
    }
    terminal.line("at " + moment + ":");
    sources.forEach(source -> terminal.line("  " + source));
    if (sources.isEmpty()) {
      terminal.line("  nothing is remembered of any source");
    }
  }

  private static String word(Trace.Is is) {
    return is.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private String json(
      boolean seen,
      Optional<String> missing,
      List<Trace> traces,
      Instant moment,
      List<Surrounding> sources,
      boolean sourcesComplete)
      throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("uuid", uuid);
          out.writeBooleanField("seen", seen);
          out.writeBooleanField("complete", missing.isEmpty());
          out.writeArrayFieldStart("traces");
          for (Trace trace : traces) {
            out.writeStartObject();
            out.writeStringField("is", word(trace.is()).replace(' ', '-'));
            out.writeStringField("sink", trace.sink());
            for (Map.Entry<String, Object> detail : trace.details().entrySet()) {
              write(out, detail.getKey(), detail.getValue());
            }
            out.writeEndObject();
          }
          out.writeEndArray();
          out.writeStringField("at", moment.toString());
          out.writeBooleanField("sourcesComplete", sourcesComplete);
          out.writeArrayFieldStart("sources");
          for (Surrounding source : sources) {
            out.writeStartObject();
            out.writeStringField("source", source.source());
            out.writeBooleanField("connected", source.isConnected());
            write(out, "since", source.before());
            write(out, "until", source.after());
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }

  private static void write(JsonGenerator out, String name, Object value) throws IOException {
    if (value instanceof Number number) {
      out.writeNumberField(name, number.longValue());
    } else {
      out.writeStringField(name, value.toString());
    }
  }

  private static void write(JsonGenerator out, String name, Optional<ConnectionChange> change)
      throws IOException {
    out.writeStringField(name, change.map(one -> one.time().toString()).orElse(""));
  }
}
