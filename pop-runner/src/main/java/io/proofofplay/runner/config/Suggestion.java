package io.proofofplay.runner.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was meant. */
public final class Suggestion {

  private Suggestion() {}

  /**
   * The end of a message on an unknown word.
   *
   * @param word the word
   * @param known the words that would be right
   * @return the nearest known one as a question, or all of them
   */
  public static String among(String word, Collection<String> known) {
    return nearest(word, known)
        .map(near -> "did you mean " + near + "?")
        .orElseGet(() -> known.isEmpty() ? "none is known" : "known: " + String.join(", ", known));
  }

  /** The known word that a few slips away from the given one. */
  static Optional<String> nearest(String word, Collection<String> known) {
    String plain = plain(word);
    int slips = Math.max(1, plain.length() / 3);
    return known.stream()
        .filter(candidate -> distance(plain, plain(candidate)) <= slips)
        .min(Comparator.comparingInt(candidate -> distance(plain, plain(candidate))));
  }

  /** Case and separators are what people remember least. */
  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replaceAll("[_\\- ]", "");
  }

  /** How many letters must be put in, taken out, replaced or swapped with their neighbour. */
  static int distance(String from, String to) {
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int same = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        cost[i][j] =
            Math.min(Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1), cost[i - 1][j - 1] + same);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[from.length()][to.length()];
  }
}
