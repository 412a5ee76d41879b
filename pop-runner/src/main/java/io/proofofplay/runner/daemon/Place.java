package io.proofofplay.runner.daemon;

import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the storage in a directory. */
@FunctionalInterface
interface Place {

  /**
   * Opens it.
   *
   * @param directory the spool's directory
   * @param time the clocks
   * @return the storage
   * @throws IOException if it cannot be used
   */
  Storage open(Path directory, TimeSource time) throws IOException;
}
