package io.proofofplay.runner.inside;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.SpoolFileContent;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pop spool cat}: the events that wait. */
@Command(
    name = "cat",
    description = {
      "Prints the events that wait, oldest first, each as the player sent it, one a line;"
          + " on a terminal with every character that would steer it spelled as JSON escapes it.",
      "With --json each line is an object that says where the event is, with the event as a text.",
      "Ends with 0 if all could be read, 1 if a file could not; pop spool verify says why."
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

  private final EventLines out;
  private final Terminal remarks;
  private final TimeSource time;

  /** The command as the program has it. */
  SpoolCat() {
    this(EventLines.standardOutput(), Terminal.standardError(), TimeSource.system());
  }

  SpoolCat(EventLines out, Terminal remarks, TimeSource time) {
    this.out = out;
    this.remarks = remarks;
    this.time = time;
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    Contents contents = new Contents(chosen.view(), remarks, time);
    try (out) {
      for (String sink : chosen.sinks()) {
        contents.of(sink, (file, content) -> print(sink, content));
      }
    }
    return contents.isComplete() ? ExitCode.DONE : ExitCode.FOUND;
  }

  private void print(String sink, SpoolFileContent content) throws IOException {
    if (all) {
      for (PopEvent event : content.done()) {
        print(sink, content, "done", event);
      }
    }
    for (PopEvent event : content.waiting()) {
      print(sink, content, "waiting", event);
    }
  }

  private void print(String sink, SpoolFileContent content, String state, PopEvent event)
      throws IOException {
    if (!selection.isJson()) {
      out.event(event.array(), event.offset(), event.length());
      return;
    }
    out.line(
        JsonObject.of(
            json -> {
              json.writeStringField("sink", sink);
              json.writeStringField("file", content.file().name());
              json.writeStringField("state", state);
              json.writeStringField("batch", state.equals("done") ? "" : content.batch());
              json.writeStringField("uuid", event.uuid());
              json.writeStringField("event", event.json());
            }));
  }
}
