package io.proofofplay.runner.inside;

import com.fasterxml.jackson.core.JsonGenerator;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.SpoolFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pop spool ls}: the files in which events wait. */
@Command(
    name = "ls",
    description =
        "Lists the spool's files: state, events, how many of them are done with, bytes, age, batch"
            + " id.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class SpoolList implements Callable<Integer> {

  @Mixin private Selection selection;

  private final Terminal terminal;
  private final TimeSource time;

  /** The command as the program has it. */
  SpoolList() {
    this(Terminal.standardOutput(), TimeSource.system());
  }

  SpoolList(Terminal terminal, TimeSource time) {
    this.terminal = terminal;
    this.time = time;
  }

  /** The sums over some files. */
  private record Sum(int files, long events, long done, long bytes) {

    static Sum of(List<SpoolFile> files) {
      return new Sum(
          files.size(),
          files.stream().mapToLong(SpoolFile::events).sum(),
          files.stream().mapToLong(SpoolFile::done).sum(),
          files.stream().mapToLong(SpoolFile::bytes).sum());
    }

    void write(JsonGenerator out) throws IOException {
      out.writeNumberField("events", events);
      out.writeNumberField("done", done);
      out.writeNumberField("waiting", events - done);
      out.writeNumberField("bytes", bytes);
    }

    @Override
    public String toString() {
      return String.join(
          ", ",
          Counted.of(files, "file"),
          Counted.of(events, "event"),
          done + " done with",
          events - done + " waiting",
          Figures.size(bytes));
    }
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    Map<String, List<SpoolFile>> files = new LinkedHashMap<>();
    for (String sink : chosen.sinks()) {
      files.put(sink, chosen.view().files(sink));
    }
    Instant now = time.now();
    if (selection.isJson()) {
      terminal.line(json(chosen, files, now));
    } else {
      print(chosen, files, now);
    }
    return ExitCode.DONE;
  }

  private void print(Selection.Chosen chosen, Map<String, List<SpoolFile>> sinks, Instant now) {
    terminal.line(chosen.directory().toString());
    sinks.forEach(
        (sink, files) -> {
          String note = chosen.isConfigured(sink) ? "" : " (not in the configuration)";
          terminal.line(terminal.heading(sink) + note + ": " + Sum.of(files));
          files.forEach(file -> terminal.line(line(file, now)));
        });
    if (sinks.size() > 1) {
      terminal.line("together: " + together(sinks));
    }
  }

  private static Sum together(Map<String, List<SpoolFile>> sinks) {
    return Sum.of(sinks.values().stream().flatMap(List::stream).toList());
  }

  private static String line(SpoolFile file, Instant now) {
    return String.format(
        Locale.ROOT,
        "  %-30s %-6s %7d %-6s %7d done %12s %9s  %s",
        file.name(),
        state(file),
        file.events(),
        file.events() == 1 ? "event" : "events",
        file.done(),
        Figures.size(file.bytes()),
        Figures.span(Duration.between(file.created(), now)),
        file.batch().isEmpty() ? "(its first line is damaged)" : file.batch());
  }

  private static String state(SpoolFile file) {
    return file.open() ? "open" : "sealed";
  }

  private static String json(
      Selection.Chosen chosen, Map<String, List<SpoolFile>> sinks, Instant now) throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("directory", chosen.directory().toString());
          out.writeArrayFieldStart("sinks");
          for (Map.Entry<String, List<SpoolFile>> sink : sinks.entrySet()) {
            out.writeStartObject();
            out.writeStringField("sink", sink.getKey());
            out.writeBooleanField("configured", chosen.isConfigured(sink.getKey()));
            Sum.of(sink.getValue()).write(out);
            out.writeArrayFieldStart("files");
            for (SpoolFile file : sink.getValue()) {
              write(out, file, now);
            }
            out.writeEndArray();
            out.writeEndObject();
          }
          out.writeEndArray();
          out.writeObjectFieldStart("total");
          together(sinks).write(out);
          out.writeEndObject();
        });
  }

  private static void write(JsonGenerator out, SpoolFile file, Instant now) throws IOException {
    out.writeStartObject();
    out.writeStringField("file", file.name());
    out.writeStringField("state", state(file));
    out.writeNumberField("events", file.events());
    out.writeNumberField("done", file.done());
    out.writeNumberField("bytes", file.bytes());
    out.writeStringField("created", file.created().toString());
    out.writeNumberField(
        "ageSeconds", Math.max(0, Duration.between(file.created(), now).toSeconds()));
    out.writeStringField("batch", file.batch());
    out.writeEndObject();
  }
}
