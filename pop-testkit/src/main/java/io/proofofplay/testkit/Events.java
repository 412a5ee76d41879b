package io.proofofplay.testkit;

import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes events as a player would, each one different from all others, the same ones in every run.
 */
public final class Events {

  private static final long FIRST_TS = 1_772_366_400L;

  private Events() {}

  /**
   * The event with this number.
   *
   * @param number 0 or more; it stands in the id, the time, the asset and {@code extra}
   * @return the event, without a sender
   */
  public static PopEvent number(int number) {
    return PopEvent.of(json(number));
  }

  /**
   * The first events.
   *
   * @param count how many
   * @return the events with the numbers 0 to {@code count - 1}
   */
  public static List<PopEvent> numbered(int count) {
    return numbered(0, count);
  }

  /**
   * A run of events.
   *
   * @param from the first number
   * @param behind the number behind the last one
   * @return the events in order
   */
  public static List<PopEvent> numbered(int from, int behind) {
    List<PopEvent> events = new ArrayList<>();
    for (int number = from; number < behind; number++) {
      events.add(number(number));
    }
    return List.copyOf(events);
  }

  /**
   * The event with this number, as a named player sent it.
   *
   * @param sender what the player called itself
   * @param number 0 or more
   * @return the event
   */
  public static PopEvent from(String sender, int number) {
    byte[] bytes = json(number).getBytes(StandardCharsets.UTF_8);
    return PopEvent.scanned(bytes, 0, bytes.length, sender);
  }

  /**
   * The event with this number, filled up to a length.
   *
   * @param number 0 or more
   * @param length the length in bytes, at least 300
   * @return the event
   */
  public static PopEvent ofLength(int number, int length) {
    String json = json(number);
    String start = json.substring(0, json.length() - 1) + ",\"filler\":\"";
    int missing = length - start.length() - 2;
    if (missing < 0) {
      throw new IllegalArgumentException("an event of " + length + " bytes; 300 or more is right");
    }
    return PopEvent.of(start + "x".repeat(missing) + "\"}");
  }

  /**
   * Events that are right and look odd: a relay that reads and writes them anew changes their
   * bytes.
   *
   * @return events with spaces, escapes, number forms, scripts and empty tables as players send
   *     them
   */
  public static List<PopEvent> awkward() {
    return List.of(
        PopEvent.of("{\"uuid\":\"awkward-0\"}"),
        PopEvent.of("  { \"ts\" : 1.7723664E+9 ,\t\"uuid\" : \"awkward-1\" } "),
        PopEvent.of("{\"uuid\":\"awkward-2\",\"ts\":1774549328.1235,\"duration\":-0,\"a\":1e+15}"),
        PopEvent.of(
            "{\"uuid\":\"awkward-3\",\"text\":\"\\u00e9\\/\\ud83d\\ude00 \u00e9/\uD83D\uDE00\"}"),
        PopEvent.of("{\"z\":1,\"uuid\":\"awkward\\u002d4\",\"a\":{\"z\":[],\"a\":{}}}"),
        PopEvent.of("{\"uuid\":\"awkward-5\",\"\":null,\"n\":123456789012345678901234567890.10}"),
        PopEvent.of("{\"uuid\":\"awkward-6\",\"text\":\"\\n\\r\\t\\u0000 \u2028 , ] [ } {\"}"),
        PopEvent.of("{\"uuid\":\"\u043f\u043e\u043a\u0430\u0437-7\",\"extra\":[]}"));
  }

  /**
   * The bytes of events.
   *
   * @param events the events
   * @return a copy of the bytes of each
   */
  public static List<byte[]> bytesOf(List<PopEvent> events) {
    return events.stream().map(PopEvent::bytes).toList();
  }

  private static String json(int number) {
    return String.format(
        Locale.ROOT,
        "{\"uuid\":\"%08x-90f1-4c2d-8a5e-%012x\",\"ts\":%d.25,\"duration\":10,"
            + "\"asset\":{\"id\":%d,\"filename\":\"video-%d.mp4\"},"
            + "\"device\":{\"id\":17,\"serial\":\"00000000e5a1b2c3\"},"
            + "\"setup\":{\"id\":42},\"extra\":{\"n\":%d}}",
        number * 0x9e3779b1,
        number,
        FIRST_TS + 10L * number,
        1000 + number % 7,
        number % 7,
        number);
  }
}
