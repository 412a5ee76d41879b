package io.proofofplay.runner.daemon;

import com.google.inject.Inject;
import com.google.inject.Provider;
import com.google.inject.ProvisionException;
import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import java.util.Set;

/** Builds the relay of its sources, sinks and storage. */
final class RelayProvider implements Provider<Relay> {

  private final Configuration configuration;
  private final Parts parts;
  private final TimeSource time;
  private final Provider<Storage> storage;
  private final Set<RelayListener> listeners;

  @Inject
  RelayProvider(
      Configuration configuration,
      Parts parts,
      TimeSource time,
      Provider<Storage> storage,
      Set<RelayListener> listeners) {
    this.configuration = configuration;
    this.parts = parts;
    this.time = time;
    this.storage = storage;
    this.listeners = listeners;
  }

  @Override
  public Relay get() {
    Relay.Builder builder = Relay.builder().time(time);
    try {
      for (String name : configuration.relay().sources().keySet()) {
        builder.source(name, parts.source(configuration, name));
      }
      for (String name : configuration.relay().sinks().keySet()) {
        builder.sink(parts.sink(configuration, name));
      }
    } catch (ConfigurationException e) {
      throw new ProvisionException("a part of the relay", e);
    }
    listeners.forEach(builder::listener);
    return builder.storage(storage.get()).build();
  }
}
