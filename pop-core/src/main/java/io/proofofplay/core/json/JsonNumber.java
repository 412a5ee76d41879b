package io.proofofplay.core.json;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * A JSON number in the sender's own spelling.
 *
 * @param text the number as it was written, by RFC 8259
 */
public record JsonNumber(String text) {

  /** Digits beyond which a number is no quantity that anybody measured. */
  private static final int MOST_DIGITS = 64;

  /** Exponents beyond which a number is no quantity that anybody measured. */
  private static final int LARGEST_EXPONENT = 64;

  /**
   * The value, exact.
   *
   * @return the value, or empty if it is longer or larger than any quantity in an event
   */
  public Optional<BigDecimal> value() {
    if (text.length() > MOST_DIGITS) {
      return Optional.empty();
    }
    try {
      BigDecimal value = new BigDecimal(text);
      return Math.abs((long) value.precision() - value.scale()) > LARGEST_EXPONENT
          ? Optional.empty()
          : Optional.of(value);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
