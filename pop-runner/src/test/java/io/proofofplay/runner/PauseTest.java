package io.proofofplay.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class PauseTest {

  private static final Duration LONGEST = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private final ManualTime time = ManualTime.flowing();
  private Path options;

  @BeforeEach
  void optionsThatAreWrong() throws IOException {
    options = Files.writeString(directory.resolve("config.json"), "{}");
  }

  private Pause pause(Duration longest) {
    return new Pause(longest, options, time);
  }

  @ParameterizedTest
  @ValueSource(ints = {ExitCode.USAGE, ExitCode.INTERNAL, ExitCode.IN_USE, ExitCode.CONFIGURATION})
  void whatCouldDoNothingWaitsBeforeItEnds(int code) {
    pause(LONGEST).before(code);
    assertThat(time.elapsed()).isEqualTo(LONGEST);
  }

  @Test
  void whatHasDoneItsWorkDoesNotWait() {
    pause(LONGEST).before(ExitCode.DONE);
    assertThat(time.elapsed()).isZero();
  }

  @Test
  void whatHasRunForAWhileDoesNotWait() {
    Pause pause = pause(LONGEST);
    time.advance(LONGEST);
    pause.before(ExitCode.INTERNAL);
    assertThat(time.elapsed()).isEqualTo(LONGEST);
  }

  @Test
  void whoeverAsksForNoPauseGetsNone() {
    pause(Duration.ZERO).before(ExitCode.CONFIGURATION);
    assertThat(time.elapsed()).isZero();
  }

  @Test
  void otherOptionsEndThePause() {
    time.after(Duration.ofMillis(4500), () -> write("{\"url\":\"https://example.org/pop\"}"));
    pause(LONGEST).before(ExitCode.CONFIGURATION);
    assertThat(time.elapsed()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void optionsThatBecameOthersBeforeThePauseLeaveNone() {
    Pause pause = pause(LONGEST);
    write("{\"url\":\"https://example.org/pop\"}");
    pause.before(ExitCode.CONFIGURATION);
    assertThat(time.elapsed()).isZero();
  }

  private void write(String text) {
    try {
      Files.writeString(options, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
