package io.proofofplay.runner.inside;

import io.proofofplay.runner.cli.ConfigOption;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.RelayOutline;
import io.proofofplay.spool.file.SpoolView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whose spool is meant: the options that all commands share which look inside. */
final class Selection {

  /**
   * What was chosen.
   *
   * @param relay what the configuration says of the relay
   * @param directory the spool's directory
   * @param view looks into it
   * @param sinks the names of the chosen sinks, sorted
   */
  record Chosen(RelayOutline relay, Path directory, SpoolView view, List<String> sinks) {

    /** Whether the configuration has a sink of this name, and not only the directory. */
    boolean isConfigured(String sink) {
      return relay.sinks().containsKey(sink);
    }
  }

  @Mixin private ConfigOption config;

  @Option(names = "--json", description = "Print JSON instead of lines for people.")
  private boolean json;

  @Parameters(arity = "0..1", paramLabel = "SINK", description = "One sink; without it all.")
  private String sink;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  boolean isJson() {
    return json;
  }

  /**
   * Reads the configuration and finds the sinks, those too that only the directory knows.
   *
   * @throws ConfigurationException if the configuration does not work
   * @throws IOException if the directory cannot be read
   * @throws ParameterException if there is no sink of the given name
   */
  Chosen choose() throws ConfigurationException, IOException {
    Chosen all = all(config);
    if (sink == null) {
      return all;
    }
    if (!all.sinks().contains(sink)) {
      throw wrong("there is no sink " + sink + "; there is " + String.join(", ", all.sinks()));
    }
    return new Chosen(all.relay(), all.directory(), all.view(), List.of(sink));
  }

  /**
   * All sinks of a configuration, and those that only its directory knows.
   *
   * @throws ConfigurationException if the configuration does not work
   * @throws IOException if the directory cannot be read
   */
  static Chosen all(ConfigOption config) throws ConfigurationException, IOException {
    RelayOutline relay = config.outline();
    Path directory = relay.spool().directory().toAbsolutePath().normalize();
    expectReadable(directory);
    SpoolView view = SpoolView.of(directory);
    Set<String> known = new TreeSet<>(relay.sinks().keySet());
    known.addAll(view.sinks());
    return new Chosen(relay, directory, view, new ArrayList<>(known));
  }

  /** What this user may not see would else look like a spool without events. */
  private static void expectReadable(Path directory) throws IOException {
    try {
      if (!Files.readAttributes(directory, BasicFileAttributes.class).isDirectory()) {
        throw new IOException(directory + " is no folder; spool.directory names another place");
      }
    } catch (NoSuchFileException e) {
      // Nothing was kept so far.
    }
  }

  /** What to throw if the command line is wrong. */
  ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
