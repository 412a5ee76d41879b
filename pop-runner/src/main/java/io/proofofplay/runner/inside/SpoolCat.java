package io.proofofplay.runner.inside;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.SpoolFile;
import io.proofofplay.spool.file.SpoolFileContent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pop spool cat}: the events that wait. */
@Command(
    name = "cat",
    description = {
      "Prints the events that wait, oldest first, each as the player sent it, one a line.",
      "With --json each line is an object that says where the event is, with the event as a text."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class SpoolCat implements Callable<Integer> {

  @Mixin private Selection selection;

  @Option(
      names = "--all",
      description = "Print those too that are done with and still in a file with others.")
  private boolean all;

  private final OutputStream stream;
  private final Terminal progress;
  private final TimeSource time;

  /** The command as the program has it. */
  SpoolCat() {
    this(System.out, Terminal.standardError(), TimeSource.system());
  }

  SpoolCat(OutputStream stream, Terminal progress, TimeSource time) {
    this.stream = stream;
    this.progress = progress;
    this.time = time;
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    OutputStream out = new BufferedOutputStream(stream, 1 << 16);
    for (String sink : chosen.sinks()) {
      List<SpoolFile> files = chosen.view().files(sink);
      try (Progress bar = new Progress(progress, time, sink + ": file", files.size())) {
        int read = 0;
        for (SpoolFile file : files) {
          bar.at(read++, "");
          Optional<SpoolFileContent> content = chosen.view().read(sink, file);
          if (content.isPresent()) {
            print(out, sink, content.get());
          }
        }
      }
    }
    out.flush();
    return ExitCode.DONE;
  }

  private void print(OutputStream out, String sink, SpoolFileContent content) throws IOException {
    if (all) {
      for (PopEvent event : content.done()) {
        print(out, sink, content, "done", event);
      }
    }
    for (PopEvent event : content.waiting()) {
      print(out, sink, content, "waiting", event);
    }
  }

  private void print(
      OutputStream out, String sink, SpoolFileContent content, String state, PopEvent event)
      throws IOException {
    if (selection.isJson()) {
      String line =
          JsonObject.of(
              json -> {
                json.writeStringField("sink", sink);
                json.writeStringField("file", content.file().name());
                json.writeStringField("state", state);
                json.writeStringField("batch", state.equals("done") ? "" : content.batch());
                json.writeStringField("uuid", event.uuid());
                json.writeStringField("event", event.json());
              });
      out.write(line.getBytes(StandardCharsets.UTF_8));
    } else {
      out.write(event.array(), event.offset(), event.length());
    }
    out.write('\n');
  }
}
