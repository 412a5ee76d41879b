package io.proofofplay.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "0B, 0",
    "1B, 1",
    "512B, 512",
    "64KiB, 65536",
    "10MiB, 10485760",
    "1GiB, 1073741824",
    "' 64 KiB ', 65536",
    "0064KiB, 65536",
    "999999999999B, 999999999999"
  })
  void aSizeIsRead(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "64",
        "KiB",
        "64K",
        "64KB",
        "64kib",
        "10 Mb",
        "1.5MiB",
        "-1B",
        "+1B",
        "1TiB",
        "1 MiB x",
        "1_000B",
        "0x10B",
        "\u0661KiB",
        "1e3B",
        "1000000000000B",
        "99999999999999999999B"
      })
  void whatIsNoSizeIsSaidToBeNone(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"" + text + "\" is not a size");
  }

  @Test
  void aSizeBeyondALongIsNone() {
    assertThatThrownBy(() -> ByteSize.parse("999999999999GiB"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a size");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "1, 1B",
    "1023, 1023B",
    "1024, 1KiB",
    "1536, 1536B",
    "524288, 512KiB",
    "1048576, 1MiB",
    "268435456, 256MiB",
    "1073741824, 1GiB",
    "1099511627776, 1024GiB"
  })
  void itPrintsInTheLargestUnitThatIsExact(long bytes, String text) {
    assertThat(new ByteSize(bytes)).hasToString(text);
    assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
  }

  @Test
  void sizesAreMadeAndCompared() {
    assertThat(ByteSize.ofKiB(2)).isEqualTo(new ByteSize(2048)).isLessThan(ByteSize.ofMiB(1));
    assertThat(ByteSize.ofMiB(1)).isEqualByComparingTo(ByteSize.ofKiB(1024));
    assertThatThrownBy(() -> new ByteSize(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ByteSize.ofMiB(Long.MAX_VALUE))
        .isInstanceOf(ArithmeticException.class);
  }
}
