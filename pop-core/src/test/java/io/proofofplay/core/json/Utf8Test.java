package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "7f",
        "c280",
        "dfbf",
        "e0a080",
        "e18080",
        "ecbfbf",
        "ed8080",
        "ed9fbf",
        "ee8080",
        "efbfbf",
        "efbfbe",
        "f0908080",
        "f1808080",
        "f3bfbfbf",
        "f48fbfbf"
      })
  void theBordersOfEachLengthAreValid(String hex) {
    assertThat(validAnywhere(hex)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // a continuation without a lead
        "80",
        "bf",
        // overlong
        "c080",
        "c0af",
        "c1bf",
        "e08080",
        "e09fbf",
        "f0808080",
        "f08fbfbf",
        // surrogates
        "eda080",
        "edafbf",
        "edb080",
        "edbfbf",
        // above U+10FFFF
        "f4908080",
        "f4bfbfbf",
        "f5808080",
        "f7bfbfbf",
        "f888808080",
        "fc8480808080",
        "fe",
        "ff",
        // truncated
        "c2",
        "df",
        "e0",
        "e0a0",
        "e1",
        "e180",
        "ed",
        "ed80",
        "f0",
        "f090",
        "f09080",
        "f4",
        "f48fbf",
        // a lead where a continuation belongs
        "c241",
        "c2c2",
        "e18041",
        "e141",
        "f0908041",
        "f09041",
        "f041",
        "e180c2"
      })
  void whatRfc3629RulesOutIsNot(String hex) {
    assertThat(validAnywhere(hex)).isFalse();
  }

  @Test
  void randomBytesAreJudgedAsTheJdkDoes() {
    Random random = new Random(20261122);
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      for (int i = 0; i < bytes.length; i++) {
        // Mostly what is almost right: the leads and continuations near each border.
        if (random.nextInt(4) != 0) {
          int[] usual = {
            0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4
          };
          bytes[i] = (byte) usual[random.nextInt(usual.length)];
        }
      }
      if (Utf8.isValid(bytes, 0, bytes.length) != jdkFindsItValid(bytes)) {
        fail("judged wrong: " + HexFormat.of().formatHex(bytes));
      }
    }
  }

  @Test
  void onlyTheBytesAskedForAreLookedAt() {
    byte[] bytes = {(byte) 0xff, 'a', 'b', (byte) 0xc2, (byte) 0x80, (byte) 0xff};

    assertThat(Utf8.isValid(bytes, 1, 4)).isTrue();
    assertThat(Utf8.isValid(bytes, 1, 3)).as("a sequence that goes on behind the end").isFalse();
    assertThat(Utf8.isValid(bytes, 1, 5)).isFalse();
    assertThat(Utf8.isValid(bytes, 0, 0)).isTrue();
  }

  /** At every offset to the eight bytes that are looked at together. */
  private static boolean validAnywhere(String hex) {
    byte[] sequence = HexFormat.of().parseHex(hex);
    boolean[] verdicts = new boolean[18];
    for (int before = 0; before < verdicts.length; before++) {
      byte[] bytes = new byte[before + sequence.length];
      Arrays.fill(bytes, (byte) 'x');
      System.arraycopy(sequence, 0, bytes, before, sequence.length);
      verdicts[before] = Utf8.isValid(bytes, 0, bytes.length);
      assertThat(verdicts[before]).as("behind %d letters", before).isEqualTo(verdicts[0]);
    }
    return verdicts[0];
  }

  private static boolean jdkFindsItValid(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)) != null;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
