package io.proofofplay.runner.history;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.HistoryConfig;
import java.nio.file.Path;

/** Histories for the tests of those who read them. */
public final class Histories {

  private Histories() {}

  /**
   * One with the usual bounds, that packs at once.
   *
   * @param directory the spool's directory
   * @param time stamps the entries
   * @return the history
   */
  public static History in(Path directory, TimeSource time) {
    return new History(directory, HistoryConfig.defaults(), time, Runnable::run);
  }
}
