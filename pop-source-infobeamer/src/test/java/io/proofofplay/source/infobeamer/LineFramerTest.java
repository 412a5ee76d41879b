package io.proofofplay.source.infobeamer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.RefusedLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LineFramerTest {

  private static final int LIMIT = 1024;

  @Test
  void aLineIsWhatStandsBeforeALineFeed() throws IOException {
    assertThat(cut("one\ntwo\n", 100)).containsExactly("0 one", "4 two");
  }

  @Test
  void oneCarriageReturnBeforeTheLineFeedIsNoPartOfTheLine() throws IOException {
    assertThat(cut("one\r\ntwo\r\r\na\rb\n", 100)).containsExactly("0 one", "5 two\r", "11 a\rb");
  }

  @Test
  void linesOfNothingButWhiteSpaceArePassedOver() throws IOException {
    assertThat(cut("\n\r\n \t\r\n\n x\n\n", 100)).containsExactly("8  x");
  }

  @Test
  void whatStandsBehindTheLastLineFeedComesAtTheEndOfTheStream() throws IOException {
    assertThat(cut("one\ntail", 100)).containsExactly("0 one", "4 tail (tail)");
    assertThat(cut("one\ntail\r", 100)).containsExactly("0 one", "4 tail (tail)");
    assertThat(cut("one\n \r", 100)).containsExactly("0 one");
    assertThat(cut("", 100)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 1023, 1024, 1025, 1026, 4096})
  void aLineOfTheLongestLengthPassesAndOneByteMoreDoesNot(int piece) throws IOException {
    String longest = "x".repeat(LIMIT);
    for (String end : List.of("\n", "\r\n")) {
      assertThat(cut(longest + end + "y\n", piece))
          .containsExactly("0 " + longest, LIMIT + end.length() + " y");
      assertThat(cut(longest + "x" + end + "y\n", piece))
          .containsExactly("0 too long, 1025: " + longest, LIMIT + 1 + end.length() + " y");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000, 4096})
  void anOverLongLineAtTheEndOfTheStreamIsToldWithWhatCameOfIt(int piece) throws IOException {
    assertThat(cut("a\n" + "x".repeat(5000), piece))
        .containsExactly("0 a", "2 too long, 5000: " + "x".repeat(LIMIT) + " (tail)");
    assertThat(cut("a\n" + "x".repeat(LIMIT + 1), piece))
        .containsExactly("0 a", "2 too long, 1025: " + "x".repeat(LIMIT) + " (tail)");
  }

  @ParameterizedTest
  @EnumSource(Recording.class)
  void aRecordingGivesTheSameLinesHoweverItIsCut(Recording recording) throws IOException {
    byte[] bytes = recording.bytes();
    List<String> expected = byHand(bytes, 1 << 20);

    for (int piece : new int[] {1, 2, 7, 4096, Integer.MAX_VALUE}) {
      assertThat(cut(bytes, 1 << 20, () -> piece)).isEqualTo(expected);
    }
  }

  @Test
  void randomBytesGiveTheSameLinesHoweverTheyAreCut() throws IOException {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] bytes = randomLines(random);
      assertThat(cut(bytes, LIMIT, () -> 1 + random.nextInt(3000)))
          .as("seed %d", seed)
          .isEqualTo(byHand(bytes, LIMIT));
    }
  }

  @Test
  void aGigabyteWithoutALineFeedNeedsNoMoreMemoryThanTheLongestLine() throws IOException {
    LineFramer framer = new LineFramer(1 << 20);
    long gigabyte = 1L << 30;
    Endless endless = new Endless(gigabyte);
    int most = 0;
    while (framer.fill(endless, 0) > 0) {
      assertThat(framer.next()).isFalse();
      most = Math.max(most, framer.capacity());
    }
    framer.rest();

    assertThat(most).isLessThanOrEqualTo((1 << 20) + 2 * LineFramer.READ_BYTES);
    assertThat(framer.capacity()).isEqualTo(LineFramer.SMALLEST_BUFFER);
    assertThat(framer.finish()).isTrue();
    assertThat(framer.tooLong().length()).isEqualTo(gigabyte);
    assertThat(framer.tooLong().offset()).isZero();
    assertThat(framer.tooLong().start()).hasSize(RefusedLine.KEPT_BYTES);
  }

  @Test
  void memoryForALongLineIsGivenBackWhenItIsDone() throws IOException {
    LineFramer framer = new LineFramer(1 << 20);
    Pieces pieces = new Pieces(("x".repeat(500_000) + "\nrest").getBytes(UTF_8), () -> 9000);
    while (framer.fill(pieces, 0) > 0) {
      // Gathers all.
    }
    assertThat(framer.capacity()).isGreaterThan(500_000);
    assertThat(framer.next()).isTrue();
    assertThat(framer.next()).isFalse();
    framer.rest();

    assertThat(framer.capacity()).isEqualTo(LineFramer.SMALLEST_BUFFER);
    assertThat(framer.finish()).isTrue();
    assertThat(lineOf(framer)).isEqualTo("500001 rest");
  }

  /** As many that their buffers would be a large part of the smallest heap. */
  private static Crowd crowd(int sources) {
    Crowd crowd = new Crowd();
    for (int i = 0; i < sources; i++) {
      crowd.enter();
    }
    return crowd;
  }

  @Test
  void inACrowdABufferIsSmallAndGathersWithoutGrowing() throws IOException {
    LineFramer framer = new LineFramer(1 << 20, crowd(1_000_000));
    assertThat(framer.capacity()).isEqualTo(LineFramer.LEAST_BUFFER);
    String lines = ("x".repeat(264) + "\n").repeat(100);
    Pieces pieces = new Pieces(lines.getBytes(UTF_8), () -> 600);
    int came = 0;
    int read = 1;
    while (read > 0) {
      do {
        read = framer.fill(pieces, 0, LineFramer.LEAST_BUFFER);
      } while (read > 0 && framer.buffered() < LineFramer.LEAST_BUFFER);
      while (framer.next()) {
        came++;
      }
    }

    assertThat(came).isEqualTo(100);
    assertThat(framer.capacity()).isEqualTo(LineFramer.LEAST_BUFFER);
  }

  @Test
  void inACrowdALongLineIsTakenWholeAndItsRoomGivenBack() throws IOException {
    LineFramer framer = new LineFramer(1 << 20, crowd(1_000_000));
    Pieces pieces = new Pieces(("x".repeat(300_000) + "\nrest").getBytes(UTF_8), () -> 9000);
    while (framer.fill(pieces, 0, LineFramer.LEAST_BUFFER) > 0 && !framer.next()) {
      framer.rest();
    }

    assertThat(framer.length()).isEqualTo(300_000);
    assertThat(framer.next()).isFalse();
    framer.rest();
    assertThat(framer.capacity()).isEqualTo(LineFramer.LEAST_BUFFER);
  }

  @Test
  void whoeverWasThereBeforeTheCrowdGivesUpHisLargerBuffer() {
    Crowd crowd = new Crowd();
    LineFramer framer = new LineFramer(1 << 20, crowd);
    assertThat(framer.capacity()).isEqualTo(LineFramer.SMALLEST_BUFFER);
    for (int i = 0; i < 1_000_000; i++) {
      crowd.enter();
    }
    framer.rest();

    assertThat(framer.capacity()).isEqualTo(LineFramer.LEAST_BUFFER);
  }

  @Test
  void memoryIsKeptWhileALongLineIsUnderWay() throws IOException {
    LineFramer framer = new LineFramer(1 << 20);
    Pieces pieces = new Pieces("x".repeat(100_000).getBytes(UTF_8), () -> 9000);
    while (framer.fill(pieces, 0) > 0) {
      assertThat(framer.next()).isFalse();
      framer.rest();
    }

    assertThat(framer.finish()).isTrue();
    assertThat(framer.length()).isEqualTo(100_000);
  }

  @Test
  void lineEndsAreCountedThoseOfBlankAndOverLongLinesToo() throws IOException {
    LineFramer framer = new LineFramer(LIMIT);
    Pieces pieces = new Pieces(("a\n\n" + "x".repeat(2000) + "\nb").getBytes(UTF_8), () -> 100);
    while (framer.fill(pieces, 0) > 0) {
      while (framer.next()) {
        // Counts.
      }
    }

    assertThat(framer.ended()).isEqualTo(3);
  }

  private static byte[] randomLines(Random random) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] lengths = {0, 0, 1, 2, 20, 200, 1022, 1023, 1024, 1025, 1026, 1027, 3000, 9000};
    byte[] alphabet = {' ', '\t', '\r', 'x', 'y', 0, (byte) 0xff};
    for (int line = random.nextInt(12); line >= 0; line--) {
      int length = lengths[random.nextInt(lengths.length)];
      int letters = 1 + random.nextInt(alphabet.length);
      for (int i = 0; i < length; i++) {
        bytes.write(alphabet[random.nextInt(letters)]);
      }
      if (random.nextInt(3) == 0) {
        bytes.write('\r');
      }
      if (line > 0 || random.nextBoolean()) {
        bytes.write('\n');
      }
    }
    return bytes.toByteArray();
  }

  /** What is to come out, by looking at all the bytes at once. */
  private static List<String> byHand(byte[] bytes, int limit) {
    List<String> lines = new ArrayList<>();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = 0;
    while (at <= text.length()) {
      int end = text.indexOf('\n', at);
      boolean tail = end < 0;
      String line = text.substring(at, tail ? text.length() : end);
      String content = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      String mark = tail ? " (tail)" : "";
      if (content.length() > limit) {
        lines.add(at + " too long, " + content.length() + ": " + content.substring(0, 1024) + mark);
      } else if (!content.matches("[ \t\r]*")) {
        lines.add(at + " " + content + mark);
      }
      at += line.length() + 1;
    }
    return lines;
  }

  private static List<String> cut(String text, int piece) throws IOException {
    return cut(text.getBytes(StandardCharsets.ISO_8859_1), LIMIT, () -> piece);
  }

  private static List<String> cut(byte[] bytes, int limit, IntSupplier piece) throws IOException {
    LineFramer framer = new LineFramer(limit);
    Pieces pieces = new Pieces(bytes, piece);
    List<String> lines = new ArrayList<>();
    while (framer.fill(pieces, 0) > 0) {
      while (framer.next()) {
        lines.add(lineOf(framer));
      }
      framer.rest();
    }
    if (framer.finish()) {
      lines.add(lineOf(framer) + " (tail)");
    }
    return lines;
  }

  private static String lineOf(LineFramer framer) {
    RefusedLine tooLong = framer.tooLong();
    if (tooLong != null) {
      return tooLong.offset()
          + " too long, "
          + tooLong.length()
          + ": "
          + new String(tooLong.start(), StandardCharsets.ISO_8859_1);
    }
    RefusedLine line = framer.refused(Refusal.NOT_JSON);
    return line.offset()
        + " "
        + new String(
            Arrays.copyOfRange(framer.array(), framer.offset(), framer.offset() + framer.length()),
            StandardCharsets.ISO_8859_1);
  }

  /** Says x for ever, or nearly so. */
  private static final class Endless implements PlayerConnection {
    private long left;

    Endless(long bytes) {
      this.left = bytes;
    }

    @Override
    public void send(byte[] sent) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] into, int offset, int length, long nanos) {
      int count = (int) Math.min(length, left);
      Arrays.fill(into, offset, offset + count, (byte) 'x');
      left -= count;
      return count == 0 ? -1 : count;
    }

    @Override
    public boolean hasMore() {
      return left > 0;
    }

    @Override
    public void leave() {}

    @Override
    public boolean isLeft() {
      return false;
    }

    @Override
    public boolean owes() {
      return false;
    }

    @Override
    public void close() {}
  }
}
