package io.proofofplay.runner.acceptance;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One event of a {@link FlowPlayer}: the how manieth of which connection. Its bytes follow from
 * these two alone, so that any event that turns up anywhere can be compared with what was sent.
 *
 * @param connection the connection it was sent on, from 0
 * @param number its place on that connection, from 0
 */
record Play(int connection, int number) {

  private static final Pattern UUID =
      Pattern.compile("\"uuid\"\\s*:\\s*\"([0-9a-f]{8})-0000-4000-8000-([0-9a-f]{12})\"");

  /** Which event these bytes claim to be. */
  static Play of(byte[] event) {
    Matcher uuid = UUID.matcher(new String(event, StandardCharsets.UTF_8));
    if (!uuid.find()) {
      throw new AssertionError("nobody sent this: " + new String(event, StandardCharsets.UTF_8));
    }
    return new Play(Integer.parseInt(uuid.group(1), 16), Integer.parseInt(uuid.group(2), 16));
  }

  String uuid() {
    return String.format(Locale.ROOT, "%08x-0000-4000-8000-%012x", connection, number);
  }

  /**
   * The event as it is sent, without the line end; in the forms that a relay might be tempted to
   * change.
   */
  byte[] bytes() {
    String text =
        switch (number % 4) {
          case 0 ->
              "{\"uuid\":\"%s\",\"ts\":1774549328.123,\"asset\":{\"id\":1005,\"filename\":\"café-menü.jpg\"},"
                  + "\"device\":{\"id\":456,\"serial\":\"123098123\"},\"setup\":{\"id\":243317},"
                  + "\"duration\":15.50,\"extra\":{\"seq\":%d}}";
          case 1 ->
              "{ \"ts\" : 1.2345678901235e+17 , \"uuid\" : \"%s\" , \"asset\":{\"id\":\"fallback\",\"tags\":[]},"
                  + "\"duration\":-0,\"extra\":{\"seq\":%d,\"big\":123456789012345678901234567890} }";
          case 2 ->
              "{\"unknown\":[null,true,{\"a\":[[]]}],\"uuid\":\"%s\",\"ts\":1774549329,"
                  + "\"asset\":{\"filename\":\"\\u00e9\\/\\\"\\\\ \\ud83d\\ude00.mp4\"},\"extra\":[],\"seq\":%d}";
          default ->
              "{\"duration\":10.00,\"ts\":1E+15,\"device\":{\"serial\":\"0042\"},\"uuid\":\"%s\","
                  + "\"asset\":{\"id\":null,\"filename\":\"a\\nb\\tc 😀\"},\"extra\":{\"seq\":%d,\"note\":\""
                  + "x".repeat(number % 97)
                  + "\"}}";
        };
    return String.format(Locale.ROOT, text, uuid(), number).getBytes(StandardCharsets.UTF_8);
  }
}
