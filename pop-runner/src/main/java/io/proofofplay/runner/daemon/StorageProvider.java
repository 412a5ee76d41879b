package io.proofofplay.runner.daemon;

import com.google.inject.Inject;
import com.google.inject.Provider;
import com.google.inject.ProvisionException;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.Configuration;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the storage where the configuration says, once, when it is first wanted. */
final class StorageProvider implements Provider<Storage> {

  private final Place place;
  private final Path directory;
  private final TimeSource time;
  private Storage opened;

  @Inject
  StorageProvider(Place place, Configuration configuration, TimeSource time) {
    this.place = place;
    this.directory = configuration.relay().spool().directory();
    this.time = time;
  }

  @Override
  public synchronized Storage get() {
    try {
      if (opened == null) {
        opened = place.open(directory, time);
      }
      return opened;
    } catch (IOException e) {
      throw new ProvisionException("the storage", e);
    }
  }
}
