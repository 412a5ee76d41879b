package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.Surroundings;
import io.proofofplay.runner.daemon.Daemon;
import io.proofofplay.sink.http.HttpSinkConfig;
import io.proofofplay.source.infobeamer.InfoBeamerConfig;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged {@code pop gaps} over what the daemon has written within some minutes, which pass at
 * once: the daemon runs in this process, on a clock of the test's own.
 */
@Timeout(120)
class GapsIT {

  /** No Linux has a process of so high a number. */
  private static final String NOBODY = "4194305";

  private static final Duration LENGTH = Duration.ofSeconds(10);

  private static final String CONFIGURATION =
      """
      spool: {directory: %s}
      sources:
        lobby: {type: infobeamer}
      sinks:
        billing:
          type: http
          url: http://127.0.0.1:1/
          batch: {minInterval: 0s}
      """;

  @TempDir Path directory;

  private final ManualTime time = ManualTime.standing();
  private final ScriptedSource player = new ScriptedSource();
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private int plays;

  private Daemon daemon() throws Exception {
    EventSourceProvider<InfoBeamerConfig> sources =
        new EventSourceProvider<>() {
          @Override
          public String type() {
            return "infobeamer";
          }

          @Override
          public Class<InfoBeamerConfig> configType() {
            return InfoBeamerConfig.class;
          }

          @Override
          public EventSource create(InfoBeamerConfig config, SourceContext context) {
            return player;
          }
        };
    SubmitterProvider<HttpSinkConfig> sinks =
        new SubmitterProvider<>() {
          @Override
          public String type() {
            return "http";
          }

          @Override
          public Class<HttpSinkConfig> configType() {
            return HttpSinkConfig.class;
          }

          @Override
          public Submitter create(HttpSinkConfig config, SinkContext context) {
            return backend;
          }
        };
    Adapters adapters = new Adapters(Map.of("infobeamer", sources), Map.of("http", sinks));
    Files.writeString(
        directory.resolve("pop.yaml"), CONFIGURATION.formatted(directory.resolve("spool")));
    return Daemon.build(
        Configuration.load(Optional.empty(), new Surroundings(directory, Map.of()), adapters),
        adapters,
        time);
  }

  /** The player plays without a pause, and says so at the end of each play. */
  private void play(int minutes) throws Exception {
    for (int i = 0; i < minutes * 6; i++) {
      long began = time.now().getEpochSecond();
      time.advance(LENGTH);
      player.emit(
          List.of(
              PopEvent.of(
                  "{\"uuid\":\"play-%d\",\"ts\":%d,\"duration\":10,\"device\":{\"id\":7}}"
                      .formatted(plays++, began))));
      player.awaitDone();
    }
  }

  private List<String> gaps() throws Exception {
    try (PackagedPop command =
        PackagedPop.start(
            directory, "gaps", "--from", "2026-03-01T11:55:00Z", "--to", "2026-03-01T12:15:00Z")) {
      PackagedPop.End end = command.end();
      assertThat(end.code()).as(end.err()).isZero();
      return end.out().lines().map(line -> line.replaceAll("2026-03-01T|Z| +(?= )", "")).toList();
    }
  }

  @Test
  void aConnectionThatWasCutForTwoMinutesIsTheGapThatIsShown() throws Exception {
    Daemon daemon = daemon();
    try {
      daemon.start();
      player.connect("lobby");
      player.awaitDone();
      play(5);
      player.disconnect("connection reset");
      player.awaitDone();
      time.advance(Duration.ofMinutes(2));
      player.connect("lobby");
      player.awaitDone();
      play(3);
      backend.awaitDelivered(plays);
      backend.otherwise(batch -> Later.because("down"));
      play(2);
      time.advance(Duration.ofMinutes(3));

      assertThat(gaps())
          .containsExactly(
              "device 7",
              " 11:55:00 12:00:00 5m 0s not connected",
              " 12:00:00 12:05:00 5m 0s played",
              " 12:05:00 12:07:00 2m 0s not connected",
              " 12:07:00 12:10:00 3m 0s played",
              " 12:10:00 12:12:00 2m 0s not delivered",
              " 12:12:00 12:15:00 3m 0s silent");
    } finally {
      daemon.stop();
    }
    // The lock names this process, which goes on; that of a daemon has ended by now.
    Files.writeString(directory.resolve("spool/lock"), NOBODY);
    assertThat(gaps())
        .as("who is not there does not know whether it was silent")
        .endsWith(
            " 12:10:00 12:12:00 2m 0s not delivered", " 12:12:00 12:15:00 3m 0s not connected");
  }
}
