package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvFieldTest {

  @Test
  void aTextStandsInQuotesAndItsOwnQuotesAreDoubled() {
    assertThat(CsvField.of("spring \"sale\", 1")).isEqualTo("\"spring \"\"sale\"\", 1\"");
    assertThat(CsvField.of("")).isEqualTo("\"\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=HYPERLINK(1)",
        "+1+cmd|' /C calc'!A0",
        "@SUM(1)",
        "-2+3",
        "\t=1",
        "\r=1",
        "\n=1"
      })
  void whatASpreadsheetWouldCalculateIsMadeAText(String name) {
    assertThat(CsvField.of(name)).isEqualTo("\"'" + name + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"456", "-5", "+1.50", "-1e3", "a=b", "a.mp4"})
  void allElseStaysAsItIs(String name) {
    assertThat(CsvField.of(name)).isEqualTo('"' + name + '"');
  }
}
