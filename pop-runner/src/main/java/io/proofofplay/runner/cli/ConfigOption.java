package io.proofofplay.runner.cli;

import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.RelayOutline;
import io.proofofplay.runner.config.Surroundings;
import io.proofofplay.runner.plugin.Plugins;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option {@code --config}, for every command that needs the configuration. */
public final class ConfigOption {

  /**
   * A configuration and the providers it chooses from.
   *
   * @param configuration what the file says
   * @param adapters makes what it asks for
   */
  public record Loaded(Configuration configuration, Adapters adapters) {}

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "the configuration, YAML or JSON; without it ./pop.yaml, else an info-beamer package's"
              + " options, else, save for run, that of an installation")
  private Path file;

  /** Filled by the command line. */
  public ConfigOption() {}

  /**
   * Finds the plugins, and finds, reads and checks the configuration.
   *
   * @return both
   * @throws ConfigurationException if either does not work
   */
  public Loaded load() throws ConfigurationException {
    Adapters adapters = Plugins.load(Path.of(System.getProperty("pop.home", "")));
    return new Loaded(again(adapters), adapters);
  }

  /**
   * Finds the configuration, and reads of it what is needed to look at what a relay keeps: without
   * plugins, and without what only the relay may read.
   *
   * @return where it is, and for whom
   * @throws ConfigurationException if it does not work
   */
  public RelayOutline outline() throws ConfigurationException {
    return Configuration.outline(Optional.ofNullable(file), Surroundings.ofProcess());
  }

  /**
   * Finds, reads and checks the configuration as it is now.
   *
   * @param adapters what it may choose from
   * @return the configuration
   * @throws ConfigurationException if it does not work
   */
  public Configuration again(Adapters adapters) throws ConfigurationException {
    return Configuration.load(Optional.ofNullable(file), Surroundings.ofProcess(), adapters);
  }
}
