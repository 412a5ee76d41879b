package io.proofofplay.sink.http;

import io.proofofplay.testkit.FuzzRun;
import org.junit.jupiter.api.Test;

final class RetryAfterFuzzTest {

  @Test
  void anyRetryAfterIsAPauseUpToAnHourOrNone() {
    FuzzRun.of(RetryAfterFuzz.class, 128).run("anyRetryAfterIsAPauseUpToAnHourOrNone");
  }
}
