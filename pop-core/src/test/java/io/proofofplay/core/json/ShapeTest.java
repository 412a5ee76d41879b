package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ShapeTest {

  private final Shape shape = new Shape();

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Remembers an object of which one part may vary. */
  private void remember(String object, String part, boolean isText) {
    byte[] bytes = utf8("##" + object);
    shape.remember(bytes, 2, bytes.length - 2);
    int from = utf8(object.substring(0, object.indexOf(part))).length;
    if (isText) {
      shape.mayVaryAsText(from, utf8(part).length);
    } else {
      shape.mayVaryAsNumber(from, utf8(part).length);
    }
  }

  private boolean fits(String object) {
    byte[] bytes = utf8("#" + object + "##");
    return bytes.length - 3 == shape.length() && shape.fits(bytes, 1);
  }

  @Test
  void nothingIsLikeNoneAtAll() {
    assertThat(shape.length()).isEqualTo(-1);
    assertThat(shape.fits(new byte[3], 1)).isFalse();
  }

  @Test
  void whatIsNotSaidToVaryIsTheSame() {
    byte[] bytes = utf8("{\"a\":1}");
    shape.remember(bytes, 0, bytes.length);

    assertThat(fits("{\"a\":1}")).isTrue();
    for (int i = 0; i < bytes.length; i++) {
      byte[] other = bytes.clone();
      other[i]++;
      assertThat(shape.fits(other, 0)).as("at %d", i).isFalse();
    }
  }

  @Test
  void aTextVariesByWhatNeitherEndsItNorBeginsAnEscape() {
    remember("{\"a\":\"abcdefghijk\",\"b\":2}", "abcdefghijk", true);

    assertThat(fits("{\"a\":\"ABC ,:{}[]~\",\"b\":2}")).isTrue();
    for (char one = 0; one < 0x80; one++) {
      boolean isPlain = one >= ' ' && one < 0x7f && one != '"' && one != '\\';
      for (int i = 0; i < 11; i++) {
        String text = "x".repeat(i) + one + "x".repeat(10 - i);
        assertThat(fits("{\"a\":\"" + text + "\",\"b\":2}"))
            .as("%d at %d", (int) one, i)
            .isEqualTo(isPlain);
      }
    }
    assertThat(fits("{\"a\":\"abcdefghijk\",\"b\":3}")).isFalse();
  }

  /** Else half of a character could be left, which is no UTF-8. */
  @Test
  void whatIsNotInAsciiIsTheSameAsBefore() {
    remember("{\"a\":\"xüy\"}", "xüy", true);

    assertThat(fits("{\"a\":\"züz\"}")).isTrue();
    assertThat(fits("{\"a\":\"zöz\"}")).isFalse();
    assertThat(fits("{\"a\":\"zzzz\"}")).isFalse();
    remember("{\"a\":\"abcd\"}", "abcd", true);
    assertThat(fits("{\"a\":\"xüy\"}")).isFalse();
  }

  @Test
  void aNumberVariesByItsDigits() {
    remember("{\"a\":-120.50e+7}", "-120.50e+7", false);

    assertThat(fits("{\"a\":-900.07e+0}")).isTrue();
    assertThat(fits("{\"a\":-020.50e+7}")).as("no number begins with a 0 before others").isFalse();
    assertThat(fits("{\"a\":1120.50e+7}")).isFalse();
    assertThat(fits("{\"a\":-12.050e+7}")).isFalse();
    assertThat(fits("{\"a\":-120.50e-7}")).isFalse();
  }

  @Test
  void theOnlyDigitBeforeThePointMayBeZero() {
    remember("{\"a\":5.25}", "5.25", false);
    assertThat(fits("{\"a\":0.00}")).isTrue();
    remember("{\"a\":0}", "0", false);
    assertThat(fits("{\"a\":7}")).isTrue();
    remember("{\"a\":15}", "15", false);
    assertThat(fits("{\"a\":20}")).isTrue();
    assertThat(fits("{\"a\":05}")).isFalse();
  }

  @Test
  void theEndCanBeLeftAlone() {
    remember("{\"a\":\"x\",\"b\":2}", "x", true);
    shape.compareBefore(utf8("{\"a\":\"x\"").length);

    assertThat(fits("{\"a\":\"y\",\"b\":3}")).isTrue();
    assertThat(fits("{\"a\":\"y\"}\"b\":3}")).isTrue();
    assertThat(fits("{\"c\":\"y\",\"b\":3}")).isFalse();
  }

  @Test
  void theEndMayLieWithinAText() {
    remember("abcdef", "bcdef", true);
    shape.compareBefore(4);

    assertThat(fits("axyz\"\"")).isTrue();
    assertThat(fits("axy\"ef")).isFalse();
  }

  @Test
  void aShorterOneAfterALongOneAndALongerOneAgain() {
    for (int length : new int[] {900, 10, 400, 399, 500, 3, 1000}) {
      String text = "x".repeat(length);
      remember("[\"" + text + "\"]", text, true);

      assertThat(fits("[\"" + "y".repeat(length) + "\"]")).isTrue();
      assertThat(fits("[\"" + "y".repeat(length) + "\"}")).isFalse();
      assertThat(fits("[\"" + "y".repeat(length - 1) + "\"\"]")).isFalse();
    }
  }

  @Test
  void theLongestIsRemembered() {
    String text = "x".repeat(Shape.LONGEST - 2);
    remember("\"" + text + "\"", text, true);

    assertThat(fits("\"" + "y".repeat(Shape.LONGEST - 2) + "\"")).isTrue();
    assertThat(fits("\"" + "y".repeat(Shape.LONGEST - 3) + "\\\"")).isFalse();
  }
}
