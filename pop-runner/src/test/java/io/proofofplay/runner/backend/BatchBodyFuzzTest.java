package io.proofofplay.runner.backend;

import io.proofofplay.testkit.FuzzRun;
import org.junit.jupiter.api.Test;

final class BatchBodyFuzzTest {

  @Test
  void anyBodyIsRefusedOrItsEventsAreAllFound() {
    FuzzRun.of(BatchBodyFuzz.class, 1024)
        .guidedBy("com.fasterxml.jackson.core.**")
        .run("anyBodyIsRefusedOrItsEventsAreAllFound");
  }
}
