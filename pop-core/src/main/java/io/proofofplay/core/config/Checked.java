package io.proofofplay.core.config;

/** A record of settings with rules that no single bound can express. */
public interface Checked {

  /**
   * Looks at the settings together, and at the files that they name.
   *
   * @param problems takes each problem
   */
  void check(Problems problems);
}
