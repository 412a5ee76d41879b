package io.proofofplay.runner.inside;

import io.proofofplay.runner.cli.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pop dead}: the events that a destination will not take. */
@Command(
    name = "dead",
    description = {
      "Looks at the dead letters, has them tried again or writes them off, whether or not a relay"
          + " runs.",
      "An event that is tried again keeps its uuid. One that is discarded stays to be read in the"
          + " folder dead, in discarded.ndjson."
    },
    synopsisSubcommandLabel = "ls|cat|retry|discard",
    subcommands = {DeadList.class, DeadCat.class, DeadRetry.class, DeadDiscard.class},
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "pop dead ls [--config FILE] [--json] [--uuid UUID]... [--before TIME] [SINK]",
      "pop dead cat [--config FILE] [--json] [--uuid UUID]... [--before TIME] [SINK]",
      "pop dead retry [--config FILE] [--json] (--uuid UUID... | --before TIME | --all) [SINK]",
      "pop dead discard [--config FILE] [--json] (--uuid UUID... | --before TIME | --all) [SINK]"
    })
public final class DeadCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  /** Made by the command line. */
  public DeadCommand() {}

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "what to do is missing; write ls, cat, retry or discard");
  }
}
