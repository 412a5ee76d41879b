package io.proofofplay.packaging.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service in package mode. No player is needed: what waits in the spool is delivered. */
@Timeout(300)
final class ServiceIT {

  @TempDir private Path directory;
  private Path folder;
  private Path scratch;

  @BeforeEach
  void unpack() throws IOException {
    folder = Service.unpacked(directory.resolve("node"));
    scratch = directory.resolve("scratch");
  }

  @Test
  void itSendsByTheOptionsAndByTheNewOnesOnceTheyAreReplaced() throws Exception {
    try (Backend backend = new Backend()) {
      List<String> first = waiting(0, 10);
      configure(backend.url("/one"), "Bearer 1");
      try (Service service = Service.start(folder, scratch)) {
        backend.awaitEvents(10, service);
        assertThat(service.log()).contains("sources player, sinks backend");
        assertThat(service.stop()).as(service.log()).isZero();
      }
      List<String> second = waiting(10, 15);
      // It raises no doubt about an event, so that the batch stays one however often it is tried.
      backend.answers(429);
      try (Service service = Service.start(folder, scratch)) {
        Await.until("a request", service::log, () -> service.log().contains("does not deliver"));
        configure(backend.url("/two"), "");
        Await.until(
            "the new options",
            service::log,
            () -> service.log().contains("config.json: sinks changed: backend"));
        backend.answers(204);
        backend.awaitEvents(15, service);
        assertThat(service.stop()).as(service.log()).isZero();
        assertThat(service.log()).doesNotContain("Bearer");
      }

      assertThat(backend.batches())
          .containsExactly(
              new Backend.Batch("/one", "Bearer 1", first),
              new Backend.Batch("/two", null, second));
    }
  }

  @Test
  void aKillAtAnyMomentCostsNoEvent() throws Exception {
    try (Backend backend = new Backend()) {
      backend.answers(503);
      List<String> events = waiting(0, 20);
      configure(backend.url("/pop"), "Bearer 1");
      try (Service service = Service.start(folder, scratch)) {
        // At once, perhaps before there is a JVM.
        service.kill();
      }
      try (Service service = Service.start(folder, scratch)) {
        Await.until("a request", service::log, () -> backend.requests() > 0);
        service.kill();
      }
      backend.answers(204);
      try (Service service = Service.start(folder, scratch)) {
        backend.awaitEvents(20, service);
      }
      assertThat(backend.uuids()).containsExactlyElementsOf(events);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\\t\"", "\"ftp:/nowhere\"", "17"})
  void withABackendThatIsNoneItWaitsForOtherOptionsBeforeItEnds(String url) throws Exception {
    Path options = folder.resolve("config.json");
    Service.renameIn(options, "{\"url\": " + url + "}");
    try (Service service = Service.start(folder, scratch, patient())) {
      service.awaitLog("waits 600 s for something to change");
      assertThat(service.log()).contains("url");
      assertThat(service.endsWithin(Duration.ofSeconds(2))).as(service.log()).isFalse();
      Service.renameIn(options, "{\"url\": \"https://example.org/pop\"}");
      assertThat(service.awaitEnd()).isEqualTo(78);
    }
  }

  @Test
  void withoutOptionsAtAllItWaitsAndASignalEndsIt() throws Exception {
    try (Service service = Service.start(folder, scratch, patient())) {
      service.awaitLog("waits 600 s for something to change");
      assertThat(service.endsWithin(Duration.ofSeconds(2))).as(service.log()).isFalse();
      assertThat(service.stop()).isEqualTo(143);
    }
  }

  @Test
  void aSecondOneOnOneSpoolWaitsBeforeItEnds() throws Exception {
    try (Backend backend = new Backend()) {
      configure(backend.url("/pop"), "");
      try (FileStorage owner = FileStorage.open(scratch.resolve("pop"), TimeSource.system());
          Service service = Service.start(folder, scratch, patient())) {
        service.awaitLog("waits 600 s for something to change");
        assertThat(service.log()).contains("is owned by process");
        assertThat(service.endsWithin(Duration.ofSeconds(2))).as(service.log()).isFalse();
        assertThat(owner.sinks()).isEmpty();
      }
    }
  }

  private static Map<String, String> patient() {
    return Map.of("JAVA_HOME", System.getProperty("java.home"), "POP_PAUSE", "600");
  }

  @Test
  void withArgumentsItTellsWhereAnEventIs() throws Exception {
    String uuid = waiting(0, 1).get(0);
    configure("http://127.0.0.1:1/pop", "");
    Map<String, String> java = Map.of("JAVA_HOME", System.getProperty("java.home"));
    try (Service service = Service.start(folder, scratch, java, "where", uuid)) {
      assertThat(service.awaitEnd()).as(service.log()).isZero();
      assertThat(service.log()).contains("waiting");
    }
  }

  /** Like what a device writes: the options, and much that is not ours. */
  private void configure(String url, String authorization) throws IOException {
    Service.renameIn(
        folder.resolve("config.json"),
        """
        {"url": "%s", "authorization": "%s", "min_interval": 0,
         "__metadata": {"device_id": 456, "setup_id": 243317, "timezone": "UTC",
                        "node_path": "root/proof-of-play", "api": {"url": "http://127.0.0.1:81/"}}}
        """
            .formatted(url, authorization));
  }

  /** Puts events into the spool, as an earlier run would have left them; their uuids. */
  private List<String> waiting(int from, int to) throws IOException {
    List<PopEvent> events =
        IntStream.range(from, to)
            .mapToObj(i -> PopEvent.of("{\"uuid\":\"event-" + i + "\",\"ts\":" + i + "}"))
            .toList();
    try (FileStorage storage = FileStorage.open(scratch.resolve("pop"), TimeSource.system());
        Spool spool =
            storage.openSpool("backend", SpoolPolicy.defaults(), BatchPolicy.defaults(), false)) {
      spool.append(events);
      spool.sync();
    }
    return events.stream().map(PopEvent::uuid).toList();
  }
}
