package io.proofofplay.core.spi;

import java.time.Instant;

/**
 * Port: keeps the lines that were no events, for the author of the player to look at. A line that
 * cannot be kept is lost; it is evidence of a mistake, not of a play.
 *
 * <p>Thread-safe.
 */
public interface RefusedLines extends AutoCloseable {

  /**
   * Keeps a line, as far as possible.
   *
   * @param time when it came, by the wall clock
   * @param source the name of the source that sent it
   * @param line what it was
   */
  void put(Instant time, String source, RefusedLine line);

  /**
   * How many lines were given up since the opening because there were too many.
   *
   * @return the number that rotation has removed
   */
  default long discarded() {
    return 0;
  }

  @Override
  void close();
}
