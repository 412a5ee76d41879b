package io.proofofplay.runner.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a configuration may refer to beside itself.
 *
 * @param directory the working directory; relative paths begin there
 * @param environment the environment's variables
 * @param installed where an installation keeps its configuration; empty if that is not looked at
 */
public record Surroundings(
    Path directory, Map<String, String> environment, Optional<Path> installed) {

  /** Copies the variables. */
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /**
   * Surroundings without an installation.
   *
   * @param directory the working directory; relative paths begin there
   * @param environment the environment's variables
   */
  public Surroundings(Path directory, Map<String, String> environment) {
    this(directory, environment, Optional.empty());
  }

  /**
   * The surroundings of this process.
   *
   * @return the working directory, as the empty path so that messages show paths as they were
   *     written, the environment, and the installation that the launcher tells of
   */
  public static Surroundings ofProcess() {
    return new Surroundings(
        Path.of(""),
        System.getenv(),
        Optional.ofNullable(System.getProperty("pop.config")).map(Path::of));
  }

  /**
   * The directory that info-beamer gives a package for what it must keep.
   *
   * @return the value of {@code SCRATCH}; empty if it is not set
   */
  Optional<Path> scratch() {
    return Optional.ofNullable(environment.get("SCRATCH"))
        .filter(place -> !place.isBlank())
        .map(directory::resolve);
  }

  // Only names are shown: a variable may hold a secret.
  @Override
  public String toString() {
    return "Surroundings[directory="
        + directory
        + ", environment="
        + environment.keySet()
        + ", installed="
        + installed
        + "]";
  }
}
