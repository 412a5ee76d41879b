package io.proofofplay.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class BatchIdTest {

  @Test
  void aSpoolIsNamedByLettersDigitsUnderlineAndTilde() {
    for (char c = 0; c < 0x250; c++) {
      String spool = "a" + c + "b";
      if (spool.matches("[A-Za-z0-9_~]{3}")) {
        assertThat(BatchId.parse(BatchId.of(spool, 7).toString()))
            .as("U+%04x", (int) c)
            .contains(BatchId.of(spool, 7));
      } else {
        assertThatThrownBy(() -> BatchId.of(spool, 7))
            .as("U+%04x", (int) c)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("spool id");
      }
    }
  }

  @Test
  void aSpoolHasOneToSixtyFourCharacters() {
    for (int length : List.of(1, 64)) {
      BatchId id = BatchId.of("x".repeat(length), 0);

      assertThat(BatchId.parse(id.toString())).contains(id);
    }
    for (int length : List.of(0, 65)) {
      String spool = "x".repeat(length);

      assertThatThrownBy(() -> BatchId.of(spool, 0)).isInstanceOf(IllegalArgumentException.class);
      assertThat(BatchId.parse(spool + "-0")).isEmpty();
    }
  }
}
