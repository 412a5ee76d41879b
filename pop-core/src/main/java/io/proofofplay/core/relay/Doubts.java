package io.proofofplay.core.relay;

/**
 * What is in doubt about the range whose turn it is: whether its size or its bytes are at fault
 * rather than the moment. Only another event can tell: if that one passes and this one fails, again
 * and again, it is this one.
 *
 * <p>Not thread-safe.
 */
final class Doubts {

  /** Failures of a range before half of it is tried. */
  private static final int SPLIT_AFTER = 5;

  /** The same once the batch was split for its bytes before: the doubt is older then. */
  private static final int SPLIT_AGAIN_AFTER = 2;

  /** Resets of a range before half of it is tried. */
  private static final int SPLIT_AFTER_RESETS = 3;

  /**
   * Failures of a single event before another one is tried beside it. A backend of which one node
   * in two is down fails this often by chance once in 64 events.
   */
  private static final int COMPARE_AFTER = 6;

  /**
   * The same after both had failed, which is an outage: if the other one were tried as often as the
   * one whose turn it is, every second outage would end with two events in the wrong order.
   */
  private static final int COMPARE_AGAIN_AFTER = 15;

  /** How often another event must pass and this one fail before this one is to blame. */
  private static final int BLAME_AFTER = 3;

  private boolean splitBefore;
  private int resets;
  private int failures;
  private int compareAfter = COMPARE_AFTER;
  private int comparisons;
  private boolean otherPassed;
  private int confirmations;

  /** Another range has its turn. */
  void nextRange() {
    resets = 0;
    failures = 0;
    compareAfter = COMPARE_AFTER;
    comparisons = 0;
    otherPassed = false;
    confirmations = 0;
  }

  /** The range was reset; says whether half of it should be tried. */
  boolean reset() {
    return ++resets >= SPLIT_AFTER_RESETS;
  }

  /** A range of several events failed; says whether half of it should be tried. */
  boolean failedTogether() {
    boolean split = ++failures >= (splitBefore ? SPLIT_AGAIN_AFTER : SPLIT_AFTER);
    splitBefore |= split;
    return split;
  }

  /** A single event failed; says whether it is to blame beyond doubt. */
  boolean failedAlone() {
    failures++;
    if (otherPassed) {
      otherPassed = false;
      confirmations++;
    }
    return confirmations >= BLAME_AFTER;
  }

  /** It failed for a reason that says nothing about it: what was seen before is of another time. */
  void failedOtherwise() {
    otherPassed = false;
    confirmations = 0;
  }

  /** Whether another event should be tried now, beside the single one whose turn it is. */
  boolean wantComparison() {
    return !otherPassed && failures >= compareAfter;
  }

  /** Counts a comparison; answers how many there were before it. */
  int compare() {
    return comparisons++;
  }

  /** Another event passed: now it is this one's turn again. */
  void otherPassed() {
    otherPassed = true;
    // The next comparison begins with the nearest one again, which keeps the order.
    comparisons = 0;
  }

  /** Another event failed as well, so that nothing can be said. */
  void otherFailed() {
    failures = 0;
    compareAfter = COMPARE_AGAIN_AFTER;
    otherPassed = false;
    confirmations = 0;
  }
}
