package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class QuickLookTest {

  private static final String EVENT =
      """
      {"uuid":"3933487f-f2f5-4eca-bd92-5cdafa38bbe4", "ts":1795339351.216,"duration":-1.5E+2,\
      "asset":{"filename":"für \\"all\\u00e9\\".mp4","id":1005},"device":{"id":20417,"serial":"c0ffee"},\
      "on":true,"off":false,"none":null,"list":[1,[],{},{"id":0}]}""";

  /** The same without an escape, which would be left to the full scan. */
  private static final String PLAIN = EVENT.replaceAll("\\\\.", "");

  /** Bytes that mean something somewhere in JSON, and some that never do. */
  private static final byte[] BYTES =
      "{}[],:\"\\ \t\n\r0123456789-+.eEtrufalsenu/b\0\1".getBytes(StandardCharsets.US_ASCII);

  private static final String[] PATHS = {
    "uuid", "ts", "duration", "device.id", "device.serial", "asset.id", "asset.filename", "on"
  };

  private static final Members MEMBERS = Members.of(PATHS);

  private final QuickLook look = new QuickLook();
  private final Random random = new Random(7);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private boolean passes(String line) {
    byte[] bytes = utf8(line);
    return look.passes(bytes, 0, bytes.length, "uuid");
  }

  @Test
  void theUsualEventNeedsNoFullScan() {
    assertThat(passes(EVENT)).isTrue();
    assertThat(passes("{\"uuid\":\"x\"}")).isTrue();
    assertThat(passes(" { \"uuid\" : \"x\" , \"a\" : [ { } , [ ] ] } ")).isTrue();
  }

  private int endOfLine(String lines) {
    byte[] bytes = utf8("#" + lines);
    return look.endOfLine(bytes, 1, bytes.length, "uuid") - 1;
  }

  @Test
  void aLineOfTheUsualKindEndsWhereItsLineFeedStands() {
    assertThat(endOfLine(EVENT + "\n" + EVENT + "\n")).isEqualTo(utf8(EVENT).length);
    assertThat(endOfLine(" {\"uuid\":\"x\"} \t\r\n")).isEqualTo(16);
  }

  @Test
  void ofALineThatIsCutOrGoesOnOrIsNoEventNothingIsSaid() {
    int unsaid = -2;
    assertThat(endOfLine(EVENT)).isEqualTo(unsaid);
    assertThat(endOfLine(EVENT.substring(0, 90))).isEqualTo(unsaid);
    assertThat(endOfLine("{\"uuid\":\"x\",\n\"a\":1}\n")).isEqualTo(unsaid);
    assertThat(endOfLine("\n{\"uuid\":\"x\"}\n")).isEqualTo(unsaid);
    assertThat(endOfLine("{\"uuid\":\"x\"}{}\n")).isEqualTo(unsaid);
    assertThat(endOfLine("{\"id\":\"x\"}\n")).isEqualTo(unsaid);
    assertThat(endOfLine("")).isEqualTo(unsaid);
  }

  /** Of whatever comes of an event by a few changes. */
  @Test
  void whatIsSaidOfAnEndIsWhatFramingAndScanSayOneAfterTheOther() {
    byte[] lines = utf8(EVENT + "\n" + EVENT + "\r\n");
    int said = 0;
    int known = 0;
    for (int i = 0; i < 300_000; i++) {
      byte[] changed = lines.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        changed[random.nextInt(changed.length)] = BYTES[random.nextInt(BYTES.length)];
      }
      boolean isKnown = look.hasKnownShape(changed, 0, changed.length, "uuid");
      int end = look.endOfLine(changed, 0, changed.length, "uuid");
      if (end < 0) {
        continue;
      }
      said++;
      known += isKnown ? 1 : 0;
      for (int at = 0; at < end; at++) {
        assertThat(changed[at]).isNotEqualTo((byte) '\n');
      }
      assertThat(changed[end]).isEqualTo((byte) '\n');
      assertThat(JsonScanner.faultOf(changed, 0, end, "uuid")).isEmpty();
    }
    assertThat(said).isGreaterThan(50_000);
    assertThat(known).as("by the shape of one before").isGreaterThan(10_000);
  }

  /** Whether the last of some lines, one after the other, was known by a shape. */
  private boolean isKnown(String... lines) {
    boolean known = false;
    for (String line : lines) {
      byte[] bytes = utf8("x".repeat(300) + line);
      known = look.hasKnownShape(bytes, 300, bytes.length, "uuid");
      assertThat(look.endOfLine(bytes, 300, bytes.length, "uuid"))
          .as(line)
          .isEqualTo(bytes.length - 1);
    }
    return known;
  }

  @Test
  void aLineLikeTwoBeforeItIsKnownByItsShape() {
    String one = EVENT + "\n";
    String like = one.replace("3933487f", "abcdefgh").replace("351.216", "987.654");

    assertThat(isKnown(one)).isFalse();
    assertThat(isKnown(like)).isFalse();
    assertThat(isKnown(one)).isTrue();
    assertThat(isKnown(like.replace("all", "nix"))).as("behind an escape").isTrue();
    assertThat(isKnown(like.replace("c0ffee", "c0\\\\ee"))).isFalse();
  }

  @Test
  void whoeverSendsLinesOfTwoKindsIsKnownByTheOneThatCameTwice() {
    String one = "{\"uuid\":\"a\"}\n";
    String other = "{\"uuid\":\"abc\"}\n";
    isKnown(one, one);

    for (int i = 0; i < 10; i++) {
      assertThat(isKnown(other)).isFalse();
      assertThat(isKnown(one)).isTrue();
    }
  }

  @Test
  void oneLineOfAnotherShapeTakesNoPlaceOfAnother() {
    String one = "{\"uuid\":\"a\",\"b\":10.5}\n";
    String other = "{\"uuid\":\"a\",\"b\":1.05}\n";
    isKnown(one, one);

    for (int i = 0; i < 10; i++) {
      assertThat(isKnown(one)).isTrue();
      assertThat(isKnown(other)).isFalse();
      assertThat(isKnown(one)).isTrue();
    }
  }

  /** To remember a shape is dear: it must not be done for each line. */
  @Test
  void shapesThatAreOfNoUseAreRememberedLessAndLessOften() {
    int remembered = 0;
    String line = "";
    for (int i = 100; i < 1100; i++) {
      line = "{\"uuid\":\"a\",\"k%04d\":1}\n".formatted(i);
      assertThat(isKnown(line)).isFalse();
      remembered += look.hasKnownShape(utf8(line), 0, line.length(), "uuid") ? 1 : 0;
    }

    assertThat(remembered).isBetween(5, 30);
    String[] many = Collections.nCopies(80, line).toArray(new String[0]);
    assertThat(isKnown(many)).as("they are again, if they are").isTrue();
    assertThat(isKnown(line.replace("k", "l"), line.replace("k", "l"))).isFalse();
    assertThat(isKnown(line.replace("k", "l"))).as("at once, as the last one was").isTrue();
  }

  @Test
  void aShapeThatFewLinesHaveIsNotWorthIt() {
    int remembered = 0;
    for (int i = 100; i < 1100; i++) {
      String line = "{\"uuid\":\"a\",\"k%04d\":1}\n".formatted(i);
      isKnown(line, line, line);
      remembered += look.hasKnownShape(utf8(line), 0, line.length(), "uuid") ? 1 : 0;
    }

    assertThat(remembered).isBetween(5, 100);
  }

  @Test
  void aLineThatIsVeryLongHasNoShape() {
    String longest = "{\"uuid\":\"" + "y".repeat(Shape.LONGEST - 12) + "\"}\n";
    assertThat(utf8(longest)).hasSize(Shape.LONGEST);
    assertThat(isKnown(longest, longest, longest)).isTrue();
    String longer = longest.replaceFirst("y", "yy");
    assertThat(isKnown(longer, longer, longer)).isFalse();
  }

  /** The third has the shape of two before it; what is wrong with it is seen all the same. */
  @Test
  void aLineOfTheSameLengthAsTheTwoBeforeItIsLookedAtNoLess() {
    String usual = "{\"uuid\":\"a-1\",\"n\":-10.5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n";
    String[] sound = {
      "{\"uuid\":\"b,2\",\"n\":-29.0,\"t\":true,\"k\":{\"x\":\"\\u0041{\"}} \r\n",
      "{\"uuid\":\"b{2\",\"n\":-10e5,\"t\":true,\"k\":{\"x\":\"\\u0042z\"}} \r\n",
      "{\"uuid\":\"\\u00e9\",\"n\":0,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
    };
    String[] unsound = {
      "{\"uuid\":\"a\\1\",\"n\":-10.5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
      "{\"uuid\":\"a\"1\",\"n\":-10.5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
      "{\"uuid\":\"a\t1\",\"n\":-10.5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
      "{\"uuid\":\"a-1\",\"n\":-00.5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
      "{\"uuid\":\"a-1\",\"n\":-1..5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
      "{\"uuid\":\"a-1\",\"n\":-10.5,\"t\":trux,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
      "{\"uuid\":\"a-1\",\"n\":-10.5,\"n\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
      "{\"uuid\":\"a-1\",\"n\":-10.5,\"t\":true,\"k\":{\"x\":\"\\u004gz\"}} \r\n",
      "{\"uuid\":\"a-1\",\"n\":-10.5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}}} \n",
      "{\"uuix\":\"a-1\",\"n\":-10.5,\"t\":true,\"k\":{\"x\":\"\\u0041z\"}} \r\n",
    };
    for (String line : sound) {
      assertThat(new QuickLookTest().endOfLine(usual, usual, line))
          .as(line)
          .isEqualTo(utf8(line).length - 1);
    }
    for (String line : unsound) {
      assertThat(new QuickLookTest().endOfLine(usual, usual, line)).as(line).isEqualTo(-2);
    }
  }

  /** Where the last of some lines ends, that come one after the other. */
  private int endOfLine(String... lines) {
    int end = -2;
    for (String line : lines) {
      byte[] bytes = utf8("x".repeat(300) + line);
      end = look.endOfLine(bytes, 300, bytes.length, "uuid");
      end -= end < 0 ? 1 : 300;
    }
    return end;
  }

  @Test
  void aKeyIsOneAlsoIfWhiteSpaceStandsBetweenItAndItsColon() {
    for (String space : List.of("", " ", "\t", "\r", " \t\r ")) {
      String usual = "{\"uuid\"#:\"a\",\"b\"#:1,\"c\"#:\"d\"}\n".replace("#", space);

      assertThat(new QuickLookTest().endOfLine(usual, usual, usual.replace("uuid", "uuix")))
          .isEqualTo(-2);
      assertThat(new QuickLookTest().endOfLine(usual, usual, usual.replace("\"c\"", "\"b\"")))
          .isEqualTo(-2);
    }
  }

  @Test
  void theShapeOfALineWithOneMemberIsNotThatOfALineWithAnother() {
    String line = "{\"uuid\":\"\",\"name\":\"a\"}\n";
    byte[] bytes = utf8(line);
    for (int i = 0; i < 3; i++) {
      assertThat(look.endOfLine(bytes, 0, bytes.length, "name")).isEqualTo(bytes.length - 1);
    }
    assertThat(look.endOfLine(bytes, 0, bytes.length, "uuid")).isEqualTo(-1);
  }

  @Test
  void aLineThatIsCutWhereTheShapeGoesOnDoesNotEnd() {
    String line = "{\"uuid\":\"a\"}\n";
    for (int i = 0; i < 3; i++) {
      assertThat(endOfLine(line)).isEqualTo(line.length() - 1);
    }
    for (int length = 0; length < line.length(); length++) {
      byte[] bytes = utf8(line);
      assertThat(look.endOfLine(bytes, 0, length, "uuid")).as("of %d", length).isEqualTo(-1);
    }
  }

  @Test
  void aShapeIsThatOfAnotherMember() {
    String line = "{\"uuid\":\"a\",\"name\":\"\"}\n";
    for (int i = 0; i < 3; i++) {
      assertThat(endOfLine(line)).isEqualTo(line.length() - 1);
    }
    assertThat(look.endOfLine(utf8(line), 0, line.length(), "name")).isEqualTo(-1);
  }

  @Test
  void theSameKeyIsFoundInEachObjectAndNotInTwo() {
    assertThat(passes("{\"uuid\":\"x\",\"a\":1,\"a\":2}")).isFalse();
    assertThat(passes("{\"uuid\":\"x\",\"a\":{\"b\":1,\"b\":2}}")).isFalse();
    assertThat(passes("{\"uuid\":\"x\",\"a\":{\"b\":1},\"b\":{\"a\":1}}")).isTrue();
    // Not told apart by their length, first and last byte.
    assertThat(passes("{\"uuid\":\"x\",\"a1z\":1,\"a2z\":2,\"\":3}")).isTrue();
    assertThat(passes("{\"uuid\":\"x\",\"a1z\":1,\"a2z\":2,\"a1z\":3}")).isFalse();
    assertThat(passes("{\"uuid\":\"x\",\"\":1,\"\":2}")).isFalse();
  }

  @Test
  void anIdMustBeAStringThatIsNotEmptyInTheOutermostObject() {
    assertThat(passes("{\"uuid\":\"\"}")).isFalse();
    assertThat(passes("{\"uuid\":1}")).isFalse();
    assertThat(passes("{\"a\":{\"uuid\":\"x\"}}")).isFalse();
    assertThat(passes("{\"a\":[\"uuid\",\"x\"]}")).isFalse();
  }

  @Test
  void badUtf8DoesNotPassWhereverItStands() {
    byte[] bytes = utf8("{\"uuid\":\"xx\",\"kk\":[\"vv\"]}");
    for (int i = 0; i < bytes.length; i++) {
      byte[] bad = bytes.clone();
      bad[i] = (byte) 0xff;
      assertThat(look.passes(bad, 0, bad.length, "uuid")).as("at %s", i).isFalse();
    }
  }

  /** One to three changes of an event: whatever passes here has no fault for the full scan. */
  @Test
  void whateverPassesHasNoFaultForTheFullScan() {
    int passed = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] line = changed(utf8(EVENT), 1 + random.nextInt(3));
      if (look.passes(line, 0, line.length, "uuid")) {
        passed++;
        assertThat(JsonScanner.fullScan(line, 0, line.length, "uuid"))
            .as(() -> new String(line, StandardCharsets.UTF_8))
            .isEmpty();
      }
    }
    assertThat(passed).isBetween(5_000, 45_000);
  }

  private byte[] changed(byte[] line, int changes) {
    List<Byte> bytes = new ArrayList<>();
    for (byte one : line) {
      bytes.add(one);
    }
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(bytes.size());
      byte other = BYTES[random.nextInt(BYTES.length)];
      switch (random.nextInt(3)) {
        case 0 -> bytes.set(at, other);
        case 1 -> bytes.add(at, other);
        default -> bytes.remove(at);
      }
    }
    byte[] array = new byte[bytes.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = bytes.get(i);
    }
    return array;
  }

  /** The same changes, for the members of what has no fault. */
  @Test
  void whatIsReadQuicklyIsWhatIsReadInFull() {
    int known = 0;
    for (int round = 0; round < 30_000; round++) {
      byte[] line = changed(utf8(round % 2 == 0 ? EVENT : PLAIN), random.nextInt(3));
      if (JsonScanner.fullScan(line, 0, line.length, null).isPresent()) {
        continue;
      }
      int[] spans = new int[2 * PATHS.length];
      if (!QuickLook.find(line, 0, line.length, MEMBERS, spans)) {
        continue;
      }
      known++;
      Map<String, Object> all = JsonScanner.read(line, 0, line.length);
      for (int i = 0; i < PATHS.length; i++) {
        assertThat(textIn(line, spans[2 * i], spans[2 * i + 1]))
            .as(() -> new String(line, StandardCharsets.UTF_8))
            .isEqualTo(text(at(all, PATHS[i])));
      }
    }
    assertThat(known).isGreaterThan(2_000);
  }

  private static Object at(Map<String, Object> members, String path) {
    String[] names = path.split("\\.", 2);
    Object value = members.get(names[0]);
    if (names.length == 1) {
      return value;
    }
    return value instanceof Map<?, ?> below ? below.get(names[1]) : null;
  }

  private static String textIn(byte[] line, int from, int length) {
    return length < 0 ? null : new String(line, from, length, StandardCharsets.UTF_8);
  }

  private static String text(Object value) {
    return value instanceof String || value instanceof JsonNumber ? value.toString() : null;
  }

  @Test
  void escapesInWhatIsReadAreResolved() {
    byte[] line = utf8("{\"a\":{\"b\":\"\\u0041\"},\"c\":1.50,\"d.e\":1}");

    assertThat(JsonScanner.texts(line, 0, line.length, Members.of("a.b", "c", "d.e", "f")))
        .containsExactly("A", "1.50", null, null);
  }

  @Test
  void aMemberIsFoundByAnyNameAlsoOneThatIsNoPath() {
    byte[] line = utf8("{\"a.b\":\"dot\",\"für\":\"umlaut\",\"a\":{\"b\":\"below\"}}");

    assertThat(JsonScanner.text(line, 0, line.length, "a.b")).contains("dot");
    assertThat(JsonScanner.text(line, 0, line.length, "für")).contains("umlaut");
  }
}
