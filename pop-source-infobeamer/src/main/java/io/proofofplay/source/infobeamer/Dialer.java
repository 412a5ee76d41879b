package io.proofofplay.source.infobeamer;

import java.io.IOException;

/** Makes the connections of one source, one at a time. */
interface Dialer extends AutoCloseable {

  /**
   * Connects.
   *
   * @return the connection, on which nothing was sent or read
   * @throws IOException if there is none; its message says what is wrong and what would be right,
   *     without the address
   */
  PlayerConnection dial() throws IOException;

  /**
   * Ends a {@link #dial} under way, and has the connection last made {@link
   * PlayerConnection#leave}; no other will be made. From any thread, any number of times.
   */
  @Override
  void close();
}
