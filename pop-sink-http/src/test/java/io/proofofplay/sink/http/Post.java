package io.proofofplay.sink.http;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What most tests here need: settings, a submitter, a batch, an attempt. */
final class Post {

  static final Duration AMPLE = Duration.ofSeconds(20);

  private Post() {}

  static HttpSinkConfig to(URI server) {
    return HttpSinkConfig.to(server.resolve("/pop"));
  }

  static HttpSubmitter with(HttpSinkConfig config) {
    return with(config, TimeSource.system());
  }

  static HttpSubmitter with(HttpSinkConfig config, TimeSource time) {
    return with(config, time, Map.of());
  }

  static HttpSubmitter with(
      HttpSinkConfig config, TimeSource time, Map<String, String> environment) {
    return with(config, time, environment, notice -> {});
  }

  static HttpSubmitter with(
      HttpSinkConfig config,
      TimeSource time,
      Map<String, String> environment,
      Consumer<String> notices) {
    return new HttpSubmitter(
        config, new SinkContext("billing", time, "1.2.3"), environment, notices);
  }

  static SubmitResult once(HttpSinkConfig config) throws InterruptedException {
    return once(config, AMPLE);
  }

  static SubmitResult once(HttpSinkConfig config, Duration timeout) throws InterruptedException {
    try (HttpSubmitter submitter = with(config)) {
      return submitter.submit(batch(3), attempt(timeout));
    }
  }

  static Attempt attempt() {
    return attempt(AMPLE);
  }

  static Attempt attempt(Duration timeout) {
    return new Attempt(timeout, 17);
  }

  static Batch batch(int events) {
    return batch(events, 0);
  }

  /** A batch whose events have some filling, to make the request long. */
  static Batch batch(int events, int filling) {
    List<PopEvent> all = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      all.add(PopEvent.of("{\"uuid\":\"u" + i + "\",\"x\":\"" + "x".repeat(filling) + "\"}"));
    }
    return new Batch(BatchId.of("s", 7), all);
  }

  static Batch batchOf(String sender, String... events) {
    List<PopEvent> all = new ArrayList<>();
    for (String event : events) {
      byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
      all.add(PopEvent.scanned(bytes, 0, bytes.length, sender));
    }
    return new Batch(BatchId.of("s", 7), all);
  }
}
