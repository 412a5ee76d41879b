package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BacklogTest {

  @Test
  void theRelaysSpoolFindsEveryEventAndNoDamage(@TempDir Path directory) throws IOException {
    Backlog.leave(directory.resolve("backend"), 1200, 500);

    try (FileStorage storage = FileStorage.open(directory, TimeSource.system());
        Spool spool =
            storage.openSpool("backend", SpoolPolicy.defaults(), BatchPolicy.defaults(), false)) {
      long next = 0;
      for (int size : new int[] {500, 500, 200}) {
        Batch batch = spool.peek().orElseThrow();
        assertThat(batch.size()).isEqualTo(size);
        for (var event : batch.events()) {
          assertThat(Play.number(event.array(), event.offset())).isEqualTo(next++);
        }
        spool.remove(batch.id());
      }
      assertThat(spool.stats().damaged()).isZero();
      assertThat(spool.stats().events()).isZero();
    }
  }
}
