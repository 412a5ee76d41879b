package io.proofofplay.runner.daemon;

import com.google.inject.Inject;
import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes sources and sinks as a configuration says, for the start and for each change after it. */
final class Parts {

  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

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
        .withBatch(fitting(name, delivery.batch()))
        .withRetry(delivery.retry())
        .withSpool(delivery.spool());
  }

  /** A batch is in memory as a whole, and the one behind it may be so too. */
  private static BatchPolicy fitting(String name, BatchPolicy wanted) {
    ByteSize most = ByteSize.ofMiB(Math.max(1, (Runtime.getRuntime().maxMemory() / 8) >> 20));
    if (wanted.maxBytes().compareTo(most) <= 0) {
      return wanted;
    }
    LOG.warn(
        "sinks.{}.batch.maxBytes: {} is more than the memory of this process allows, {} are taken;"
            + " more memory makes room for more (POP_JAVA_OPTS=-Xmx128m)",
        name,
        wanted.maxBytes(),
        most);
    return wanted.withMaxBytes(most);
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
