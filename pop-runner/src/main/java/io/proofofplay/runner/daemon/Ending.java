package io.proofofplay.runner.daemon;

import io.proofofplay.runner.cli.ExitCode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process in good order when it is told to, by SIGTERM, SIGINT or a logout, and ends it
 * without order when that takes too long: everything accepted is on disk by then.
 */
final class Ending {

  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  /** A stop is promised within 5 s, the process's own end included; the relay's own takes 4.6 s. */
  private static final Duration LONGEST = Duration.ofMillis(4700);

  private final AtomicReference<Daemon> daemon = new AtomicReference<>();

  /** Whether the process ends by itself, so that its exit code stands. */
  private volatile boolean over;

  /** From now on the process ends in good order. */
  static Ending prepare() {
    Ending ending = new Ending();
    Runtime.getRuntime().addShutdownHook(new Thread(ending::run, "pop-end"));
    return ending;
  }

  /** Says what there is to stop. */
  void stops(Daemon running) {
    daemon.set(running);
  }

  /** Says that there is nothing to stop any more. */
  void over() {
    over = true;
  }

  private void run() {
    Daemon running = daemon.get();
    if (over || (running != null && running.ended())) {
      return;
    }
    if (running == null) {
      LOG.info("pop: told to end before it ran");
      // Nothing was taken yet, and what is on disk bears an end at any moment.
      Runtime.getRuntime().halt(ExitCode.DONE);
    }
    LOG.info("pop: told to end");
    // Without a halt the JVM would report the signal, as if the end had been none of its doing.
    Runtime.getRuntime().halt(stop(running::stop, LONGEST, Thread::start));
  }

  /**
   * Stops on a thread of its own, or on this one if there is none to be had, and waits so long.
   *
   * @return the exit code: whether the stop came to its end
   */
  static int stop(Runnable stop, Duration longest, Consumer<Thread> starting) {
    AtomicBoolean stopped = new AtomicBoolean();
    Runnable whole =
        () -> {
          try {
            stop.run();
            stopped.set(true);
          } catch (RuntimeException | Error e) {
            LOG.error("pop: the stop broke off", e);
          }
        };
    Thread thread = new Thread(whole, "pop-stop");
    thread.setDaemon(true);
    try {
      starting.accept(thread);
      thread.join(longest.toMillis());
    } catch (OutOfMemoryError e) {
      LOG.warn("pop: stops without a thread for it: {}", e.getMessage());
      whole.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (stopped.get()) {
      return ExitCode.DONE;
    }
    if (thread.isAlive()) {
      LOG.error("pop: did not stop within {} ms and ends as it is", longest.toMillis());
    }
    return ExitCode.INTERNAL;
  }
}
