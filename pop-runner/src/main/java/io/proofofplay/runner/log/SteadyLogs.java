package io.proofofplay.runner.log;

import java.util.logging.LogManager;

/**
 * The JDK's logging, which reads no file and stays on while the process ends: by itself it takes
 * its handlers away in a shutdown hook, and what the relay says while it stops would be lost.
 */
public final class SteadyLogs extends LogManager {

  /** Made by the JDK, which finds the class by its name. */
  public SteadyLogs() {}

  @Override
  public void readConfiguration() {}

  @Override
  public void reset() {}
}
