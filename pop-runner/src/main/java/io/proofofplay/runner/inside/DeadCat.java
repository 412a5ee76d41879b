package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pop dead cat}: the events that are dead letters. */
@Command(
    name = "cat",
    description = {
      "Prints the events that are dead letters, oldest first, each as the player sent it, one a"
          + " line; on a terminal with every character that would steer it spelled as JSON escapes"
          + " it.",
      "With --json each line is an object that says why, with the event as a text.",
      "Ends with 0 if all could be read, 1 if a line could not."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadCat implements Callable<Integer> {

  @Mixin private Selection selection;
  @Mixin private LetterChoice choice;

  private final EventLines out;
  private final Terminal remarks;

  /** The command as the program has it. */
  DeadCat() {
    this(EventLines.standardOutput(), Terminal.standardError());
  }

  DeadCat(EventLines out, Terminal remarks) {
    this.out = out;
    this.remarks = remarks;
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    long unreadable = 0;
    try (out) {
      for (String sink : chosen.sinks()) {
        long ofSink = choice.each(chosen.view(), sink, letter -> print(sink, letter));
        if (ofSink > 0) {
          remarks.line(
              "pop dead cat: "
                  + sink
                  + ": "
                  + Counted.of(ofSink, "line")
                  + " of the dead letters cannot be read, and "
                  + (ofSink == 1 ? "is" : "are")
                  + " passed over");
        }
        unreadable += ofSink;
      }
    }
    return unreadable == 0 ? ExitCode.DONE : ExitCode.FOUND;
  }

  private void print(String sink, DeadLetter letter) {
    try {
      if (selection.isJson()) {
        out.line(json(sink, letter));
      } else {
        byte[] event = letter.event().bytes();
        out.event(event, 0, event.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String json(String sink, DeadLetter letter) throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("sink", sink);
          LetterJson.write(out, letter);
          out.writeStringField("event", letter.event().json());
        });
  }
}
