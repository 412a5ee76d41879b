package io.proofofplay.source.infobeamer;

/**
 * How an attempt to hear a player ended.
 *
 * @param outcome what it means for the next attempt
 * @param reason what is wrong and what would be right, without the address
 */
record Ending(Outcome outcome, String reason) {

  /** What an ending means for the next attempt. */
  enum Outcome {
    /** No player yet, or one that went away before it was of use. */
    FAILED,
    /** A connection ended that had been of use and had lasted. */
    LOST,
    /** A connection ended that had brought events, but too soon to be called a restart. */
    BRIEF,
    /** Somebody answers, but not as a player with proof of play does. */
    UNFIT,
    /** The player has been quiet for so long that it may have forgotten us. */
    QUIET,
    /** The source or the intake was closed: there is no next attempt. */
    CLOSED
  }

  static Ending failed(String reason) {
    return new Ending(Outcome.FAILED, reason);
  }

  static Ending unfit(String reason) {
    return new Ending(Outcome.UNFIT, reason);
  }

  static Ending closed() {
    return new Ending(Outcome.CLOSED, "the relay closed the connection");
  }
}
