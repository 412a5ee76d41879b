package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
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
      "With --json each line is an object that says why, with the event as a text."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadCat implements Callable<Integer> {

  @Mixin private Selection selection;
  @Mixin private LetterChoice choice;

  private final EventLines out;

  /** The command as the program has it. */
  DeadCat() {
    this(EventLines.standardOutput());
  }

  DeadCat(EventLines out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    try (out) {
      for (String sink : chosen.sinks()) {
        long unused = choice.each(chosen.view(), sink, letter -> print(sink, letter));
      }
    }
    return ExitCode.DONE;
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
