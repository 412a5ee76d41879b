package io.proofofplay.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.json.JsonFault;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RefusalTest {

  @Test
  void everyFaultOfTheScanIsARefusal() {
    assertThat(Arrays.stream(JsonFault.values()).map(Refusal::of)).doesNotHaveDuplicates();
  }

  @Test
  void codesAreWordsForFilesAndMetrics() {
    assertThat(Arrays.stream(Refusal.values()).map(Refusal::code))
        .doesNotHaveDuplicates()
        .allMatch(code -> code.matches("[a-z0-9]+(-[a-z0-9]+)*"));
    assertThat(Arrays.stream(Refusal.values()).map(Refusal::text))
        .doesNotHaveDuplicates()
        .allMatch(text -> !text.isBlank() && !text.endsWith("."));
  }
}
