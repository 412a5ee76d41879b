package io.proofofplay.runner.daemon;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;
import com.google.inject.multibindings.Multibinder;
import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import java.util.Set;

/** What the daemon is made of. Nothing is made that is not named here. */
final class RelayModule extends AbstractModule {

  private final Configuration configuration;
  private final Adapters adapters;
  private final Place place;
  private final Set<RelayListener> listeners;
  private final TimeSource time;

  RelayModule(
      Configuration configuration,
      Adapters adapters,
      Place place,
      Set<RelayListener> listeners,
      TimeSource time) {
    this.configuration = configuration;
    this.adapters = adapters;
    this.place = place;
    this.listeners = Set.copyOf(listeners);
    this.time = time;
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    binder().requireExactBindingAnnotations();
    binder().requireAtInjectOnConstructors();
    binder().disableCircularProxies();

    bind(TimeSource.class).toInstance(time);
    bind(Configuration.class).toInstance(configuration);
    bind(Adapters.class).toInstance(adapters);
    bind(Place.class).toInstance(place);
    Multibinder<RelayListener> bound = Multibinder.newSetBinder(binder(), RelayListener.class);
    listeners.forEach(listener -> bound.addBinding().toInstance(listener));
    bind(Relay.class).toProvider(RelayProvider.class).in(Scopes.SINGLETON);
    bind(RelayProvider.class);
    bind(Parts.class).in(Scopes.SINGLETON);
    // The provider is the singleton, so that nothing is opened before the relay asks for it.
    bind(Storage.class).toProvider(StorageProvider.class);
    bind(StorageProvider.class).in(Scopes.SINGLETON);
  }
}
