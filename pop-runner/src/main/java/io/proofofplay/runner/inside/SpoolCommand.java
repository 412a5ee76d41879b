package io.proofofplay.runner.inside;

import io.proofofplay.runner.cli.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pop spool}: what waits. */
@Command(
    name = "spool",
    description = {
      "Looks at the events that wait, whether or not a relay runs.",
      "Reading never disturbs the relay: it takes no lock and writes nothing."
    },
    synopsisSubcommandLabel = "ls|cat|verify",
    subcommands = {SpoolList.class, SpoolCat.class, SpoolVerify.class},
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "pop spool ls [--config FILE] [--json] [SINK]",
      "pop spool cat [--config FILE] [--json] [--all] [SINK]",
      "pop spool verify [--config FILE] [--json] [SINK]"
    })
public final class SpoolCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  /** Made by the command line. */
  public SpoolCommand() {}

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "what to do is missing; write ls, cat or verify");
  }
}
