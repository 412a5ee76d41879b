package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EventLinesTest {

  private static final String EVENT =
      "{\"uuid\":\"a\",\t\"title\":\"x\u007f\u0080\u009b2J\u009fy\u202e \\u001b Grüße\",\r\"n\":1}";

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private String print(boolean toPerson) throws IOException {
    byte[] bytes = ("--" + EVENT + "--").getBytes(StandardCharsets.UTF_8);
    try (EventLines lines = new EventLines(printed, toPerson)) {
      lines.event(bytes, 2, bytes.length - 4);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aPipeGetsTheBytesThatThePlayerSent() throws IOException {
    assertThat(print(false)).isEqualTo(EVENT + "\n");
  }

  @Test
  void aTerminalGetsNoCharacterThatSteersItAndTheSameJson() throws IOException {
    String line = print(true);
    assertThat(line)
        .isEqualTo(
            "{\"uuid\":\"a\", \"title\":\"x\\u007f\\u0080\\u009b2J\\u009fy\\u202e \\u001b Grüße\","
                + " \"n\":1}\n");
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readTree(line)).isEqualTo(json.readTree(EVENT));
  }

  @Test
  void linesOfOurOwnSteerNothingWhereverTheyGo() throws IOException {
    try (EventLines lines = new EventLines(printed, false)) {
      lines.line("{\"event\":\"\u0085\"}");
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("{\"event\":\"\\u0085\"}\n");
  }
}
