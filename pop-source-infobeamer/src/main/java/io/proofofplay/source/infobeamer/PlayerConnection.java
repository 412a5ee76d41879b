package io.proofofplay.source.infobeamer;

import java.io.IOException;

/**
 * One connection to a player. All but {@link #close} belongs to the thread that reads; there is no
 * way to close one direction alone, since a player then throws away what it still had to say.
 */
interface PlayerConnection extends AutoCloseable {

  /** Sends bytes, all of them at once. */
  void send(byte[] bytes) throws IOException;

  /**
   * Reads what has arrived.
   *
   * @param nanos the longest wait for the first byte; {@link Long#MAX_VALUE} is for ever
   * @return how many bytes, at least one; 0 if none came in that time, -1 at the end of the stream
   */
  int read(byte[] into, int offset, int length, long nanos) throws IOException;

  /** Whether bytes can be read without a wait. */
  boolean hasMore() throws IOException;

  /** Ends the connection, and a read that waits. From any thread, any number of times. */
  @Override
  void close();
}
