package io.proofofplay.runner.terminal;

/** A number with its noun. */
public final class Counted {

  private Counted() {}

  /**
   * Such as {@code 1 event} or {@code 2 events}.
   *
   * @param count how many
   * @param one the noun for one; many get an {@code s}
   * @return both
   */
  public static String of(long count, String one) {
    return of(count, one, one + "s");
  }

  /**
   * Such as {@code 1 batch} or {@code 2 batches}.
   *
   * @param count how many
   * @param one the words for one
   * @param many the words for any other number
   * @return the number and the words
   */
  public static String of(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }
}
