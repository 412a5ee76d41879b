package io.proofofplay.runner.daemon;

import com.google.inject.Inject;
import com.google.inject.Provider;
import com.google.inject.ProvisionException;
import io.proofofplay.core.relay.BoundedNames;
import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.relay.Sink;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.NameService;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.Delivery;
import io.proofofplay.runner.config.SinkConfig;
import java.util.Set;
import java.util.function.Supplier;

/** Builds the relay of its sources, sinks and storage. */
final class RelayProvider implements Provider<Relay> {

  private final Configuration configuration;
  private final Adapters adapters;
  private final TimeSource time;
  private final Provider<Storage> storage;
  private final Set<RelayListener> listeners;
  private final NameService names = new BoundedNames();

  @Inject
  RelayProvider(
      Configuration configuration,
      Adapters adapters,
      TimeSource time,
      Provider<Storage> storage,
      Set<RelayListener> listeners) {
    this.configuration = configuration;
    this.adapters = adapters;
    this.time = time;
    this.storage = storage;
    this.listeners = listeners;
  }

  @Override
  public Relay get() {
    Relay.Builder builder = Relay.builder().time(time);
    configuration
        .relay()
        .sources()
        .forEach(
            (name, source) -> {
              EventSource made =
                  make(
                      "sources." + name,
                      () -> adapters.source(source, new SourceContext(name, time)));
              builder.source(name, made);
            });
    configuration.relay().sinks().forEach((name, sink) -> builder.sink(sink(name, sink)));
    listeners.forEach(builder::listener);
    return builder.storage(storage.get()).build();
  }

  private Sink sink(String name, SinkConfig sink) {
    Submitter submitter =
        make(
            "sinks." + name,
            () -> adapters.submitter(sink, new SinkContext(name, time, Version.number(), names)));
    Delivery delivery = sink.delivery();
    return Sink.named(name, submitter)
        .withTimeout(delivery.timeout())
        .withBatch(delivery.batch())
        .withRetry(delivery.retry())
        .withSpool(delivery.spool());
  }

  private <T> T make(String key, Supplier<T> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw new ProvisionException(key, configuration.problem(key, String.valueOf(e.getMessage())));
    }
  }
}
