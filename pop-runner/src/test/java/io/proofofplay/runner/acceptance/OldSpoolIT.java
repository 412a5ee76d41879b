package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon starts on what an earlier life has left, whatever became of it meanwhile. */
class OldSpoolIT {

  private static final int EVENTS = 35;
  private static final int BATCH = 10;

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.BUSY);

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  /** Leaves events behind, of which the backend has none. */
  @BeforeEach
  void leave() throws Exception {
    try (PackagedPop daemon = start("billing", "/pop")) {
      player.play(EVENTS);
      Await.until("all in the spool", daemon::story, () -> spool().waiting().size() == EVENTS);
      assertThat(daemon.stop().code()).isZero();
    }
    backend.follow(request -> Answer.TAKEN);
  }

  private PackagedPop start(String sink, String path) throws IOException {
    return PackagedPop.run(
        directory,
        """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          %s:
            type: http
            url: %s
            batch: {maxEvents: %d, minInterval: 20ms}
            retry: {initial: 20ms, max: 200ms}
        %s"""
            .formatted(player.port(), sink, backend.url(path), BATCH, Ops.LISTEN));
  }

  private SpoolOnDisk spool() {
    return new SpoolOnDisk(directory.resolve("spool"), "billing");
  }

  private void awaitEmpty(PackagedPop daemon) {
    Await.until("an empty spool", daemon::story, () -> spool().waiting().isEmpty());
  }

  @Test
  void aBacklogFollowsTheNameOfItsSinkToWhateverAddress() throws Exception {
    try (PackagedPop other = start("invoices", "/pop")) {
      other.awaitLog("sink billing: is not in ");
      assertThat(other.err()).contains("holds what was kept for it; add a sink of this name");
      Ops ops = new Ops(other);
      Await.until(
          "it in the metrics",
          other::story,
          () ->
              ops.metrics()
                  .filter(all -> Double.valueOf(1).equals(all.get("pop_spools_unclaimed")))
                  .isPresent());
      assertThat(ops.metrics().orElseThrow())
          .containsEntry("pop_spool_orphaned{sink=\"billing\"}", 1.0);
      assertThat(other.stop().code()).isZero();
    }
    assertThat(spool().waiting()).hasSize(EVENTS);

    try (PackagedPop moved = start("billing", "/moved")) {
      Books books = backend.books("/moved");
      books.awaitDistinct(EVENTS);
      awaitEmpty(moved);
      assertThat(new Ops(moved).account("billing").balances()).isTrue();
      assertThat(moved.err()).doesNotContain("is not in ");
      assertThat(books.wrong()).isEmpty();
      assertThat(books.repeats()).isZero();
    }
    assertThat(backend.books("/pop").distinct()).isZero();
  }

  @Test
  void aDaemonStartsOnADamagedSpoolAndDeliversWhatIsIntact() throws Exception {
    int damaged = damageOneRecordOfEachFile();
    try (PackagedPop daemon = start("billing", "/pop")) {
      Books books = backend.books("/pop");
      books.awaitDistinct(EVENTS - damaged);
      daemon.awaitLog("damaged bytes at offset");
      Await.until(
          "the last one booked",
          daemon::story,
          () -> new Ops(daemon).account("billing").waiting() == 0);
      Ops.Account account = new Ops(daemon).account("billing");
      assertThat(account.balances()).as(account.toString()).isTrue();
      assertThat(account.delivered()).isEqualTo(EVENTS - damaged);
      assertThat(account.dropped()).isEqualTo(damaged);
      assertThat(books.wrong()).isEmpty();
      try (Stream<Path> kept = Files.list(directory.resolve("spool/billing/quarantine"))) {
        assertThat(kept).isNotEmpty();
      }
      assertThat(daemon.stop().code()).isZero();
    }
  }

  private int damageOneRecordOfEachFile() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory.resolve("spool/billing"))) {
      files =
          all.filter(file -> file.toString().matches(".*\\d(\\.open|-n\\d+\\.ndjson)")).toList();
    }
    assertThat(files).hasSizeGreaterThan(1);
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      int uuid = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("\"uuid\"");
      bytes[uuid + 1] ^= 1;
      Files.write(file, bytes);
    }
    return files.size();
  }
}
