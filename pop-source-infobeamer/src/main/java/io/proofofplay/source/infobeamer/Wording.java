package io.proofofplay.source.infobeamer;

import io.proofofplay.core.json.JsonFault;
import io.proofofplay.core.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** How a message shows what a peer sent, and how long something took. */
final class Wording {

  /** Enough of a foreign line to recognise who speaks. */
  private static final int QUOTED_CHARACTERS = 80;

  private Wording() {}

  /** The beginning of a line in quotes, with everything unprintable shown as {@code ?}. */
  static String quote(byte[] array, int offset, int length) {
    int shown = Math.min(length, QUOTED_CHARACTERS);
    String text = new String(array, offset, shown, StandardCharsets.ISO_8859_1);
    return quoted(text, shown < length);
  }

  static String quote(String text) {
    int shown = Math.min(text.length(), QUOTED_CHARACTERS);
    return quoted(text.substring(0, shown), shown < text.length());
  }

  private static String quoted(String text, boolean cut) {
    StringBuilder quoted = new StringBuilder(text.length() + 6).append('"');
    text.chars().forEach(c -> quoted.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
    return quoted.append(cut ? "...\"" : "\"").toString();
  }

  /** A duration in the notation of the settings. */
  static String duration(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 60 != 0) {
      return seconds + "s";
    }
    long minutes = seconds / 60;
    return minutes % 60 != 0 || minutes == 0 ? minutes + "m" : minutes / 60 + "h";
  }

  /** What is wrong with a header. */
  static String of(JsonFault fault) {
    return switch (fault) {
      case BAD_UTF8 -> "not valid UTF-8";
      case NOT_JSON -> "not JSON";
      case NOT_ONE_OBJECT -> "not exactly one JSON object";
      case DUPLICATE_KEY -> "the same key twice in one object";
      case TOO_DEEP -> "nested deeper than " + JsonScanner.MAX_DEPTH;
      case MEMBER_MISSING -> "no pop that is a string";
    };
  }

  /** What went wrong with a connection, in the words of the operating system. */
  static String of(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
