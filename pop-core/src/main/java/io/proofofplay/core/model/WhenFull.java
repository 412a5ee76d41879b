package io.proofofplay.core.model;

/** What happens to events for which a spool has no room. */
public enum WhenFull {
  /**
   * The source waits, up to a bound; having waited in vain, the newest are refused at once until
   * there is room again.
   */
  BLOCK,
  /** The newest are dropped, counted and put in the drop ledger. */
  DROP_NEWEST,
  /** The oldest are dropped, counted and put in the drop ledger. */
  DROP_OLDEST
}
