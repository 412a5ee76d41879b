package io.proofofplay.sink.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Hides what must not be seen in a text that somebody else wrote: a backend may repeat in its
 * answer what we sent. Hides each secret as a whole, its parts that are worth anything, the
 * spellings in which JSON, HTML, URLs and forms repeat it, and base64 of it. Where a text breaks
 * off in the middle of a secret, its beginning is hidden too.
 */
final class Mask {

  private static final String HIDDEN = "***";

  /** Shorter parts of a secret are words that mean nothing by themselves. */
  private static final int SHORTEST_PART = 4;

  private static final Pattern ESCAPE = Pattern.compile("%[0-9A-F]{2}");

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
      secrets.add(
          text.replace("&", "&amp;")
              .replace("<", "&lt;")
              .replace(">", "&gt;")
              .replace("\"", "&quot;"));
      String form = URLEncoder.encode(text, StandardCharsets.UTF_8);
      for (String encoded : List.of(form, form.replace("+", "%20"))) {
        secrets.add(encoded);
        secrets.add(
            ESCAPE.matcher(encoded).replaceAll(found -> found.group().toLowerCase(Locale.ROOT)));
      }
    }
    if (text.length() >= SHORTEST_PART) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      // Without its padding it is found with it, too.
      secrets.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
      secrets.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }
    return this;
  }

  String apply(String text) {
    if (secrets.isEmpty()) {
      return text;
    }
    String masked = text;
    List<String> longestFirst =
        secrets.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    for (String secret : longestFirst) {
      masked = masked.replace(secret, HIDDEN);
    }
    for (String secret : longestFirst) {
      for (int length = secret.length() - 1; length >= SHORTEST_PART; length--) {
        if (masked.endsWith(secret.substring(0, length))) {
          return masked.substring(0, masked.length() - length) + HIDDEN;
        }
      }
    }
    return masked;
  }
}
