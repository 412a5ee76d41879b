package io.proofofplay.runner.config;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The texts that no message may show: secrets, and whatever a reference stands for. Each has a
 * stand-in that may be shown.
 *
 * <p>Not thread-safe.
 */
final class Hidden {

  /** A shorter text is covered only where it stands in quotes: it may be a part of any word. */
  private static final int SHORTEST = 3;

  private static final int QUOTED_CHARACTERS = 80;
  private static final Pattern USER_INFO = Pattern.compile("://[^/\\s@]*@");
  private static final Pattern QUERY = Pattern.compile("(://[^?]*)\\?.*");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

  private final Map<String, String> standIns = new LinkedHashMap<>();

  void add(String text, String standIn) {
    if (!text.isEmpty() && !text.equals(standIn)) {
      standIns.putIfAbsent(text, standIn);
    }
  }

  /** The message with a stand-in for every hidden text. */
  String cover(String message) {
    String covered = message;
    for (String text :
        standIns.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList()) {
      String standIn = standIns.get(text);
      covered =
          text.length() >= SHORTEST
              ? covered.replace(text, standIn)
              : covered.replace('"' + text + '"', '"' + standIn + '"');
    }
    return covered;
  }

  /** A value as the file spells it, fit for a message. */
  static String quote(String asWritten) {
    String text = USER_INFO.matcher(asWritten).replaceAll("://***@");
    text = QUERY.matcher(text).replaceAll("$1?***");
    text = CONTROL.matcher(text).replaceAll("\u00b7");
    if (text.length() > QUOTED_CHARACTERS) {
      text = text.substring(0, QUOTED_CHARACTERS) + "…";
    }
    return '"' + text + '"';
  }
}
