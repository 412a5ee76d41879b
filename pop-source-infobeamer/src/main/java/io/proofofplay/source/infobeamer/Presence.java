package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.Intake;

/**
 * What the intake was told of the player's being there, so that it is told the changes alone.
 *
 * <p>A player that was silent and is found again at once, under the same name, was never away: the
 * fresh connection is told to nobody.
 *
 * <p>Not thread-safe.
 */
final class Presence {

  private final Intake intake;

  /** The name that the intake knows, or null if it takes the player to be away. */
  private String told;

  Presence(Intake intake) {
    this.intake = intake;
  }

  /** The player has introduced itself. */
  void introduced(String name) {
    if (!name.equals(told)) {
      told = name;
      intake.connected(name);
    }
  }

  /** The player is not there. */
  void gone(String reason) {
    told = null;
    intake.disconnected(reason);
  }

  /** Whether the intake takes the player to be there. */
  boolean isTold() {
    return told != null;
  }
}
