package io.proofofplay.runner;

import io.proofofplay.runner.cli.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code pop}: the root of the command line. */
@Command(
    name = "pop",
    description = "The proof-of-play relay: takes every play from a player to the backends.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "pop help COMMAND tells more. pop cds, which is the launcher's own and takes no arguments,"
          + " makes pop run start sooner from then on."
    })
final class Pop implements Runnable {

  @Spec private CommandSpec spec;

  // Only declared here: the log is set up before the command line is looked at.
  @SuppressWarnings("UnusedVariable")
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "shows where a failure occurred, as POP_DEBUG=1 does")
  private boolean debug;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
