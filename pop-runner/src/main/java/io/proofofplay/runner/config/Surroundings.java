package io.proofofplay.runner.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a configuration may refer to beside itself.
 *
 * @param directory the working directory; relative paths begin there
 * @param environment the environment's variables
 */
public record Surroundings(Path directory, Map<String, String> environment) {

  /** Copies the variables. */
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /**
   * The surroundings of this process.
   *
   * @return the working directory, as the empty path so that messages show paths as they were
   *     written, and the environment
   */
  public static Surroundings ofProcess() {
    return new Surroundings(Path.of(""), System.getenv());
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
    return "Surroundings[directory=" + directory + ", environment=" + environment.keySet() + "]";
  }
}
