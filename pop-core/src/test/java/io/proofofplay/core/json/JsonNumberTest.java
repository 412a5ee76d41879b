package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonNumberTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1",
        "-1.5",
        "1774549328.1235",
        "1.7723664E+9",
        "1e-9",
        "1e60",
        "123456789012345678901234567890.123456789"
      })
  void aQuantityHasItsExactValue(String text) {
    assertThat(new JsonNumber(text).value()).contains(new BigDecimal(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e65",
        "1e-70",
        "1e999999999",
        "-1e999999999",
        "1e99999999999999999999",
        "0e999999999",
        "0e-999999999",
        "1e-2147483648",
        "9e2147483647"
      })
  void whatNobodyMeasuredHasNoValue(String text) {
    assertThat(new JsonNumber(text).value()).isEmpty();
  }

  @Test
  void aNumberOfAThousandDigitsHasNoValue() {
    assertThat(new JsonNumber("9".repeat(64)).value()).isPresent();
    assertThat(new JsonNumber("9".repeat(65)).value()).isEmpty();
    assertThat(new JsonNumber("0." + "9".repeat(1000)).value()).isEmpty();
  }

  @Test
  void itPrintsAsItWasSpelled() {
    assertThat(new JsonNumber("1E+02")).hasToString("1E+02");
  }
}
