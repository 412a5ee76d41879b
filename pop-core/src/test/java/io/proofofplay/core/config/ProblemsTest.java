package io.proofofplay.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProblemsTest {

  @Test
  void allProblemsAreKeptInTheirOrder() {
    Problems problems = new Problems();
    assertThat(problems.found()).isEmpty();
    problems.add("tls.caFile", "is not there");
    problems.add("", "both keys are needed");

    assertThat(problems.found())
        .containsExactly(
            new Problems.Problem("tls.caFile", "is not there"),
            new Problems.Problem("", "both keys are needed"));
  }
}
