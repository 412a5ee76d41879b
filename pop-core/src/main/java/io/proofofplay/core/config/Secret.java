package io.proofofplay.core.config;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * A text that must never be seen: it prints as {@code ***}. It may come from a place that can be
 * read again, such as a file that a rotation replaces.
 *
 * <p>Thread-safe.
 */
public final class Secret {

  private final Supplier<String> place;
  private volatile String text;

  private Secret(Supplier<String> place, String text) {
    this.place = place;
    this.text = text;
  }

  /**
   * A secret that never changes.
   *
   * @param text the secret
   * @return the secret, hidden
   */
  public static Secret of(String text) {
    Objects.requireNonNull(text, "text");
    return new Secret(() -> text, text);
  }

  /**
   * A secret that can be read again from where it came.
   *
   * @param place reads it; called at once and at every {@link #refresh()}; throws an unchecked
   *     exception if it cannot
   * @return the secret, hidden
   */
  public static Secret from(Supplier<String> place) {
    return new Secret(place, Objects.requireNonNull(place.get(), "secret"));
  }

  /**
   * The secret itself, for the one place that sends it.
   *
   * @return the text
   */
  public String reveal() {
    return text;
  }

  /**
   * Reads the secret again. What was known stays in force if it cannot be read.
   *
   * @return whether it is another one now
   */
  public boolean refresh() {
    String before = text;
    try {
      String now = place.get();
      if (now != null) {
        text = now;
      }
    } catch (RuntimeException e) {
      return false;
    }
    return !text.equals(before);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
