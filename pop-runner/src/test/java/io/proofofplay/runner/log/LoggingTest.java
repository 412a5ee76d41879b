package io.proofofplay.runner.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

final class LoggingTest {

  private static final String OURS = "io.proofofplay.core.relay.Relay";
  private static final String CLIENT = "org.apache.hc.client5.http.wire";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private Handler[] before;

  @BeforeEach
  void remember() {
    before = Logger.getLogger("").getHandlers();
  }

  @AfterEach
  void putBack() {
    Logger root = Logger.getLogger("");
    Arrays.stream(root.getHandlers()).forEach(root::removeHandler);
    Arrays.stream(before).forEach(root::addHandler);
    root.setLevel(Level.INFO);
    Logger.getLogger("io.proofofplay").setLevel(null);
    Logger.getLogger("org.apache.hc").setLevel(null);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String format(String message, Throwable thrown, boolean stacks) {
    LogRecord entry = new LogRecord(Level.INFO, message);
    entry.setInstant(Instant.parse("2026-11-22T12:00:00.120Z"));
    entry.setThrown(thrown);
    return new LineFormatter(stacks).format(entry);
  }

  @Test
  void aRecordIsOneLineWithItsTimeAndLevel() {
    Logging.start(Optional.empty(), stream, false);
    LoggerFactory.getLogger(OURS).info("sink {}: holds", "billing");
    LoggerFactory.getLogger(OURS).warn("sink billing: full");
    assertThat(text().lines())
        .hasSize(2)
        .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z .*"))
        .first()
        .asString()
        .endsWith("Z INFO  sink billing: holds");
    assertThat(text()).endsWith("Z WARN  sink billing: full\n");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-22T12:00:00Z,2026-11-22T12:00:00.000Z",
    "2026-11-22T12:00:00.100Z,2026-11-22T12:00:00.100Z",
    "2026-11-22T12:00:00.123456789Z,2026-11-22T12:00:00.123Z",
  })
  void theTimeAlwaysHasThreeDigits(Instant instant, String written) {
    LogRecord entry = new LogRecord(Level.INFO, "x");
    entry.setInstant(instant);
    assertThat(new LineFormatter(false).format(entry)).isEqualTo(written + " INFO  x\n");
  }

  @Test
  void whatAnotherMachineSaysCannotForgeALine() {
    assertThat(format("a\r\n2026 ERROR \u001b[31mb\u0085", null, false))
        .isEqualTo("2026-11-22T12:00:00.120Z INFO  a\\u000d\\n2026 ERROR \\u001b[31mb\\u0085\n");
  }

  @Test
  void aFailureIsNamedAndItsStackShownOnlyWhenWanted() {
    IOException failure = new IOException("disk");
    assertThat(format("failed", failure, false))
        .isEqualTo("2026-11-22T12:00:00.120Z INFO  failed (java.io.IOException: disk)\n");
    assertThat(format("failed", failure, true)).contains("LoggingTest.aFailureIsNamed");
  }

  @Test
  void theLevelIsForOurOwnRecordsAlone() {
    Logging.start(Optional.of("debug"), stream, false);
    LoggerFactory.getLogger(OURS).debug("ours");
    LoggerFactory.getLogger(OURS).trace("too fine");
    LoggerFactory.getLogger("com.example").info("theirs");
    LoggerFactory.getLogger("com.example").warn("trouble");
    assertThat(text().lines()).hasSize(2);
    assertThat(text()).contains("DEBUG ours").contains("WARN  trouble");
  }

  @ParameterizedTest
  @CsvSource({"trace", "debug", "info"})
  void theHttpClientNeverPrintsItsHeaders(String level) {
    Logging.start(Optional.of(level), stream, false);
    LoggerFactory.getLogger(CLIENT).debug("Authorization: hunter2");
    LoggerFactory.getLogger(CLIENT).info("Authorization: hunter2");
    assertThat(text()).isEmpty();
  }

  @Test
  void anUnknownLevelIsSaidAndInfoTaken() {
    Logging.start(Optional.of("verbose"), stream, false);
    LoggerFactory.getLogger(OURS).info("still here");
    assertThat(text())
        .contains("POP_LOG: \"verbose\" is not a level; write error, warn, info, debug or trace")
        .contains("INFO  still here");
  }
}
