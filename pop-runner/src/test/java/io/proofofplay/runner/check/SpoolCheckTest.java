package io.proofofplay.runner.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.runner.config.RelayConfig;
import io.proofofplay.runner.config.SpoolPlace;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A check makes a directory to try it, and removes nothing that somebody else has put there. */
final class SpoolCheckTest {

  /** What happens while the disk forces what the check has written. */
  @FunctionalInterface
  private interface Meanwhile {
    void happens() throws IOException;
  }

  /** Somebody who is asked for the time before and after that. */
  private record Clock(Meanwhile meanwhile) implements TimeSource {

    @Override
    public long nanos() {
      try {
        meanwhile.happens();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return 0;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public void await(Condition condition, long nanos) {
      throw new AssertionError("nobody waits");
    }
  }

  @TempDir private Path directory;

  private List<Finding> check(Meanwhile meanwhile) {
    RelayConfig config =
        new RelayConfig(
            new SpoolPlace(directory.resolve("a/spool")),
            Map.of(),
            Map.of(),
            HistoryConfig.defaults(),
            Optional.empty());
    return new SpoolCheck(config, new Clock(meanwhile)).run();
  }

  @Test
  void noRelayBeginsInADirectoryThatIsRemovedAfterwards() {
    boolean[] refused = new boolean[1];
    List<Finding> unused =
        check(
            () -> {
              try (FileStorage relay =
                  FileStorage.open(directory.resolve("a/spool"), TimeSource.system())) {
                assertThat(relay.sinks()).isEmpty();
              } catch (StorageInUse e) {
                refused[0] = true;
              }
            });

    assertThat(refused[0]).as("it is told that somebody has the directory").isTrue();
    assertThat(directory.resolve("a")).doesNotExist();
  }

  @Test
  void whatSomebodyElseHasPutThereMeanwhileStays() {
    Path kept = directory.resolve("a/spool/billing/000000000001-n1.ndjson");
    List<Finding> unused =
        check(
            () -> {
              Files.createDirectories(kept.getParent());
              Files.writeString(kept, "events");
            });

    assertThat(kept).hasContent("events");
  }
}
