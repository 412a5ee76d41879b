package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
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
    Map<String, LetterChoice.Found> sinks = new LinkedHashMap<>();
    for (String sink : chosen.sinks()) {
      sinks.put(sink, choice.in(chosen.view(), sink));
    }
    if (selection.isJson()) {
      terminal.line(json(chosen, sinks));
    } else {
      sinks.forEach(this::print);
    }
    return ExitCode.DONE;
  }

  private void print(String sink, LetterChoice.Found found) {
    terminal.line(
        terminal.heading(sink)
            + ": "
            + Counted.of(found.letters().size(), "dead letter")
            + (found.unreadable() == 0
                ? ""
                : ", " + Counted.of(found.unreadable(), "line") + " that cannot be read"));
    for (DeadLetter letter : found.letters()) {
      terminal.line(
          "  "
              + String.join(
                  "  ",
                  letter.time().toString(),
                  letter.reason().status() == 0 ? "---" : "" + letter.reason().status(),
                  letter.event().uuid(),
                  letter.batch().toString(),
                  letter.reason().text()));
    }
  }

  private static String json(Selection.Chosen chosen, Map<String, LetterChoice.Found> sinks)
      throws IOException {
    return JsonObject.of(
        out -> {
          out.writeStringField("directory", chosen.directory().toString());
          out.writeArrayFieldStart("sinks");
          for (Map.Entry<String, LetterChoice.Found> sink : sinks.entrySet()) {
            out.writeStartObject();
            out.writeStringField("sink", sink.getKey());
            out.writeNumberField("unreadable", sink.getValue().unreadable());
            out.writeArrayFieldStart("letters");
            for (DeadLetter letter : sink.getValue().letters()) {
              out.writeStartObject();
              out.writeStringField("time", letter.time().toString());
              out.writeStringField("uuid", letter.event().uuid());
              out.writeStringField("batch", letter.batch().toString());
              out.writeNumberField("status", letter.reason().status());
              out.writeStringField("reason", letter.reason().text());
              out.writeStringField("answer", letter.reason().answer());
              out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }
}
