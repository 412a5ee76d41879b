package io.proofofplay.core.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is wrong with a record of settings, so that all of it can be said at once.
 *
 * <p>Not thread-safe.
 */
public final class Problems {

  /**
   * One problem.
   *
   * @param key the setting, relative to the record, such as {@code tls.caFile}; empty for the
   *     record as a whole
   * @param message what is wrong and what would be right, without the key
   */
  public record Problem(String key, String message) {}

  private final List<Problem> found = new ArrayList<>();

  /** None yet. */
  public Problems() {}

  /**
   * Adds one.
   *
   * @param key the setting, relative to the record
   * @param message what is wrong and what would be right
   */
  public void add(String key, String message) {
    found.add(new Problem(key, message));
  }

  /**
   * What was found, in order.
   *
   * @return the problems
   */
  public List<Problem> found() {
    return List.copyOf(found);
  }
}
