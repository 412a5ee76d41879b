package io.proofofplay.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

final class FailureTest {

  private final StringWriter said = new StringWriter();

  @Test
  void whoMayNotReadTheSpoolIsToldAsWhomHeMay() {
    int code =
        Failure.say(
            new AccessDeniedException("/var/lib/pop/spool"), new PrintWriter(said, true), false);

    assertThat(code).isEqualTo(ExitCode.INTERNAL);
    assertThat(said.toString())
        .startsWith("/var/lib/pop/spool: this user may not use it; run the command as the user")
        .doesNotContain("Exception")
        .hasLineCount(1);
  }
}
