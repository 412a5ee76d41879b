package io.proofofplay.sink.http;

import java.util.Optional;
import java.util.regex.Pattern;

/** What may stand in a header: RFC 9110, 5.1 and 5.5. */
final class HeaderText {

  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private HeaderText() {}

  /** Why a text cannot be a header's value; never repeats the text, which may be secret. */
  static Optional<String> fault(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\r' || c == '\n') {
        return Optional.of(
            "holds a line break" + position(value, i) + "; a header's value is one line");
      }
      boolean sendable = c == '\t' || (c >= ' ' && c <= '~') || (c >= 0xa0 && c <= 0xff);
      if (!sendable) {
        return Optional.of(
            String.format(
                "holds the character U+%04X%s, which no header can carry",
                (int) c, position(value, i)));
      }
    }
    if (!value.equals(value.strip())) {
      return Optional.of("begins or ends with a blank, which a header loses; leave it out");
    }
    return Optional.empty();
  }

  private static String position(String value, int index) {
    return index == value.length() - 1 ? " at its end" : "";
  }

  static Optional<String> nameFault(String name) {
    return NAME.matcher(name).matches()
        ? Optional.empty()
        : Optional.of(
            "\"" + name.replaceAll("\\p{Cc}", "?") + "\" is no header name; write X-Name");
  }

  /** The name in {@code Name} or {@code Name: value}. */
  static String expectedName(String expected) {
    int colon = expected.indexOf(':');
    return (colon < 0 ? expected : expected.substring(0, colon)).strip();
  }

  /** The value in {@code Name: value}, if there is one. */
  static Optional<String> expectedValue(String expected) {
    int colon = expected.indexOf(':');
    return colon < 0 ? Optional.empty() : Optional.of(expected.substring(colon + 1).strip());
  }
}
