package io.proofofplay.runner.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

  @TempDir Path directory;

  @Test
  void whatWasReceivedInAnEarlierLifeIsKnownAndATornLineIsCutOff() throws IOException {
    Path path = directory.resolve("events");
    String padding = "x".repeat(100_000);
    String one = "{\"uuid\":\"1\",\"x\":\"" + padding + "\"}";
    Files.writeString(path, one + "\n{\"uuid\":\"2\"}\n{\"uuid\":\"3");
    try (EventFile file = EventFile.open(path)) {
      Ledger ledger = new Ledger(file);
      file.readInto(ledger);
      assertThat(ledger.totals().distinct()).isEqualTo(2);
      ledger.take(
          Optional.empty(),
          new byte[0],
          List.of(PopEvent.of(one), PopEvent.of("{\"uuid\":\"3\"}")));
    }
    assertThat(Files.readString(path)).isEqualTo(one + "\n{\"uuid\":\"2\"}\n{\"uuid\":\"3\"}\n");
  }
}
