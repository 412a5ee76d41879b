package io.proofofplay.core.config;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A text that must never be seen: it prints as {@code ***}. It may come from a place that can be
 * read again, such as a file that a rotation replaces.
 *
 * <p>Thread-safe.
 */
public final class Secret {

  private final Renewable<String> text;

  private Secret(Renewable<String> text) {
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
    return new Secret(Renewable.of(text));
  }

  /**
   * A secret that can be read again from where it came.
   *
   * @param place reads it; called at once and at every {@link #refresh()}; throws an unchecked
   *     exception with a message for people, without the secret, if it cannot
   * @return the secret, hidden
   */
  public static Secret from(Supplier<String> place) {
    return new Secret(Renewable.from(Objects.requireNonNull(place.get(), "secret"), place));
  }

  /**
   * A secret that was read already and can be read again.
   *
   * @param text what was read at first
   * @param place reads it again, at every {@link #refresh()}, as in {@link #from(Supplier)}
   * @return the secret, hidden
   */
  public static Secret from(String text, Supplier<String> place) {
    return new Secret(Renewable.from(Objects.requireNonNull(text, "text"), place));
  }

  /**
   * The secret itself, for the one place that sends it.
   *
   * @return the text
   */
  public String reveal() {
    return text.get();
  }

  /**
   * Reads the secret again. What was known stays in force if it cannot be read, and {@link
   * #unread()} says why then.
   *
   * @return whether it is another one now
   */
  public boolean refresh() {
    return text.renew();
  }

  /**
   * Why the secret could not be read again the last time.
   *
   * @return the reason, without the secret; empty if it was read, or never read again
   */
  public Optional<String> unread() {
    return text.unread();
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
