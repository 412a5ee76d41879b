package io.proofofplay.runner.daemon;

import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration anew when it is told to, or when a package's options were replaced, and
 * has the daemon change to it. One that is wrong changes nothing and is said.
 *
 * <p>Whoever tells it to while it is about it is not forgotten: it reads once more then.
 */
final class Reloading {

  private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

  /** How often is looked whether a package's options were replaced. */
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

  private final Semaphore wanted = new Semaphore(0);

  /** The problems of replaced options that were said; they are read again until they are right. */
  private List<String> said = List.of();

  /** Told to read the configuration anew; from any thread, also before there is a daemon. */
  void request() {
    wanted.release();
  }

  /** From now on does what it is told, until the daemon has ended. */
  void serve(Daemon daemon, Reading reading) {
    Thread thread = new Thread(() -> run(daemon, reading), "pop-reload");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Daemon daemon, Reading reading) {
    try {
      while (!daemon.ended()) {
        boolean told = await(daemon.configuration().isPackage());
        // All who asked until now are served by what is read from now on.
        wanted.drainPermits();
        reload(daemon, reading, told);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean await(boolean looks) throws InterruptedException {
    if (looks) {
      return wanted.tryAcquire(BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
    }
    wanted.acquire();
    return true;
  }

  /** Whatever it comes to, the next one who asks is served. */
  private void reload(Daemon daemon, Reading reading, boolean told) {
    try {
      if (!told && !daemon.configuration().isOutdated()) {
        return;
      }
      Configuration next = reading.read();
      String changes = daemon.change(next);
      said = List.of();
      if (!daemon.isStopping()) {
        LOG.info("pop: reloaded {}: {}", next.file(), changes);
      }
    } catch (ConfigurationException e) {
      if (told || !e.problems().equals(said)) {
        said = e.problems();
        LOG.error(
            "pop: {} cannot be used, and the old configuration stays in force: {}",
            daemon.configuration().file(),
            String.join("; ", said));
      }
    } catch (Throwable e) {
      List<String> failure = List.of(e.toString());
      if (told || !failure.equals(said)) {
        said = failure;
        LOG.error("pop: could not reload; what runs goes on as it can{}", cause(e), e);
      }
    }
  }

  private static String cause(Throwable failure) {
    return failure instanceof LinkageError
        ? ", and new parts may not be had before a restart: a jar of the relay or of a plugin was"
            + " replaced, or does not fit"
        : "";
  }
}
