package io.proofofplay.runner.config;

import io.proofofplay.testkit.FuzzRun;
import org.junit.jupiter.api.Test;

final class ConfigurationFuzzTest {

  @Test
  void anyConfigurationWorksOrIsRefusedWithReasons() {
    FuzzRun.of(ConfigurationFuzz.class, 1024)
        .guidedBy("com.fasterxml.jackson.dataformat.yaml.**")
        .guidedBy("org.yaml.snakeyaml.**")
        .run("anyConfigurationWorksOrIsRefusedWithReasons");
  }
}
