package io.proofofplay.runner.daemon;

import com.google.inject.Inject;
import io.proofofplay.core.relay.BoundedNames;
import io.proofofplay.core.relay.Sink;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.NameService;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.Delivery;
import io.proofofplay.runner.config.SinkConfig;
import io.proofofplay.runner.config.SourceConfig;
import java.util.function.Supplier;

/** Makes sources and sinks as a configuration says, for the start and for each change after it. */
final class Parts {

  private final Adapters adapters;
  private final TimeSource time;
  private final NameService names = new BoundedNames();

  @Inject
  Parts(Adapters adapters, TimeSource time) {
    this.adapters = adapters;
    this.time = time;
  }

  /**
   * Makes a source.
   *
   * @throws ConfigurationException if its adapter refuses the settings
   */
  EventSource source(Configuration configuration, String name) throws ConfigurationException {
    SourceConfig config = configuration.relay().sources().get(name);
    return make(
        configuration,
        "sources." + name,
        () -> adapters.source(config, new SourceContext(name, time)));
  }

  /**
   * Makes a sink.
   *
   * @throws ConfigurationException if its adapter refuses the settings
   */
  Sink sink(Configuration configuration, String name) throws ConfigurationException {
    SinkConfig config = configuration.relay().sinks().get(name);
    Submitter submitter =
        make(
            configuration,
            "sinks." + name,
            () -> adapters.submitter(config, new SinkContext(name, time, Version.number(), names)));
    Delivery delivery = config.delivery();
    return Sink.named(name, submitter)
        .withTimeout(delivery.timeout())
        .withBatch(delivery.batch())
        .withRetry(delivery.retry())
        .withSpool(delivery.spool());
  }

  private static <T> T make(Configuration configuration, String key, Supplier<T> maker)
      throws ConfigurationException {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw configuration.problem(key, String.valueOf(e.getMessage()));
    }
  }
}
