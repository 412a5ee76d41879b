package io.proofofplay.core.json;

import io.proofofplay.testkit.FuzzRun;
import org.junit.jupiter.api.Test;

final class JsonScannerFuzzTest {

  @Test
  void anyLineIsJudgedByTheStandardAndSurvives() {
    FuzzRun.of(JsonScannerFuzz.class, 1024)
        .guidedBy("com.fasterxml.jackson.core.**")
        .run("anyLineIsJudgedByTheStandardAndSurvives");
  }
}
