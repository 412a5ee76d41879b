package io.proofofplay.core.spi;

/** Why an accepted event was given up. */
public enum DropReason {
  /** The spool was full, and waiting for room was in vain. */
  FULL_BLOCKED("full-blocked"),
  /** The spool was full, and the policy drops the newest. */
  FULL_NEWEST("full-newest"),
  /** The spool was full, and the policy drops the oldest. */
  FULL_OLDEST("full-oldest"),
  /** It had waited longer than the policy allows. */
  TOO_OLD("too-old"),
  /** The disk had no room or did not take what was written. */
  NO_SPACE("no-space"),
  /** What was on disk is damaged or gone. */
  DAMAGED("damaged");

  private final String code;

  DropReason(String code) {
    this.code = code;
  }

  /**
   * A stable word for files and metrics.
   *
   * @return the word, in lower case with hyphens
   */
  public String code() {
    return code;
  }
}
