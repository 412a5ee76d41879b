package io.proofofplay.source.infobeamer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What an engine sent on one connection, and what is to come of it. The numbers were worked out
 * with another JSON parser, in another language.
 */
enum Recording {
  PLAIN("plain.bin", 154, ""),
  ODD_LINES(
      "odd-lines.bin",
      214,
      """
      bad-utf8 2034 217
      not-json 2252 27
      bad-utf8 2280 11
      not-json 2292 45
      not-json 2339 3
      not-json 2343 5
      not-json 114648 15
      """),
  KILLED_MID_LINE("killed-mid-line.bin", 59, "torn 12593 196"),
  WRONG_PATH("404-then-ok.bin", 0, "");

  private final String file;
  private final int events;
  private final String refusals;

  Recording(String file, int events, String refusals) {
    this.file = file;
    this.events = events;
    this.refusals = refusals;
  }

  byte[] bytes() {
    try (InputStream in = Recording.class.getResourceAsStream("/recordings/" + file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the player waits for the path. */
  int bannerLength() {
    return new String(bytes(), StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
  }

  int eventCount() {
    return events;
  }

  /** Reason, offset and length of each refused line. */
  List<String> refusals() {
    return refusals.lines().toList();
  }

  /** The events, found by how this engine's node writes them. */
  List<String> events() {
    String text = new String(bytes(), StandardCharsets.UTF_8);
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    return Arrays.stream(whole.split("\n", -1)).filter(l -> l.startsWith("{\"uuid\":")).toList();
  }
}
