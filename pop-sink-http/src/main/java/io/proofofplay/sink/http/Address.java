package io.proofofplay.sink.http;

import java.net.URI;

/** An address as people may see it. */
final class Address {

  private Address() {}

  /** Scheme, host, port and path: no user, no password, no query, which may hold a key. */
  static String of(URI uri) {
    if (uri.isOpaque()) {
      return uri.getScheme() + ":…";
    }
    StringBuilder text = new StringBuilder();
    if (uri.getScheme() != null) {
      text.append(uri.getScheme()).append(':');
    }
    String authority = uri.getRawAuthority();
    if (authority != null) {
      text.append("//").append(authority, authority.lastIndexOf('@') + 1, authority.length());
    }
    if (uri.getRawPath() != null) {
      text.append(uri.getRawPath());
    }
    return text.toString();
  }

  /**
   * A place that somebody else named, such as a {@code Location}: the same, or the little that can
   * be said if it is no URI.
   */
  static String ofForeign(String place) {
    String shown;
    try {
      shown = of(new URI(place.strip()));
    } catch (java.net.URISyntaxException e) {
      int end = place.length();
      for (char stop : new char[] {'?', '#', '@'}) {
        int at = place.indexOf(stop);
        end = at < 0 ? end : Math.min(end, at);
      }
      shown = place.substring(0, end);
    }
    shown = shown.replaceAll("\\p{Cc}", " ");
    return shown.length() > 200 ? shown.substring(0, 200) + "…" : shown;
  }
}
