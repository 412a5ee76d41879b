package io.proofofplay.runner.daemon;

import io.proofofplay.runner.config.Configuration;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether a package's options were replaced, and stops the daemon then: a service of an
 * info-beamer package ends with 0 to be started again with the new values, as the SDK's own {@code
 * restart_on_update} does.
 */
final class PackageOptions {

  private static final Logger LOG = LoggerFactory.getLogger(PackageOptions.class);

  private static final Duration BETWEEN = Duration.ofSeconds(2);

  private final Configuration configuration;
  private final Daemon daemon;

  private PackageOptions(Configuration configuration, Daemon daemon) {
    this.configuration = configuration;
    this.daemon = daemon;
  }

  /** Looks every few seconds from now on, if there are such options. */
  static void watch(Configuration configuration, Daemon daemon) {
    if (configuration.isPackage()) {
      Thread thread = new Thread(new PackageOptions(configuration, daemon)::run, "pop-options");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    try {
      while (!daemon.ended()) {
        if (configuration.isOutdated()) {
          LOG.info(
              "pop: {} was replaced; ending, to be started again with the new values",
              configuration.file());
          daemon.stop();
          return;
        }
        Thread.sleep(BETWEEN.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
