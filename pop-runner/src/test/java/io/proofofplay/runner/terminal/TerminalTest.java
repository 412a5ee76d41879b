package io.proofofplay.runner.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aTerminalHasColour() {
    Terminal terminal = Terminal.of(stream, true, Map.of());
    assertThat(terminal.good("ok")).isEqualTo("\u001b[32mok\u001b[0m");
    assertThat(terminal.bad("no")).isEqualTo("\u001b[31mno\u001b[0m");
  }

  @Test
  void thereIsNoColourWithNoColorNorOnADumbTerminalNorInAPipe() {
    assertThat(Terminal.of(stream, true, Map.of("NO_COLOR", "1")).bad("no")).isEqualTo("no");
    assertThat(Terminal.of(stream, true, Map.of("TERM", "dumb")).bad("no")).isEqualTo("no");
    assertThat(Terminal.of(stream, false, Map.of()).bad("no")).isEqualTo("no");
    assertThat(Terminal.plain(stream).heading("no")).isEqualTo("no");
  }

  @Test
  void whatOthersHaveSentNeitherSteersTheTerminalNorLooksLikeALine() {
    String sent = "a\u001b]0;title\u0007\u001b[2J\r\nb\u009b2Jc\u007f";
    Terminal terminal = Terminal.of(stream, true, Map.of());
    terminal.line(terminal.heading("device") + " " + sent);
    Terminal.plain(stream).line("\u001b[1m" + sent);

    String spelled = "a\\u001b]0;title\\u0007\\u001b[2J\\u000d\\u000ab\\u009b2Jc\\u007f\n";
    assertThat(printed()).isEqualTo("\u001b[1mdevice\u001b[0m " + spelled + "\\u001b[1m" + spelled);
  }

  @Test
  void anEmptyNoColorMeansNothing() {
    assertThat(Terminal.of(stream, true, Map.of("NO_COLOR", "")).bad("no")).isNotEqualTo("no");
  }

  @Test
  void aPlainStreamGetsWholeLinesNowAndThen() {
    ManualTime time = ManualTime.standing();
    try (Progress progress = new Progress(Terminal.plain(stream), time, "played", 2000)) {
      progress.at(1, "");
      time.advance(Duration.ofSeconds(6));
      progress.at(1000, "all is well");
      progress.at(1001, "");
    }
    assertThat(printed()).isEqualTo("played 1,000 of 2,000, all is well\n");
  }

  @Test
  void aTerminalGetsABarThatIsDrawnAgainAndTakenAway() {
    ManualTime time = ManualTime.standing();
    Terminal terminal = Terminal.of(stream, true, Map.of());
    try (Progress progress = new Progress(terminal, time, "played", 10)) {
      progress.at(5, "");
      progress.at(6, "");
      time.advance(Duration.ofMillis(200));
      progress.at(10, "");
      terminal.line("news");
    }
    String half = "[" + "#".repeat(15) + ".".repeat(15) + "] played 5 of 10";
    String full = "[" + "#".repeat(30) + "] played 10 of 10";
    String erase = "\r\u001b[2K";
    assertThat(printed()).isEqualTo(erase + half + erase + full + erase + "news\n" + full + erase);
  }

  @Test
  void workOfUnknownLengthHasNoBar() {
    try (Progress progress =
        new Progress(Terminal.of(stream, true, Map.of()), ManualTime.standing(), "received", 0)) {
      progress.at(12345, "");
    }
    assertThat(printed()).contains("received 12,345").doesNotContain("[#").doesNotContain(" of ");
  }

  @Test
  void whatOthersSentCannotSteerTheTerminalNorFakeALine() {
    Terminal terminal = Terminal.of(stream, true, Map.of());
    terminal.line(terminal.heading("device") + " a\u001b[2J\u009b31m\u007f\tb\r\nfake\u202e");
    assertThat(printed())
        .isEqualTo(
            "\u001b[1mdevice\u001b[0m a\\u001b[2J\\u009b31m\\u007f\\u0009b\\u000d\\u000afake"
                + "\\u202e\n");
  }

  @Test
  void withoutColourNotEvenAColourOfOthersIsPrinted() {
    Terminal.plain(stream).line("a\u001b[31mb");
    assertThat(printed()).isEqualTo("a\\u001b[31mb\n");
  }

  @Test
  void whatABarSaysOfOthersIsMadeVisibleToo() {
    Terminal.of(stream, true, Map.of()).draw("a\u001b[2Jb");
    assertThat(printed()).isEqualTo("\r\u001b[2Ka\\u001b[2Jb");
  }

  @Test
  void aDumbTerminalIsWatchedAndAPipeIsNot() {
    assertThat(Terminal.of(stream, true, Map.of("TERM", "dumb")).isWatched()).isTrue();
    assertThat(Terminal.of(stream, true, Map.of("TERM", "dumb")).isLive()).isFalse();
    assertThat(Terminal.of(stream, false, Map.of()).isWatched()).isFalse();
  }

  @Test
  void lettersOfAnyScriptStayAsTheyAre() {
    Terminal.plain(stream).line("Grüße 広告 👩\u200d👧 \u05d0\u0628");
    assertThat(printed()).isEqualTo("Grüße 広告 👩\u200d👧 \u05d0\u0628\n");
  }
}
