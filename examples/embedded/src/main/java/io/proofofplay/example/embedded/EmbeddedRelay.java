package io.proofofplay.example.embedded;

import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.relay.Sink;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.sink.http.HttpSinkConfig;
import io.proofofplay.sink.http.HttpSubmitter;
import io.proofofplay.source.infobeamer.InfoBeamerConfig;
import io.proofofplay.source.infobeamer.InfoBeamerSource;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** One player, one backend, one folder. */
public final class EmbeddedRelay {

  private EmbeddedRelay() {}

  /**
   * Builds and starts a relay.
   *
   * @param player the port of an info-beamer node on this device
   * @param backend where to post events
   * @param folder where to keep them until then
   * @return the running relay; {@code relay.stop(Duration.ofSeconds(3))} ends it
   * @throws IOException if the folder cannot be used
   */
  public static Relay start(int player, URI backend, Path folder) throws IOException {
    // README: begin
    TimeSource time = TimeSource.system();
    var lobby = InfoBeamerConfig.of("127.0.0.1", player);
    var billing = HttpSinkConfig.to(backend);
    Relay relay =
        Relay.builder()
            .storage(FileStorage.open(folder, time))
            .source("lobby", new InfoBeamerSource(lobby, new SourceContext("lobby", time)))
            .sink(
                Sink.named(
                    "billing", new HttpSubmitter(billing, new SinkContext("billing", time, "1.0"))))
            .build();
    relay.start();
    // README: end
    return relay;
  }
}
