package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

  private final QuickLook look = QuickLook.own();
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
    for (int i = 0; i < 300_000; i++) {
      byte[] changed = lines.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        changed[random.nextInt(changed.length)] = BYTES[random.nextInt(BYTES.length)];
      }
      int end = look.endOfLine(changed, 0, changed.length, "uuid");
      if (end < 0) {
        continue;
      }
      said++;
      for (int at = 0; at < end; at++) {
        assertThat(changed[at]).isNotEqualTo((byte) '\n');
      }
      assertThat(changed[end]).isEqualTo((byte) '\n');
      assertThat(JsonScanner.faultOf(changed, 0, end, "uuid")).isEmpty();
    }
    assertThat(said).isGreaterThan(50_000);
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
