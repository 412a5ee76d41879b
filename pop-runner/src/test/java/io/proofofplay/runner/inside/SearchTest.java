package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.history.HistoryView;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.SpoolView;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An event is found, whatever it and what is beside it say. */
final class SearchTest {

  @TempDir private Path directory;

  private List<Trace.Is> search(String uuid) throws IOException {
    Terminal nobody =
        Terminal.plain(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    Selection.Chosen chosen =
        new Selection.Chosen(null, directory, SpoolView.of(directory), List.of("billing", "full"));
    return new Search(chosen, new HistoryView(directory), uuid, nobody, TimeSource.system())
        .run().stream().map(Trace::is).toList();
  }

  private void delivered(String uuid, String ts) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Files.writeString(
        folder.resolve("delivered-00000001.log"),
        """
        B\t2026-03-01T12:00:00Z\tbilling\tlife-7\t200\t12\t1
        E\t%s\t%s\t10\t7\t1005
        """
            .formatted(uuid, ts));
  }

  private void dropped(String firstTs, String lastTs) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("full"));
    Files.writeString(
        folder.resolve("drops.ndjson"),
        """
        {"time":"2026-03-01T12:00:00Z","sink":"full","reason":"full-newest","count":9,\
        "firstUuid":"first","lastUuid":"last","firstTs":%s,"lastTs":%s}
        """
            .formatted(firstTs, lastTs));
  }

  @Test
  void aTimeThatIsNoNumberIsNoReasonNotToAnswer() throws IOException {
    delivered("a-1", "yesterday");
    dropped("100", "200");

    assertThat(search("a-1")).containsExactly(Trace.Is.DELIVERED, Trace.Is.PERHAPS_DROPPED);
  }

  @Test
  void aRunOfDropsIsOfItsTimeAlone() throws IOException {
    dropped("100", "200.5");
    delivered("a-1", "200.6");
    assertThat(search("a-1")).containsExactly(Trace.Is.DELIVERED);
    delivered("a-1", "200.4");
    assertThat(search("a-1")).containsExactly(Trace.Is.DELIVERED, Trace.Is.PERHAPS_DROPPED);
    assertThat(search("last")).containsExactly(Trace.Is.DROPPED);
  }

  @Test
  void aRefusedLineIsOfTheIdThatItNamesAndOfNoPartOfIt() throws IOException {
    Files.writeString(
        directory.resolve("rejected.ndjson"),
        """
        {"time":"2026-03-01T12:00:00Z","source":"lobby","reason":"not-json","offset":7,\
        "line":"{\\"uuid\\":\\"play-17\\",\\"uuid\\":\\"17-b\\""}
        """);

    assertThat(search("play-17")).containsExactly(Trace.Is.REJECTED);
    assertThat(search("17-b")).containsExactly(Trace.Is.REJECTED);
    for (String part : List.of("17", "play", "b", "p")) {
      assertThat(search(part)).as(part).isEmpty();
    }
  }
}
