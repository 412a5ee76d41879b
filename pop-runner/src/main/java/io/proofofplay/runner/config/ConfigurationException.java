package io.proofofplay.runner.config;

import java.util.List;

/**
 * The configuration does not work. Every problem is a line for people that begins with the file,
 * the line and the key. Holds no secret.
 */
public final class ConfigurationException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /**
   * All that is wrong.
   *
   * @param problems at least one
   */
  public ConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /**
   * The one thing that is wrong.
   *
   * @param problem what it is
   */
  public ConfigurationException(String problem) {
    this(List.of(problem));
  }

  /**
   * What is wrong.
   *
   * @return the problems, in the order of the file
   */
  public List<String> problems() {
    return problems == null ? List.of(getMessage()) : problems;
  }
}
