package io.proofofplay.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.cli.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** What somebody finds who asks the program what it can do. */
final class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int pop(String... arguments) {
    return Main.run(arguments, new PrintWriter(out), new PrintWriter(err), false);
  }

  @Test
  void theHelpNamesEveryCommandAlsoTheOneThatIsTheLaunchersOwn() {
    assertThat(pop("help")).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .contains("demo", "run", "check", "simulate", "receive")
        .contains("spool", "dead", "where", "gaps", "audit")
        .contains("pop cds");
  }

  @Test
  void anIdThatIsEmptyIsNoQuestion() {
    assertThat(pop("where", "")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("the UUID is empty; write that of one event");
  }
}
