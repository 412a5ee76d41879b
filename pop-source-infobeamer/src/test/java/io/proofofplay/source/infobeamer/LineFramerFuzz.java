package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.RefusedLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes at all from a player, cut in any way: the lines are those that a look at all the bytes
 * at once finds, and the memory in use stays within its bound.
 *
 * <p>An input is a limit (one byte, added to 1 KiB), how the bytes are cut (one byte: so many
 * pieces' lengths follow, two bytes each), and the bytes themselves, in which a byte from 0x80 to
 * 0xbf stands for up to 12,600 times an x: lines of the limit's length would else be found by
 * nobody.
 */
public final class LineFramerFuzz {

  private static final int SHORTEST_LIMIT = 1024;
  private static final int REPEATED = 200;

  private LineFramerFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length < 2) {
      return;
    }
    int limit = SHORTEST_LIMIT + (input[0] & 0xff);
    int[] pieces = pieces(input);
    byte[] bytes = stream(input, 2 + 2 * pieces.length);
    List<String> expected = atOnce(bytes, limit);

    compare(expected, cut(bytes, limit, pieces.length == 0 ? new int[] {1} : pieces), "cut");
    compare(expected, cut(bytes, limit, new int[] {Integer.MAX_VALUE}), "in one piece");
  }

  private static int[] pieces(byte[] input) {
    int count = Math.min(input[1] & 0xff, (input.length - 2) / 2);
    int[] pieces = new int[count];
    for (int i = 0; i < count; i++) {
      pieces[i] = 1 + ((input[2 + 2 * i] & 0xff) << 8 | (input[3 + 2 * i] & 0xff));
    }
    return pieces;
  }

  private static byte[] stream(byte[] input, int from) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = from; i < input.length; i++) {
      int value = input[i] & 0xff;
      if (value >= 0x80 && value < 0xc0) {
        bytes.writeBytes("x".repeat((value - 0x80) * REPEATED).getBytes(StandardCharsets.US_ASCII));
      } else {
        bytes.write(value);
      }
    }
    return bytes.toByteArray();
  }

  private static void compare(List<String> expected, List<String> actual, String how) {
    if (!expected.equals(actual)) {
      throw new AssertionError(how + ": " + actual + " where " + expected + " is right");
    }
  }

  private static List<String> cut(byte[] bytes, int limit, int[] pieces) throws IOException {
    LineFramer framer = new LineFramer(limit);
    Pieces cut = Pieces.inTurn(bytes, pieces);
    List<String> lines = new ArrayList<>();
    while (framer.fill(cut, 0) > 0) {
      while (nextEvent(framer) || framer.next()) {
        lines.add(line(framer));
      }
      framer.rest();
      if (framer.capacity()
          > Math.max(limit, LineFramer.SMALLEST_BUFFER) + 2 * LineFramer.READ_BYTES) {
        throw new AssertionError("a limit of " + limit + " takes " + framer.capacity() + " bytes");
      }
    }
    if (framer.finish()) {
      lines.add(line(framer) + " (tail)");
    }
    return lines;
  }

  private static boolean nextEvent(LineFramer framer) {
    boolean isEvent = framer.nextEvent();
    if (isEvent
        && PopEvent.refusalOf(framer.array(), framer.offset(), framer.length()).isPresent()) {
      throw new AssertionError(line(framer) + " is no event, and passed for one");
    }
    return isEvent;
  }

  private static String line(LineFramer framer) {
    RefusedLine line = framer.tooLong();
    boolean tooLong = line != null;
    line = tooLong ? line : framer.refused(Refusal.NOT_JSON);
    byte[] content =
        tooLong
            ? line.start()
            : Arrays.copyOfRange(
                framer.array(), framer.offset(), framer.offset() + framer.length());
    return shown(line.offset(), line.length(), tooLong, content);
  }

  private static String shown(long offset, long length, boolean tooLong, byte[] content) {
    return offset + "+" + length + (tooLong ? " too long " : " ") + Arrays.hashCode(content);
  }

  /** What is to come out, by looking at all the bytes at once. */
  private static List<String> atOnce(byte[] bytes, int limit) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    while (from <= bytes.length) {
      int end = from;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      int length = end - from;
      if (length > 0 && bytes[end - 1] == '\r') {
        length--;
      }
      byte[] content = Arrays.copyOfRange(bytes, from, from + length);
      boolean tooLong = length > limit;
      if (tooLong || !new String(content, StandardCharsets.ISO_8859_1).matches("[ \t\r]*+")) {
        byte[] kept = tooLong ? Arrays.copyOf(content, RefusedLine.KEPT_BYTES) : content;
        lines.add(shown(from, length, tooLong, kept) + (end == bytes.length ? " (tail)" : ""));
      }
      from = end + 1;
    }
    return lines;
  }
}
