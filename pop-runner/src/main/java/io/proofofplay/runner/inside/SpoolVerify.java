package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.SpoolDamage;
import io.proofofplay.spool.file.SpoolFile;
import io.proofofplay.spool.file.SpoolFileContent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pop spool verify}: whether all that waits is intact. */
@Command(
    name = "verify",
    description = {
      "Reads every event that waits and checks it, and names what is damaged by file and offset.",
      "Ends with 0 if nothing is damaged, 1 if something is."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class SpoolVerify implements Callable<Integer> {

  @Mixin private Selection selection;

  private final Terminal terminal;
  private final Terminal progress;
  private final TimeSource time;

  /** Damage of one sink's spool. */
  private record Found(String sink, SpoolDamage damage) {}

  private final List<Found> found = new ArrayList<>();
  private long files;
  private long events;
  private long bytes;

  /** The command as the program has it. */
  SpoolVerify() {
    this(Terminal.standardOutput(), Terminal.standardError(), TimeSource.system());
  }

  SpoolVerify(Terminal terminal, Terminal progress, TimeSource time) {
    this.terminal = terminal;
    this.progress = progress;
    this.time = time;
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    for (String sink : chosen.sinks()) {
      verify(chosen, sink);
    }
    if (selection.isJson()) {
      terminal.line(json(chosen));
    } else {
      String all =
          String.join(
              ", ",
              Counted.of(files, "file"),
              Counted.of(events, "intact event"),
              Figures.size(bytes));
      terminal.line(
          found.isEmpty()
              ? terminal.good("intact") + ": " + all
              : terminal.bad("damaged")
                  + ": "
                  + Counted.of(found.size(), "place")
                  + "; read "
                  + all);
    }
    return found.isEmpty() ? ExitCode.DONE : ExitCode.FOUND;
  }

  private void verify(Selection.Chosen chosen, String sink) throws IOException {
    List<SpoolFile> all = chosen.view().files(sink);
    long total = all.stream().mapToLong(SpoolFile::bytes).sum();
    long done = 0;
    try (Progress bar = new Progress(progress, time, sink + ": byte", total)) {
      for (SpoolFile file : all) {
        bar.at(done, file.name());
        done += file.bytes();
        try {
          chosen.view().read(sink, file).ifPresent(content -> count(sink, content));
        } catch (IOException e) {
          tell(
              sink,
              new SpoolDamage(file.name(), 0, file.bytes(), "cannot be read: " + e.getMessage()));
        }
      }
    }
  }

  private void count(String sink, SpoolFileContent content) {
    files++;
    events += content.done().size() + content.waiting().size();
    bytes += content.file().bytes();
    content.damages().forEach(damage -> tell(sink, damage));
  }

  private void tell(String sink, SpoolDamage damage) {
    found.add(new Found(sink, damage));
    if (!selection.isJson()) {
      terminal.line(
          sink
              + "/"
              + damage.file()
              + ": offset "
              + damage.offset()
              + ", "
              + Counted.of(damage.length(), "byte")
              + ": "
              + damage.what());
    }
  }

  private String json(Selection.Chosen chosen) throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("directory", chosen.directory().toString());
          out.writeBooleanField("ok", found.isEmpty());
          out.writeNumberField("files", files);
          out.writeNumberField("events", events);
          out.writeNumberField("bytes", bytes);
          out.writeArrayFieldStart("damaged");
          for (Found one : found) {
            out.writeStartObject();
            out.writeStringField("sink", one.sink());
            out.writeStringField("file", one.damage().file());
            out.writeNumberField("offset", one.damage().offset());
            out.writeNumberField("length", one.damage().length());
            out.writeStringField("what", one.damage().what());
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }
}
