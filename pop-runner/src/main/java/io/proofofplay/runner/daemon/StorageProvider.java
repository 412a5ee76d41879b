package io.proofofplay.runner.daemon;

import com.google.inject.Inject;
import com.google.inject.Provider;
import com.google.inject.ProvisionException;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.Configuration;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the storage where the configuration says. */
final class StorageProvider implements Provider<Storage> {

  private final Place place;
  private final Path directory;
  private final TimeSource time;

  @Inject
  StorageProvider(Place place, Configuration configuration, TimeSource time) {
    this.place = place;
    this.directory = configuration.relay().spool().directory();
    this.time = time;
  }

  @Override
  public Storage get() {
    try {
      return place.open(directory, time);
    } catch (IOException e) {
      throw new ProvisionException("the storage", e);
    }
  }
}
