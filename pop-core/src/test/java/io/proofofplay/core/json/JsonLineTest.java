package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLineTest {

  @Test
  void anObjectIsOneLine() {
    assertThat(text(new JsonLine())).isEqualTo("{}\n");
    assertThat(
            text(
                new JsonLine()
                    .put("s", "a")
                    .put("n", 42L)
                    .put("d", new JsonNumber("1.50E+3"))
                    .put("no", (String) null)
                    .put("none", (JsonNumber) null)))
        .isEqualTo("{\"s\":\"a\",\"n\":42,\"d\":1.50E+3,\"no\":null,\"none\":null}\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"\\/",
        "a\nb\r\nc\td",
        "\0\u0001\u001f\u007f",
        "\u00e9\u20ac\uD83D\uDE00",
        "\u2028\u2029",
        "\ufffd\ufeff\uffff",
        "{\"uuid\":\"1\"}"
      })
  void anyTextReadsBackAsItWas(String text) {
    assertThat(readBack(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\ud800", "\udc00", "a\ud83d", "\ud83da", "\udc00\ud800", "\u00e9\ud83d\u00e9"})
  void halfASurrogatePairReadsBackAsItWas(String text) {
    assertThat(readBack(text)).isEqualTo(text);
    assertThat(readBack(text + "\uD83D\uDE00")).isEqualTo(text + "\uD83D\uDE00");
  }

  @Test
  void textThatIsWholeIsWrittenAsItIs() {
    assertThat(text(new JsonLine().put("t", "\ud800").put("u", "\u00e9")))
        .isEqualTo("{\"t\":\"\\uD800\",\"u\":\"\u00e9\"}\n");
  }

  /** The writer works in pieces; where one ends must not matter. */
  @Test
  void surrogatesReadBackWhereverTheyStandInALongText() {
    for (String odd : List.of("\uD83D\uDE00", "\ud83d", "\ude00", "\ude00\ud83d")) {
      for (int before = 0;
          before < 9000;
          before += before % 1000 > 985 || before % 1000 < 15 ? 1 : 5) {
        String text = "x".repeat(before) + odd + "y".repeat(3000);
        assertThat(readBack(text)).as("%d letters before", before).isEqualTo(text);
      }
    }
  }

  @Test
  void aLongTextReadsBackAsItWas() {
    String text = "0123456789\u00e9\uD83D\uDE00\n\"".repeat(20_000);
    assertThat(readBack(text)).isEqualTo(text);
  }

  private static String text(JsonLine line) {
    return new String(line.end(), StandardCharsets.UTF_8);
  }

  private static Object readBack(String text) {
    byte[] line = new JsonLine().put("t", text).end();
    assertThat(line[line.length - 1]).isEqualTo((byte) '\n');
    assertThat(new String(line, StandardCharsets.ISO_8859_1).indexOf('\n'))
        .as("the only line feed")
        .isEqualTo(line.length - 1);
    assertThat(JsonScanner.faultOf(line, 0, line.length, "t"))
        .satisfiesAnyOf(fault -> assertThat(fault).isEmpty(), fault -> assertThat(text).isEmpty());
    Map<String, Object> read = JsonScanner.read(line, 0, line.length - 1);
    return read.get("t");
  }
}
