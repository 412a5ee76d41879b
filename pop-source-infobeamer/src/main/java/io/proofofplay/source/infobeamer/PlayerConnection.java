package io.proofofplay.source.infobeamer;

import java.io.IOException;
import java.nio.channels.Selector;

/**
 * One connection to a player. All but {@link #close} and {@link #leave} belongs to the thread that
 * reads; there is no way to close one direction alone, since a player then throws away what it
 * still had to say.
 */
interface PlayerConnection extends AutoCloseable {

  /** Sends bytes, all of them at once. */
  void send(byte[] bytes) throws IOException;

  /**
   * Reads what has arrived.
   *
   * @param nanos the longest wait for the first byte; {@link Long#MAX_VALUE} is for ever, and 0 is
   *     none where the connection {@link #canBeAttended}
   * @return how many bytes, at least one; 0 if none came in that time, -1 at the end of the stream
   */
  int read(byte[] into, int offset, int length, long nanos) throws IOException;

  /** Whether bytes can be read without a wait. */
  boolean hasMore() throws IOException;

  /** Whether {@link #attend} can be asked for. */
  default boolean canBeAttended() {
    return false;
  }

  /**
   * Lets a selector wait for what arrives, until {@link #attendNoMore}. Meanwhile the connection
   * belongs to whoever looks after it, and is read without a wait.
   *
   * @param attachment for the key
   * @param whenLeft is run by {@link #leave}, and may be although this found nothing to do
   * @throws IOException if the connection, or the selector, is closed
   */
  default void attend(Selector selector, Object attachment, Runnable whenLeft) throws IOException {
    throw new UnsupportedOperationException("cannot be attended");
  }

  /** Ends what {@link #attend} has begun. */
  default void attendNoMore() {}

  /**
   * Has the stream end with what has arrived: that can still be read, and a read that waits, or
   * would have to, is at the end of the stream. From any thread, any number of times.
   */
  void leave();

  /** Whether {@link #leave} was called. */
  boolean isLeft();

  /** Whether not all has been read of what had arrived when {@link #leave} was called first. */
  boolean owes();

  /** Ends the connection, and a read that waits. From any thread, any number of times. */
  @Override
  void close();
}
