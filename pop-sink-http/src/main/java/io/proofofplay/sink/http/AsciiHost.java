package io.proofofplay.sink.http;

import java.net.IDN;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What to say about a host beyond ASCII, such as {@code bücher.example}. Such a name is not turned
 * into its ASCII form silently: the two versions of the rules for that (RFC 3490 and RFC 5891) lead
 * to different hosts for some letters, and batches must not go to the other one.
 */
final class AsciiHost {

  private static final Pattern HOST_AND_PORT = Pattern.compile("(.*?)(:\\d*)?");

  /** The letters on which the two versions differ: RFC 5894, 7.2. */
  private static final Pattern AMBIGUOUS = Pattern.compile("[ßẞς\u200c\u200d]");

  private AsciiHost() {}

  /** What is wrong with the host of this address and what would be right, if it is beyond ASCII. */
  static Optional<String> fault(URI address) {
    if (address.getRawAuthority() == null || address.getHost() != null) {
      return Optional.empty();
    }
    String authority = address.getRawAuthority();
    String place;
    try {
      place =
          URLDecoder.decode(
              authority.substring(authority.lastIndexOf('@') + 1), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (place.chars().allMatch(c -> c < 0x80)) {
      return Optional.empty();
    }
    String fault = "\"" + Address.of(address) + "\" has a host beyond ASCII; ";
    Matcher parts = HOST_AND_PORT.matcher(place);
    if (!parts.matches() || AMBIGUOUS.matcher(place).find()) {
      return Optional.of(fault + registered());
    }
    String port = parts.group(2) == null ? "" : parts.group(2);
    String path = address.getRawPath() == null ? "" : address.getRawPath();
    try {
      String ascii = IDN.toASCII(parts.group(1), IDN.USE_STD3_ASCII_RULES);
      return Optional.of(
          fault + "write " + address.getScheme() + "://" + ascii + port + path + " instead");
    } catch (IllegalArgumentException e) {
      return Optional.of(fault + registered());
    }
  }

  private static String registered() {
    return "write the form with xn-- under which it is registered";
  }
}
