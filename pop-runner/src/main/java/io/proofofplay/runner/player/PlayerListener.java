package io.proofofplay.runner.player;

import java.io.IOException;

/** Hears what a simulated player does. Called from the player's thread. */
public interface PlayerListener {

  /** Hears nothing. */
  PlayerListener NONE = new PlayerListener() {};

  /**
   * A client has asked for the plays and gets them from here on.
   *
   * @param client its address
   */
  default void joined(String client) {}

  /**
   * A client that got the plays is gone.
   *
   * @param client its address
   */
  default void left(String client) {}

  /**
   * A client asked for something else and got a {@code 404}.
   *
   * @param client its address
   * @param path what it asked for, without control characters
   */
  default void refused(String client, String path) {}

  /**
   * Events were played to at least one client.
   *
   * @param lines their lines, each with its line feed; for reading, during this call only
   * @param length how many bytes of it
   * @param events how many
   * @throws IOException if what the listener does with them fails; it ends the player
   */
  default void played(byte[] lines, int length, int events) throws IOException {}
}
