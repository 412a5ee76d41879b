package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are large beside the memory of the shipped daemon. */
@Timeout(300)
class LargeFilesIT {

  private static final int EVENTS = 55_000;

  private final FlowPlayer player = new FlowPlayer();
  private final FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    backend.close();
  }

  @Test
  void aLargeFileThatAKillLeftOpenIsDelivered() throws Exception {
    Path file = Files.createDirectories(folder()).resolve("000000000001.open");
    leaveOpen(file);
    assertThat(Files.size(file)).isBetween(10L << 20, 12L << 20);

    try (PackagedPop daemon = start("timeout: 20s")) {
      Ops ops = new Ops(daemon);
      Await.until(
          "all of them to be delivered",
          daemon::story,
          () -> {
            assertThat(daemon.isAlive()).as(daemon.story()).isTrue();
            return ops.metrics().isPresent() && ops.account("billing").delivered() == EVENTS;
          });
      assertThat(daemon.stop().code()).isZero();
    }
  }

  @Test
  void aForeignFileIsSetAsideHoweverLargeItIs() throws Exception {
    Files.createDirectories(folder());
    for (String name : List.of("000000000007.open", "000000000008-n5.ndjson")) {
      try (RandomAccessFile file = new RandomAccessFile(folder().resolve(name).toFile(), "rw")) {
        file.setLength(900L << 20);
      }
    }

    Files.writeString(directory.resolve("pop.yaml"), yaml("timeout: 20s"));
    try (PackagedPop looking = PackagedPop.start(directory, "spool", "ls")) {
      assertThat(looking.end().code()).isLessThan(2);
    }
    try (PackagedPop daemon = start("timeout: 20s")) {
      player.play(10);
      backend.books("/pop").awaitDistinct(10);
      Await.until(
          "both to be set aside",
          daemon::story,
          () ->
              Files.exists(folder().resolve("quarantine/000000000007.open.bad"))
                  && Files.exists(folder().resolve("quarantine/000000000008-n5.ndjson.bad")));
      assertThat(daemon.stop().code()).isZero();
    }
  }

  @Test
  void batchesAreNoLargerThanTheMemoryAllowsWhateverIsAskedFor() throws Exception {
    try (PackagedPop daemon = start("batch: {maxBytes: 16MiB, maxEvents: 100000}")) {
      daemon.awaitLog(
          "sinks.billing.batch.maxBytes: 16MiB is more than the memory of this process allows");
      player.play(10);
      backend.books("/pop").awaitDistinct(10);
      assertThat(daemon.stop().code()).isZero();
    }
  }

  /** As a killed relay leaves a batch that is not full. */
  private void leaveOpen(Path file) throws IOException {
    Path other = directory.resolve("other");
    try (FileStorage storage = FileStorage.open(other, TimeSource.system())) {
      Spool spool =
          storage.openSpool(
              "billing",
              SpoolPolicy.defaults().withDurability(Durability.INTERVAL),
              new BatchPolicy(100_000, ByteSize.ofMiB(16), Duration.ZERO),
              false);
      for (int from = 0; from < EVENTS; from += 100) {
        List<PopEvent> events = new ArrayList<>();
        for (int number = from; number < from + 100; number++) {
          events.add(PopEvent.of(new Play(0, number).bytes()));
        }
        assertThat(spool.append(events)).isEqualTo(Spool.Append.KEPT);
      }
      spool.sync();
      Files.copy(other.resolve("billing/000000000001.open"), file);
    }
  }

  private Path folder() {
    return directory.resolve("spool/billing");
  }

  private PackagedPop start(String setting) throws IOException {
    return PackagedPop.run(directory, yaml(setting));
  }

  private String yaml(String setting) {
    return Ops.LISTEN + Yaml.delivering(player.port(), backend.url("/pop"), setting);
  }
}
