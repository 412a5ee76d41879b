package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HasteTest {

  private static final long SECOND = 1_000_000_000;

  private final Haste haste = new Haste();

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MIN_VALUE, Long.MAX_VALUE - SECOND})
  void aBurstIsNoHasteWhateverTheClockSays(long began) {
    haste.wrote((int) Haste.BURST + 1, began);
    assertThat(haste.isOn()).isFalse();
    haste.wrote(1, began);
    assertThat(haste.isOn()).isTrue();
  }

  @Test
  void aSteadyRateIsNone() {
    for (int second = 0; second < 1000; second++) {
      haste.wrote((int) Haste.BYTES_PER_SECOND, second * SECOND);
      assertThat(haste.isOn()).isFalse();
    }
  }

  @Test
  void whatIsWrittenSeldomIsNoneHoweverMuchItIs() {
    for (int minute = 0; minute < 10; minute++) {
      haste.wrote(1 << 30, 60L * minute * SECOND);
      assertThat(haste.isOn()).isFalse();
    }
  }

  @Test
  void moreThanThatIsOneAsSoonAsTheBurstIsUsedUp() {
    int second = 0;
    while (!haste.isOn()) {
      haste.wrote((int) (2 * Haste.BYTES_PER_SECOND), second++ * SECOND);
    }
    assertThat(second * Haste.BYTES_PER_SECOND)
        .isBetween(Haste.BURST, Haste.BURST + 4 * Haste.BYTES_PER_SECOND);
  }

  @Test
  void itIsOverSoonHoweverMuchWasWritten() {
    for (int i = 0; i < 1000; i++) {
      haste.wrote((int) Haste.BURST, i);
    }
    assertThat(haste.isOn()).isTrue();
    haste.wrote(1, 3 * SECOND);
    assertThat(haste.isOn()).isFalse();
  }
}
