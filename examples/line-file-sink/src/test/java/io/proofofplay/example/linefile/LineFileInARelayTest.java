package io.proofofplay.example.linefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.relay.Sink;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import io.proofofplay.testkit.ScriptedSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineFileInARelayTest {

  @TempDir Path home;

  @Test
  void whatAPlayerPlaysIsInTheFile() throws Exception {
    List<PopEvent> events = Events.numbered(100);
    ScriptedSource source = new ScriptedSource().connect("lobby").emit(events);
    MemoryStorage storage = new MemoryStorage(TimeSource.system());
    RecordingListener listener = new RecordingListener();
    Path file = home.resolve("plays.ndjson");
    BatchPolicy batches = new BatchPolicy(10, ByteSize.ofMiB(1), Duration.ZERO);

    Relay relay =
        Relay.builder()
            .storage(storage)
            .source("lobby", source)
            .sink(Sink.named("archive", new LineFileSubmitter(file)).withBatch(batches))
            .listener(listener)
            .build();
    relay.start();
    listener.await(RecordingListener.Submitted.class, 10);
    relay.stop(Duration.ofSeconds(1));

    assertThat(Files.readAllLines(file))
        .containsExactlyElementsOf(events.stream().map(PopEvent::json).toList());
    assertThat(storage.waiting("archive")).isEmpty();
  }
}
