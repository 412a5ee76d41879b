package io.proofofplay.source.infobeamer;

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

  /** What went wrong with a connection, in the words of the operating system. */
  static String of(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
