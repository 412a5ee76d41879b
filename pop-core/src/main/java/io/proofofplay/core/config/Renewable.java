package io.proofofplay.core.config;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A value that may come from a place that can be read again, such as a file that a rotation
 * replaces. It may hold a secret, a password within an address for one, and so prints as {@code
 * ***}.
 *
 * <p>Thread-safe, if the value is immutable.
 *
 * @param <T> the value's type
 */
public final class Renewable<T> {

  private final Supplier<? extends T> place;
  private volatile T value;
  private volatile Optional<String> unread = Optional.empty();

  private Renewable(T value, Supplier<? extends T> place) {
    this.value = Objects.requireNonNull(value, "value");
    this.place = place;
  }

  /**
   * A value that never changes.
   *
   * @param value the value
   * @param <T> its type
   * @return the value, hidden
   */
  public static <T> Renewable<T> of(T value) {
    return new Renewable<>(value, () -> value);
  }

  /**
   * A value that can be read again from where it came.
   *
   * @param value what was read there at first
   * @param place reads it again, at every {@link #renew()}; throws an unchecked exception with a
   *     message for people, without anything secret, if it cannot
   * @param <T> its type
   * @return the value, hidden
   */
  public static <T> Renewable<T> from(T value, Supplier<? extends T> place) {
    return new Renewable<>(value, Objects.requireNonNull(place, "place"));
  }

  /**
   * The value as it is known now.
   *
   * @return the value, which may hold a secret
   */
  public T get() {
    return value;
  }

  /**
   * Reads the value again. What was known stays in force if it cannot be read, and {@link
   * #unread()} says why then.
   *
   * @return whether it is another one now
   */
  public boolean renew() {
    T before = value;
    try {
      T now = place.get();
      if (now == null) {
        unread = Optional.of("there is nothing any more");
        return false;
      }
      value = now;
      unread = Optional.empty();
      return !now.equals(before);
    } catch (RuntimeException e) {
      unread = Optional.of(reason(e, before.toString()));
      return false;
    }
  }

  private static String reason(RuntimeException failure, String known) {
    String message = failure.getMessage();
    if (message == null) {
      return failure.getClass().getSimpleName();
    }
    return known.isEmpty() ? message : message.replace(known, "***");
  }

  /**
   * Why the value could not be read again the last time.
   *
   * @return the reason, without the value; empty if it was read, or never read again
   */
  public Optional<String> unread() {
    return unread;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Renewable<?> renewable && renewable.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
