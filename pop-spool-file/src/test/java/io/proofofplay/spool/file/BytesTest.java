package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BytesTest {

  private static Bytes holding(String text) {
    Bytes bytes = new Bytes(4);
    bytes.put(text);
    return bytes;
  }

  private static String text(byte[] array, int length) {
    return new String(Arrays.copyOf(array, length), StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 9})
  void whatIsLentStaysAsItWasWhateverBecomesOfTheBuffer(int dropped) {
    Bytes bytes = holding("abcdefghi");
    Bytes.Loan loan = bytes.lend();

    bytes.dropFirst(dropped);
    bytes.put("jkl");

    assertThat(text(loan.array(), loan.length())).isEqualTo("abcdefghi");
    assertThat(text(bytes.array(), bytes.length())).isEqualTo("abcdefghijkl".substring(dropped));
  }

  @Test
  void withoutALoanTheRoomIsUsedAgain() {
    Bytes bytes = holding("abcdefghi");
    byte[] before = bytes.array();

    bytes.dropFirst(3);

    assertThat(text(bytes.array(), bytes.length())).isEqualTo("defghi");
    assertThat(bytes.array()).isSameAs(before);
    assertThat(bytes.isLent()).isFalse();
  }
}
