package io.proofofplay.core.spi;

import java.io.IOException;

/**
 * Port: where the events of one sink go that its destination will never take. They stay until an
 * operator decides.
 *
 * <ol>
 *   <li value="1">[DL-1] After {@link #put} has returned, the letter survives a kill and a power
 *       cut.
 *   <li value="2">[DL-2] The event's bytes, the batch, the status, the reason and the answer can be
 *       read back as they were put.
 *   <li value="3">[DL-3] A {@link #put} that throws has kept nothing, and a later one may succeed.
 *   <li value="4">[DL-4] Letters stay in the order in which they were put.
 * </ol>
 *
 * <p>Not thread-safe: the relay puts from one thread per sink. Only {@link #discarded} is for any.
 */
public interface DeadLetters extends AutoCloseable {

  /**
   * Keeps a letter, durably.
   *
   * @param letter the event and why it is dead
   * @throws IOException if it could not be kept; the event then stays where it was
   */
  void put(DeadLetter letter) throws IOException;

  /**
   * How many letters were given up since the opening because there were too many.
   *
   * @return the number that rotation has removed
   */
  default long discarded() {
    return 0;
  }

  @Override
  void close() throws IOException;
}
