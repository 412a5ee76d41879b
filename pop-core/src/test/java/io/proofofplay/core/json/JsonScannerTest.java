package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {

  private static final String ID = "\"uuid\":\"1\"";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "0",
        "-0",
        "1",
        "-1",
        "10",
        "1.0",
        "-1.5",
        "0.0",
        "0e0",
        "1e5",
        "1E5",
        "1e+5",
        "1E-5",
        "-0.0e-0",
        "123456789012345678901234567890",
        "1e999999999",
        "1e-999999999",
        "\"\"",
        "\"a\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0000\"",
        "\"\\u00e9\\uD83D\\ude00\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\u00e9\u20ac\uD83D\uDE00\"",
        "\"\u007f\u2028\u2029\"",
        "\"\ufeff\"",
        "\"/\"",
        "\"//\"",
        "\"\uffff\"",
        "true",
        "false",
        "null",
        "[]",
        "[ ]",
        "[1]",
        "[1,2]",
        "[[],[[]]]",
        "[null,true,false,\"\",0,{}]",
        "{\"a\":1}",
        "{\"\":1}",
        "{\"a\":1,\"b\":1}",
        "{\"a\":{\"a\":{\"a\":1}}}",
        "{\"A\":1,\"a\":1}",
        "[{\"a\":1},{\"a\":1}]",
        "{\"\\u0061\":1,\"b\":2}",
        "{\"\u00e9\":1,\"e\u0301\":1}",
        " [ 1 , 2 ] ",
        "\t[1\r,\t2]\r"
      })
  void everyValueOfRfc8259Passes(String value) {
    assertThat(fault("{" + ID + ",\"v\":" + value + "}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "tru",
        "True",
        "TRUE",
        "truex",
        "nul",
        "nulll",
        "undefined",
        "None",
        "NaN",
        "nan",
        "-nan",
        "inf",
        "-inf",
        "Infinity",
        "-Infinity",
        "+Infinity",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-.5",
        "1e",
        "1e+",
        "1.e5",
        "1e5.5",
        "+1",
        "-",
        "--1",
        "0x10",
        "1_0",
        "1a",
        "1-2",
        "1 2",
        "1,2",
        "0b1",
        "\u0661",
        "1f",
        "1L",
        "'a'",
        "\"a",
        "a\"",
        "\"a\"b",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        // U+0263 ends in 63, U+0131 in 31: the digits c and 1 in ASCII.
        "\"\\u004\u0263\"",
        "\"\\u\u0131234\"",
        "\"\\u004\uff11\"",
        "\"\\\"",
        "\"\\0\"",
        "\"\\'\"",
        "\"\u0001\"",
        "\"\u001f\"",
        "\"\t\"",
        "\"\n\"",
        "\"a\" \"b\"",
        "[",
        "]",
        "[1",
        "1]",
        "[1,]",
        "[,1]",
        "[,]",
        "[1,,2]",
        "[1 2]",
        "[1;2]",
        "[1}",
        "(1)",
        "{",
        "}}",
        "{1:1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\",1}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1]",
        "{null:1}",
        "{\"a\":1;\"b\":2}",
        "1 // comment",
        "1 /* comment */",
        "/* comment */ 1",
        "1 # comment",
        "<!-- 1 -->",
        "\u00a01",
        "\u000b1",
        "\u000c1",
        "\u20281",
        "\ufeff1",
        "1\ufeff"
      })
  void nothingElseDoes(String value) {
    assertThat(fault("{" + ID + ",\"v\":" + value + "}")).contains(JsonFault.NOT_JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\t\r ",
        "{",
        "}",
        "{\"uuid\"",
        "{\"uuid\":\"1\"",
        "{\"uuid\":\"1",
        "x",
        ",",
        "\"",
        "{" + ID + "}}",
        "{" + ID + "}]",
        "{" + ID + "},",
        "{" + ID + "} x",
        "{" + ID + "} \u001a",
        "[1",
        "[1]]",
        "tru",
        "{" + ID + "} // end"
      })
  void aLineThatIsNotJsonIsCalledThat(String line) {
    assertThat(fault(line)).contains(JsonFault.NOT_JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[{" + ID + "}]",
        "1",
        "-1.5",
        "\"uuid\"",
        "null",
        "true",
        "{" + ID + "}{" + ID + "}",
        "{" + ID + "} {}",
        "{" + ID + "} 1",
        "{" + ID + "} []",
        "{} null",
        "1 2",
        "[] {" + ID + "}"
      })
  void anythingButExactlyOneObjectIsCalledThat(String line) {
    assertThat(fault(line)).contains(JsonFault.NOT_ONE_OBJECT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"uuid\":\"1\",\"uuid\":\"1\"}",
        "{\"uuid\":\"1\",\"uuid\":2}",
        "{\"uuid\":\"1\",\"\\u0075uid\":\"2\"}",
        "{" + ID + ",\"a\":1,\"a\":1}",
        "{" + ID + ",\"a\":1,\"\\u0061\":2}",
        "{" + ID + ",\"\\u0061\":1,\"a\":2}",
        "{" + ID + ",\"\":1,\"\":2}",
        "{" + ID + ",\"\u00e9\":1,\"b\":0,\"\\u00e9\":2}",
        "{" + ID + ",\"\uD83D\uDE00\":1,\"\\ud83d\\ude00\":2}",
        "{" + ID + ",\"o\":{\"a\":1,\"b\":2,\"a\":3}}",
        "{" + ID + ",\"l\":[[{\"a\":[],\"a\":[]}]]}",
        "{" + ID + ",\"a\":{},\"b\":{},\"c\":{},\"d\":{},\"a\":{}}"
      })
  void theSameKeyTwiceInOneObjectIsCalledThat(String line) {
    assertThat(fault(line)).contains(JsonFault.DUPLICATE_KEY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\":1}",
        "{\"uuid\":\"\"}",
        "{\"uuid\":1}",
        "{\"uuid\":null}",
        "{\"uuid\":true}",
        "{\"uuid\":[\"1\"]}",
        "{\"uuid\":{\"uuid\":\"1\"}}",
        "{\"a\":{\"uuid\":\"1\"}}",
        "{\"a\":[{\"uuid\":\"1\"}]}",
        "{\"UUID\":\"1\"}",
        "{\"uuid \":\"1\"}",
        "{\"a\":\"uuid\"}",
        "{\"a\":{},\"b\":[\"uuid\",\"1\"]}"
      })
  void anObjectWithoutTheMemberAsANonEmptyStringIsCalledThat(String line) {
    assertThat(fault(line)).contains(JsonFault.MEMBER_MISSING);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"uuid\":\"1\"}",
        " {\"uuid\" : \"1\" } ",
        "{\"\\u0075uid\":\"1\"}",
        "{\"uuid\":\" \"}",
        "{\"uuid\":\"\\u0000\"}",
        "{\"a\":{\"uuid\":2},\"uuid\":\"not a v4\",\"b\":[{\"uuid\":3}]}"
      })
  void theMemberMayStandAnywhereInTheOutermostObject(String line) {
    assertThat(fault(line)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80",
        "ff",
        "c0af",
        "c1bf",
        "e09fbf",
        "eda080",
        "edbfbf",
        "f08fbfbf",
        "f4908080",
        "f5808080",
        "c3",
        "e282",
        "f09f98"
      })
  void badUtf8IsCalledThatWhereverItStands(String hex) {
    byte[] bad = HexFormat.of().parseHex(hex);

    assertThat(fault(join(ascii("{" + ID + ",\"a\":\""), bad, ascii("\"}"))))
        .contains(JsonFault.BAD_UTF8);
    assertThat(fault(join(ascii("{" + ID + ",\""), bad, ascii("\":1}"))))
        .contains(JsonFault.BAD_UTF8);
    assertThat(fault(join(ascii("{" + ID + "}"), bad))).contains(JsonFault.BAD_UTF8);
    assertThat(fault(join(bad, ascii("{" + ID + "}")))).contains(JsonFault.BAD_UTF8);
  }

  @Test
  void otherEncodingsAreNotGuessed() {
    for (String encoding : List.of("UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE")) {
      assertThat(fault(("{" + ID + "}").getBytes(Charset.forName(encoding))))
          .as(encoding)
          .contains(JsonFault.NOT_JSON);
    }
    assertThat(fault(("{" + ID + "}").getBytes(StandardCharsets.UTF_16)))
        .contains(JsonFault.BAD_UTF8);
  }

  @Test
  void aByteOrderMarkIsNotJson() {
    assertThat(fault("\ufeff{" + ID + "}")).contains(JsonFault.NOT_JSON);
    assertThat(fault("{" + ID + "}\ufeff")).contains(JsonFault.NOT_JSON);
  }

  @Test
  void aNulIsNotJsonWhereverItStands() {
    String line = " {" + ID + "} ";
    for (int at = 0; at <= line.length(); at++) {
      assertThat(fault(line.substring(0, at) + "\0" + line.substring(at)))
          .as("NUL at %d", at)
          .contains(JsonFault.NOT_JSON);
    }
  }

  @Test
  void sixtyFourLevelsPassAndSixtyFiveDoNot() {
    assertThat(fault(nestedObjects(64))).isEmpty();
    assertThat(fault(nestedObjects(65))).contains(JsonFault.TOO_DEEP);
    assertThat(fault(nestedArrays(64))).isEmpty();
    assertThat(fault(nestedArrays(65))).contains(JsonFault.TOO_DEEP);
    assertThat(fault(nestedArrays(100_000))).contains(JsonFault.TOO_DEEP);
    assertThat(fault("[".repeat(65) + "]".repeat(65))).contains(JsonFault.TOO_DEEP);
  }

  @Test
  void whatStandsDeepBehindAnotherValueIsNotWhatIsWrong() {
    assertThat(fault("1 " + nestedArrays(65))).contains(JsonFault.NOT_ONE_OBJECT);
    assertThat(fault("[] " + nestedArrays(65))).contains(JsonFault.NOT_ONE_OBJECT);
    assertThat(fault("1 ]")).contains(JsonFault.NOT_JSON);
  }

  @Test
  void lengthAloneIsNoFault() {
    String long70 = "k".repeat(70_000);
    StringBuilder many = new StringBuilder("{" + ID);
    for (int i = 0; i < 10_000; i++) {
      many.append(",\"k").append(i).append("\":").append(i);
    }

    assertThat(fault("{" + ID + ",\"" + long70 + "\":\"" + long70 + "\"}")).isEmpty();
    assertThat(fault("{" + ID + ",\"" + long70 + "\":1,\"" + long70 + "x\":1}")).isEmpty();
    assertThat(fault("{" + ID + ",\"" + long70 + "\":1,\"" + long70 + "\":1}"))
        .contains(JsonFault.DUPLICATE_KEY);
    assertThat(fault("{" + ID + ",\"n\":" + "9".repeat(70_000) + "}")).isEmpty();
    assertThat(fault("{" + ID + ",\"n\":1." + "9".repeat(70_000) + "e5}")).isEmpty();
    assertThat(fault(many + "}")).isEmpty();
    assertThat(fault(many + ",\"k9999\":0}")).contains(JsonFault.DUPLICATE_KEY);
    assertThat(fault("{\"uuid\":\"" + "\u00e9".repeat(70_000) + "\"}")).isEmpty();
  }

  @Test
  void aKeyThatStandsTwiceIsFoundInHoweverManyPasses() {
    StringBuilder keys = new StringBuilder("{\"uuid\":\"1\"");
    for (int i = 0; i < 100; i++) {
      keys.append(",\"k").append(i).append("\":{\"k0\":1}");
    }
    byte[] once = (keys + "}").getBytes(StandardCharsets.UTF_8);
    for (int pass : new int[] {20, 100, 1_000, 1_000_000}) {
      assertThat(JsonScanner.fullScan(once, 0, once.length, "uuid", pass)).isEmpty();
      for (int i = 0; i < 100; i++) {
        byte[] twice = (keys + ",\"k" + i + "\":0}").getBytes(StandardCharsets.UTF_8);
        assertThat(JsonScanner.fullScan(twice, 0, twice.length, "uuid", pass))
            .as("k%d, %d bytes in a pass", i, pass)
            .contains(JsonFault.DUPLICATE_KEY);
      }
    }
  }

  /** What is wrong besides, behind the key that stands twice: the first of the two counts. */
  @ParameterizedTest
  @ValueSource(strings = {"", "}", "}{", "}]", ",", ",\"a\":[[1,]]}"})
  void theReasonIsTheSameInHoweverManyPassesItIsFound(String end) {
    StringBuilder keys = new StringBuilder("{\"x\":1");
    for (int i = 0; i < 50; i++) {
      keys.append(",\"k").append(i).append("\":").append(i);
    }
    byte[] once = (keys + end).getBytes(StandardCharsets.UTF_8);
    assertThat(JsonScanner.fullScan(once, 0, once.length, "uuid", 20))
        .isEqualTo(JsonScanner.fullScan(once, 0, once.length, "uuid", 1_000_000))
        .isNotEmpty();
    for (int i = 0; i < 50; i++) {
      byte[] twice = (keys + ",\"k" + i + "\":0" + end).getBytes(StandardCharsets.UTF_8);
      assertThat(JsonScanner.fullScan(twice, 0, twice.length, "uuid", 20))
          .as("k%d", i)
          .isEqualTo(JsonScanner.fullScan(twice, 0, twice.length, "uuid", 1_000_000))
          .contains(JsonFault.DUPLICATE_KEY);
    }
  }

  /** RFC 8259 lets readers do as they like here; most refuse it, so a backend would. */
  @Test
  void halfASurrogatePairIsRefusedInAKeyAndPassesInAString() {
    assertThat(fault("{" + ID + ",\"\\ud800\":1}")).contains(JsonFault.NOT_JSON);
    assertThat(fault("{" + ID + ",\"a\":\"\\ud800\"}")).isEmpty();
  }

  @Test
  void keysThatCollideInAHashTableAreNoFault() {
    StringBuilder line = new StringBuilder("{" + ID);
    for (int i = 0; i < 1 << 12; i++) {
      StringBuilder key = new StringBuilder();
      for (int bit = 0; bit < 12; bit++) {
        key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      line.append(",\"").append(key).append("\":1");
    }

    assertThat(fault(line + "}")).isEmpty();
  }

  @Test
  void everyBeginningOfALineIsAFault() {
    String line = "{\"uuid\":\"\\u00e9\u00e9\",\"a\":[1.5e3,{\"b\":null}],\"c\":true}";
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    assertThat(fault(bytes)).isEmpty();
    for (int length = 0; length < bytes.length; length++) {
      assertThat(fault(Arrays.copyOf(bytes, length))).as("%d bytes", length).isPresent();
    }
  }

  @Test
  void onlyTheBytesAskedForAreLookedAt() {
    byte[] around = ascii("}\"x{" + ID + "}{\"y");

    assertThat(JsonScanner.faultOf(around, 3, ID.length() + 2, "uuid")).isEmpty();
    assertThat(JsonScanner.text(around, 3, ID.length() + 2, "uuid")).contains("1");
    assertThat(JsonScanner.read(around, 3, ID.length() + 2)).containsOnlyKeys("uuid");
  }

  @Test
  void anObjectIsLookedAtWithTheSameStrictnessWhenNoMemberIsAskedFor() {
    assertThat(plainFault("{}")).isEmpty();
    assertThat(plainFault("{\"uuid\":\"\"}")).isEmpty();
    assertThat(plainFault("[]")).contains(JsonFault.NOT_ONE_OBJECT);
    assertThat(plainFault("{} {}")).contains(JsonFault.NOT_ONE_OBJECT);
    assertThat(plainFault("{\"a\":1,\"a\":1}")).contains(JsonFault.DUPLICATE_KEY);
    assertThat(plainFault("{\"a\":}")).contains(JsonFault.NOT_JSON);
  }

  private static Optional<JsonFault> plainFault(String text) {
    byte[] line = text.getBytes(StandardCharsets.UTF_8);
    return JsonScanner.faultOf(line, 0, line.length);
  }

  @Test
  void theTextOfAMemberHasItsEscapesResolved() {
    assertThat(text("{\"a\":{\"m\":\"no\"},\"\\u006d\":\"\\u00e9\\n\uD83D\uDE00\"}", "m"))
        .contains("\u00e9\n\uD83D\uDE00");
    assertThat(text("{\"a\":[\"m\",{\"m\":\"no\"}]}", "m")).isEmpty();
    assertThat(text("{\"m\":1}", "m")).isEmpty();
    assertThat(text("{\"m\":\"\"}", "m")).contains("");
    assertThat(text("[\"m\"]", "m")).isEmpty();
    assertThat(text("{\"m", "m")).isEmpty();
  }

  @Test
  void readingGivesPlainValuesInTheirOrder() {
    Map<String, Object> read =
        read("{\"z\":[1,[2.50,{}],\"s\",null],\"a\":{\"t\":true,\"f\":false,\"n\":null},\"e\":[]}");

    assertThat(read).containsOnlyKeys("z", "a", "e");
    assertThat(read.keySet()).containsExactly("z", "a", "e");
    assertThat(read.get("z"))
        .isEqualTo(
            Arrays.asList(
                new JsonNumber("1"), List.of(new JsonNumber("2.50"), Map.of()), "s", null));
    Object object = read.get("a");
    assertThat(object).isInstanceOf(Map.class);
    assertThat(((Map<?, ?>) object).get("t")).isEqualTo(true);
    assertThat(((Map<?, ?>) object).get("f")).isEqualTo(false);
    assertThat(((Map<?, ?>) object).containsKey("n")).isTrue();
    assertThat(((Map<?, ?>) object).get("n")).isNull();
    assertThat(read.get("e")).isEqualTo(List.of());
  }

  @Test
  void readingKeepsNumbersInTheirOwnSpelling() {
    for (String number : List.of("-0", "1e+15", "1E5", "1774549328.1235", "1e999999999", "0.10")) {
      assertThat(read("{\"n\":" + number + "}").get("n")).isEqualTo(new JsonNumber(number));
    }
  }

  @Test
  void halfASurrogatePairPassesInAValueAndIsNoKey() {
    assertThat(fault("{" + ID + ",\"v\":\"\\ud83d,\\ude00\"}")).isEmpty();
    assertThat(fault("{" + ID + ",\"\\ud83d\\ude00\":1}")).isEmpty();
    assertThat(fault("{" + ID + ",\"\\ud83d\":1}")).contains(JsonFault.NOT_JSON);
    assertThat(fault("{" + ID + ",\"\\ude00\":1}")).contains(JsonFault.NOT_JSON);
  }

  @Test
  void readingTheDeepestThatPassesWorks() {
    assertThat(read(nestedObjects(64))).containsKey("uuid");
    assertThat(read(nestedArrays(64))).containsKey("uuid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "{", "{\"a\":[1}", "{\"a\":1,\"a\":2}", "x"})
  void whatIsNoObjectCannotBeRead(String line) {
    assertThatThrownBy(() -> read(line)).isInstanceOf(IllegalArgumentException.class);
  }

  private static String nestedObjects(int depth) {
    return "{" + ID + ",\"a\":" + "{\"a\":".repeat(depth - 2) + "{}" + "}".repeat(depth - 1);
  }

  private static String nestedArrays(int depth) {
    return "{" + ID + ",\"a\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}";
  }

  private static Optional<JsonFault> fault(String line) {
    return fault(line.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<JsonFault> fault(byte[] line) {
    return JsonScanner.faultOf(line, 0, line.length, "uuid");
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 8_191, 8_192, 8_193, 9_000, 100_000})
  void whatStandsBesideTheBytesIsNotLookedAt(int length) {
    byte[] line = ascii("{\"uuid\":\"u\",\"n\":7,\"x\":\"" + "y".repeat(length - 26) + "\"}");
    byte[] cut = Arrays.copyOf(line, line.length - 1);
    for (int before : new int[] {0, 1, 17, 70_000}) {
      byte[] beside = new byte[before];
      Arrays.fill(beside, (byte) '{');
      byte[] behind = ascii("}\n{\"uuid\":\"v\"}\n" + "}".repeat(before));

      byte[] among = join(beside, line, behind);
      assertThat(JsonScanner.faultOf(among, before, line.length, "uuid")).isEmpty();
      assertThat(JsonScanner.text(among, before, line.length, "uuid")).contains("u");
      assertThat(JsonScanner.read(among, before, line.length)).containsOnlyKeys("uuid", "n", "x");

      assertThat(JsonScanner.faultOf(join(beside, cut, behind), before, cut.length, "uuid"))
          .contains(JsonFault.NOT_JSON);
    }
  }

  private static Optional<String> text(String line, String member) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    Optional<String> text = JsonScanner.text(bytes, 0, bytes.length, member);
    if (member.matches("[a-z]+")) {
      assertThat(JsonScanner.text(bytes, 0, bytes.length, Members.of(member))).isEqualTo(text);
    }
    return text;
  }

  private static Map<String, Object> read(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return JsonScanner.read(bytes, 0, bytes.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] join(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
