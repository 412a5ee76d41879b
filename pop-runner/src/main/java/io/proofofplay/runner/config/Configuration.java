package io.proofofplay.runner.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;

/**
 * A configuration that was found, read and checked.
 *
 * <p>Not thread-safe.
 */
public final class Configuration {

  /** What a configuration must say at least, for people who have none. */
  static final String SMALLEST =
      """
      sources:
        player:
          type: infobeamer
      sinks:
        backend:
          type: http
          url: https://example.org/pop
      """;

  private static final String BY_NAME = "pop.yaml";

  private final Path file;
  private final RelayConfig relay;
  private final Node.Fields root;
  private final Findings findings;

  /** The options of a package as they were read; empty if it is no package's. */
  private final Optional<FileStamp> options;

  private Configuration(
      Path file,
      Optional<FileStamp> options,
      RelayConfig relay,
      Node.Fields root,
      Findings findings) {
    this.file = file;
    this.options = options;
    this.relay = relay;
    this.root = root;
    this.findings = findings;
  }

  /**
   * Finds, reads and checks the configuration: the named file, else {@code pop.yaml} in the working
   * directory, else the options of an info-beamer package, else that of the installation.
   *
   * @param named the file that the command line names
   * @param surroundings the working directory and the environment
   * @param adapters the types to choose from
   * @return the configuration
   * @throws ConfigurationException if there is none, or with everything that is wrong with it
   */
  public static Configuration load(
      Optional<Path> named, Surroundings surroundings, Adapters adapters)
      throws ConfigurationException {
    Found found = find(named, surroundings);
    Findings findings = new Findings(found.file().toString());
    // Before the reading, so that what replaces the file meanwhile is seen.
    Optional<FileStamp> stamp = found.options() ? FileStamp.of(found.file()) : Optional.empty();
    Node.Fields tree = found.read(findings);
    Node.Fields root = found.options() ? PackageMode.configuration(tree, findings) : tree;
    RelayConfig relay = new RelayBinder(findings, surroundings, adapters).bind(root);
    return new Configuration(found.file(), stamp, relay, root, findings.afresh());
  }

  /**
   * Finds the same configuration, and reads of it what somebody needs who only looks at what the
   * relay keeps. What is wrong with the rest does not matter then.
   *
   * @param named the file that the command line names
   * @param surroundings the working directory and the environment
   * @return where the relay keeps it, and for whom
   * @throws ConfigurationException if there is none, or if that is wrong
   */
  public static RelayOutline outline(Optional<Path> named, Surroundings surroundings)
      throws ConfigurationException {
    Found found = find(named, surroundings);
    Findings findings = new Findings(found.file().toString());
    Node.Fields tree = found.read(findings);
    Node.Fields root = found.options() ? PackageMode.configuration(tree, findings.afresh()) : tree;
    return new RelayBinder(findings, surroundings, new Adapters(Map.of(), Map.of())).outline(root);
  }

  /**
   * Where a configuration is.
   *
   * @param options whether it is a package's options
   */
  private record Found(Path file, boolean options) {

    Node.Fields read(Findings findings) throws ConfigurationException {
      DocumentReader reader =
          options
              ? DocumentReader.ofEntries(findings, PackageMode.OPTIONS)
              : DocumentReader.ofConfiguration(findings);
      Optional<Node.Fields> tree = reader.read(file);
      if (tree.isEmpty()) {
        findings.orElseThrow();
      }
      return tree.orElseThrow();
    }
  }

  private static Found find(Optional<Path> named, Surroundings surroundings)
      throws ConfigurationException {
    Optional<Path> file =
        named
            .map(surroundings.directory()::resolve)
            .or(() -> Optional.of(surroundings.directory().resolve(BY_NAME)).filter(Files::exists));
    if (file.isPresent()) {
      return new Found(file.get(), false);
    }
    Optional<Path> options = PackageMode.file(surroundings);
    if (options.isPresent()) {
      return new Found(options.get(), true);
    }
    Optional<Path> installed = surroundings.installed().filter(Configuration::mayBeThere);
    if (installed.isPresent()) {
      return new Found(installed.get(), false);
    }
    throw new ConfigurationException(
        "no configuration: there is no "
            + BY_NAME
            + " here"
            + surroundings.installed().map(place -> ", no " + place).orElse("")
            + ", and this is no info-beamer package (no config.json, or SCRATCH is not set)."
            + "\nName a file with --config FILE, or write a "
            + BY_NAME
            + ":\n\n"
            + SMALLEST);
  }

  /** What this user may not see is there for another, and the reading says so. */
  private static boolean mayBeThere(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isRegularFile();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Where it was read.
   *
   * @return the file
   */
  public Path file() {
    return file;
  }

  /**
   * Whether it was read from a package's options.
   *
   * @return whether this is package mode
   */
  public boolean isPackage() {
    return options.isPresent();
  }

  /**
   * Whether the package's options have been replaced since they were read. The player renames a new
   * file into the place of the old one; while there is none, nothing is new.
   *
   * @return whether there are new options; never for a file of the operator's own
   */
  public boolean isOutdated() {
    return options.isPresent()
        && FileStamp.of(file).map(now -> !now.equals(options.get())).orElse(false);
  }

  /**
   * What it says.
   *
   * @return the records
   */
  public RelayConfig relay() {
    return relay;
  }

  /**
   * This, read from the same file, with other records.
   *
   * @param other what it says then
   * @return the configuration
   */
  public Configuration with(RelayConfig other) {
    return new Configuration(file, options, other, root, findings);
  }

  /**
   * Words a problem that shows only when the configuration is used, like those that showed before.
   *
   * @param key the key from the root, such as {@code sinks.billing.tls}; need not be in the file
   * @param message what is wrong and what would be right; a secret in it is covered
   * @return the problem
   */
  public ConfigurationException problem(String key, String message) {
    Findings one = findings.afresh();
    one.addWorded(root, key, message);
    try {
      one.orElseThrow();
    } catch (ConfigurationException e) {
      return e;
    }
    throw new AssertionError(key);
  }
}
