package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.DeadLetterRequest.Action;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pop dead discard}. */
@Command(
    name = "discard",
    description = {
      "Writes dead letters off",
      "Through the relay if one runs; else it is done at once, and no relay can start meanwhile.",
      "Ends with 0 if it is done for all that were meant, 1 if not or if a line could not be read,"
          + " 75 if the spool is owned by a process that does not do it."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadDiscard implements Callable<Integer> {

  @Mixin private Selection selection;
  @Mixin private LetterChoice choice;

  private final Terminal terminal;
  private final Terminal remarks;
  private final TimeSource time;
  private final Person person;

  /** The command as the program has it. */
  DeadDiscard() {
    this(
        Terminal.standardOutput(),
        Terminal.standardError(),
        TimeSource.system(),
        Person.atTheConsole());
  }

  DeadDiscard(Terminal terminal, Terminal remarks, TimeSource time, Person person) {
    this.terminal = terminal;
    this.remarks = remarks;
    this.time = time;
    this.person = person;
  }

  @Override
  public Integer call() throws Exception {
    return new DeadDecision(Action.DISCARD, selection, choice, terminal, remarks, time, person)
        .carryOut();
  }
}
