package io.proofofplay.sink.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Hides what must not be seen in a text that somebody else wrote: a backend may repeat in its
 * answer what we sent. Hides each secret as a whole, its parts that are worth anything, and the
 * spellings in which JSON and forms repeat it.
 */
final class Mask {

  private static final String HIDDEN = "***";

  /** Shorter parts of a secret are words that mean nothing by themselves. */
  private static final int SHORTEST_PART = 4;

  private final Set<String> secrets = new LinkedHashSet<>();

  /** Adds the value of an {@code Authorization} or {@code Proxy-Authorization} header. */
  Mask addCredentials(String value) {
    add(value);
    int blank = value.indexOf(' ');
    String token = value.substring(blank + 1).strip();
    addPart(token);
    if (blank > 0 && value.substring(0, blank).toLowerCase(Locale.ROOT).equals("basic")) {
      try {
        String pair = new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
        addPart(pair);
        addPart(pair.substring(pair.indexOf(':') + 1));
      } catch (IllegalArgumentException e) {
        // Not what it says it is; the token itself is hidden.
      }
    }
    return this;
  }

  Mask addPart(String text) {
    return text.length() < SHORTEST_PART ? this : add(text);
  }

  private Mask add(String text) {
    if (!text.isEmpty()) {
      secrets.add(text);
      secrets.add(text.replace("/", "\\/"));
      secrets.add(text.replace("\"", "\\\""));
      secrets.add(URLEncoder.encode(text, StandardCharsets.UTF_8));
    }
    return this;
  }

  String apply(String text) {
    String masked = text;
    List<String> longestFirst =
        secrets.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    for (String secret : longestFirst) {
      masked = masked.replace(secret, HIDDEN);
    }
    return masked;
  }
}
