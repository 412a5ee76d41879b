package io.proofofplay.runner.daemon;

import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether a package's options were replaced, and stops the daemon then: a service of an
 * info-beamer package ends with 0 to be started again with the new values, as the SDK's own {@code
 * restart_on_update} does. Options that are wrong stop nothing: with them it could not start again,
 * and what is played meanwhile would be lost.
 */
final class PackageOptions {

  private static final Logger LOG = LoggerFactory.getLogger(PackageOptions.class);

  private static final Duration BETWEEN = Duration.ofSeconds(2);

  /** Reads and checks the configuration anew. */
  interface Reading {

    /**
     * Reads.
     *
     * @return the configuration as it is now
     * @throws ConfigurationException if it is wrong
     */
    Configuration read() throws ConfigurationException;
  }

  private final Configuration configuration;
  private final Reading reading;
  private final Daemon daemon;
  private List<String> said = List.of();

  private PackageOptions(Configuration configuration, Reading reading, Daemon daemon) {
    this.configuration = configuration;
    this.reading = reading;
    this.daemon = daemon;
  }

  /** Looks every few seconds from now on, if there are such options. */
  static void watch(Configuration configuration, Reading reading, Daemon daemon) {
    if (configuration.isPackage()) {
      Thread thread =
          new Thread(new PackageOptions(configuration, reading, daemon)::run, "pop-options");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    try {
      while (!daemon.ended()) {
        if (configuration.isOutdated() && isRight()) {
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

  /** Whether the new options can be used; says once what is wrong with them. */
  private boolean isRight() {
    try {
      reading.read();
      return true;
    } catch (ConfigurationException e) {
      if (!e.problems().equals(said)) {
        said = e.problems();
        LOG.error(
            "pop: {} was replaced by one that cannot be used, and the old values stay: {}",
            configuration.file(),
            String.join("; ", said));
      }
      return false;
    }
  }
}
