package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a source was connected at a moment. */
final class SurroundingTest {

  @TempDir private Path directory;

  @BeforeEach
  void remember() throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Files.writeString(
        folder.resolve("connections-00000001.log"),
        """
        S\t2026-03-01T10:00:00Z
        C\t2026-03-01T10:00:01Z\tlobby\tme
        D\t2026-03-01T11:00:00Z\tlobby\treset
        C\t2026-03-01T11:02:00Z\tlobby\tme
        S\t2026-03-01T13:00:00Z
        C\t2026-03-01T13:00:05Z\tlobby\tme
        """);
  }

  private Surrounding at(String moment) throws IOException {
    return Surrounding.at(Instant.parse(moment), new HistoryView(directory)).get(0);
  }

  @Test
  void betweenComingAndGoingItWasConnected() throws IOException {
    Surrounding then = at("2026-03-01T10:30:00Z");

    assertThat(then.isConnected()).isTrue();
    assertThat(then.toString())
        .isEqualTo(
            "source lobby: connected since 2026-03-01T10:00:01Z; then not connected at"
                + " 2026-03-01T11:00:00Z (reset)");
  }

  @Test
  void betweenGoingAndComingItWasNot() throws IOException {
    Surrounding then = at("2026-03-01T11:01:00Z");

    assertThat(then.isConnected()).isFalse();
    assertThat(then.toString())
        .contains("not connected since 2026-03-01T11:00:00Z (reset); then connected at")
        .endsWith("2026-03-01T11:02:00Z");
  }

  @Test
  void aStartEndsWhatAKilledRelayHadConnected() throws IOException {
    assertThat(at("2026-03-01T12:00:00Z").toString())
        .endsWith("then not connected at 2026-03-01T13:00:00Z (the relay began anew)");
    assertThat(at("2026-03-01T13:00:02Z").isConnected()).isFalse();
    assertThat(at("2026-03-01T13:00:02Z").toString())
        .contains("the relay began anew")
        .endsWith("then connected at 2026-03-01T13:00:05Z");
  }

  @Test
  void beforeAllThatIsRememberedNothingIsKnown() throws IOException {
    assertThat(at("2026-03-01T09:00:00Z").isConnected()).isFalse();
    assertThat(at("2026-03-01T09:00:00Z").toString())
        .contains("nothing is remembered of before; then connected at 2026-03-01T10:00:01Z");
  }
}
