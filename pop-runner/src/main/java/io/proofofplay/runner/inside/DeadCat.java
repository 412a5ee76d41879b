package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pop dead cat}: the events that are dead letters. */
@Command(
    name = "cat",
    description = {
      "Prints the events that are dead letters, oldest first, each as the player sent it, one a"
          + " line.",
      "With --json each line is an object that says why, with the event as a text."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadCat implements Callable<Integer> {

  @Mixin private Selection selection;
  @Mixin private LetterChoice choice;

  private final OutputStream stream;

  /** The command as the program has it. */
  DeadCat() {
    this(System.out);
  }

  DeadCat(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    OutputStream out = new BufferedOutputStream(stream, 1 << 16);
    for (String sink : chosen.sinks()) {
      long unused = choice.each(chosen.view(), sink, letter -> print(out, sink, letter));
    }
    out.flush();
    return ExitCode.DONE;
  }

  private void print(OutputStream out, String sink, DeadLetter letter) {
    try {
      out.write(selection.isJson() ? json(sink, letter) : letter.event().bytes());
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] json(String sink, DeadLetter letter) throws IOException {
    return JsonObject.of(
            out -> {
              out.writeStringField("sink", sink);
              LetterJson.write(out, letter);
              out.writeStringField("event", letter.event().json());
            })
        .getBytes(StandardCharsets.UTF_8);
  }
}
