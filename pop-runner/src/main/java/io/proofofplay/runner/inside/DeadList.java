package io.proofofplay.runner.inside;

import com.fasterxml.jackson.core.JsonGenerator;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pop dead ls}: which events are dead letters, and why. */
@Command(
    name = "ls",
    description = "Lists the dead letters: when, the destination's code, uuid, batch, why.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadList implements Callable<Integer> {

  @Mixin private Selection selection;
  @Mixin private LetterChoice choice;

  private final Terminal terminal;

  /** The command as the program has it. */
  DeadList() {
    this(Terminal.standardOutput());
  }

  DeadList(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    Selection.Chosen chosen = selection.choose();
    if (selection.isJson()) {
      terminal.line(json(chosen));
    } else {
      for (String sink : chosen.sinks()) {
        print(chosen, sink);
      }
    }
    return ExitCode.DONE;
  }

  private void print(Selection.Chosen chosen, String sink) throws IOException {
    AtomicLong count = new AtomicLong();
    long unreadable = choice.each(chosen.view(), sink, letter -> count.incrementAndGet());
    terminal.line(
        terminal.heading(sink)
            + ": "
            + Counted.of(count.get(), "dead letter")
            + (unreadable == 0
                ? ""
                : ", " + Counted.of(unreadable, "line") + " that cannot be read"));
    long unused = choice.each(chosen.view(), sink, letter -> terminal.line(line(letter)));
  }

  private static String line(DeadLetter letter) {
    return "  "
        + String.join(
            "  ",
            letter.time().toString(),
            letter.reason().status() == 0 ? "---" : "" + letter.reason().status(),
            letter.event().uuid(),
            letter.batch().toString(),
            letter.reason().text());
  }

  private String json(Selection.Chosen chosen) throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("directory", chosen.directory().toString());
          out.writeArrayFieldStart("sinks");
          for (String sink : chosen.sinks()) {
            out.writeStartObject();
            out.writeStringField("sink", sink);
            out.writeArrayFieldStart("letters");
            long unreadable = choice.each(chosen.view(), sink, letter -> write(out, letter));
            out.writeEndArray();
            out.writeNumberField("unreadable", unreadable);
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }

  private static void write(JsonGenerator out, DeadLetter letter) {
    try {
      out.writeStartObject();
      LetterJson.write(out, letter);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
