package io.proofofplay.core.spi;

import java.io.IOException;

/**
 * Port: the list of what one sink had to give up. One entry stands for a run of events lost for one
 * reason.
 *
 * <p>Thread-safe.
 */
public interface DropLedger extends AutoCloseable {

  /**
   * Adds an entry.
   *
   * @param drop what was given up
   * @throws IOException if it could not be written; the caller keeps the entry and tries again
   */
  void record(Drop drop) throws IOException;

  /**
   * How many entries were given up since the opening because there were too many.
   *
   * @return the number that rotation has removed
   */
  default long discarded() {
    return 0;
  }

  @Override
  void close() throws IOException;
}
