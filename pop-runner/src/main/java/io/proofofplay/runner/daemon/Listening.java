package io.proofofplay.runner.daemon;

import io.proofofplay.core.config.Secret;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.OpsConfig;
import io.proofofplay.runner.ops.OpsEndpoint;
import io.proofofplay.runner.ops.View;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the status endpoint listen, and tries again as long as its address cannot be had: somebody
 * else has the port, or at the start of a machine the address is not there yet. The plays of a
 * screen are worth more than what the endpoint tells, so nothing waits for it.
 *
 * <p>Thread-safe.
 */
final class Listening implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Listening.class);

  private static final Duration BETWEEN = Duration.ofSeconds(5);

  private final OpsConfig where;
  private final Supplier<View> view;
  private final TimeSource time;
  private final CountDownLatch closed = new CountDownLatch(1);
  private Optional<Secret> token;
  private Optional<OpsEndpoint> endpoint = Optional.empty();

  /** Whether it was said that it does not work; known to the one thread that tries. */
  private volatile boolean said;

  Listening(OpsConfig where, Supplier<View> view, TimeSource time) {
    this.where = where;
    this.view = view;
    this.time = time;
    this.token = where.secret();
  }

  /** Listens from now on, or as soon as the address can be had. */
  void begin() {
    if (!runOnce()) {
      Thread thread = new Thread(this::run, "pop-ops-listen");
      thread.setDaemon(true);
      try {
        thread.start();
      } catch (OutOfMemoryError e) {
        LOG.warn("ops.listen: is not tried again, for want of a thread: {}", e.getMessage());
      }
    }
  }

  private void run() {
    try {
      boolean done = false;
      while (!done && !closed.await(BETWEEN.toMillis(), TimeUnit.MILLISECONDS)) {
        done = runOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tries to listen; whether there is nothing left to try. */
  boolean runOnce() {
    OpsEndpoint open;
    try {
      // A name is looked up for it, which may take its time: nobody waits for that.
      open = OpsEndpoint.open(where, view, time);
    } catch (IOException | UnresolvedAddressException e) {
      complain(e);
      return false;
    }
    keep(open);
    return true;
  }

  private synchronized void keep(OpsEndpoint open) {
    if (closed.getCount() == 0) {
      open.close();
    } else {
      open.admit(token);
      endpoint = Optional.of(open);
    }
  }

  private void complain(Exception failure) {
    if (!said) {
      said = true;
      LOG.warn(
          "ops.listen: {} cannot be listened on ({}); end what has it, or write another and"
              + " restart; it is tried again every {} s, and the relay runs meanwhile",
          where.listen(),
          failure.getMessage() == null ? "unknown host" : failure.getMessage(),
          BETWEEN.toSeconds());
    }
  }

  /** Asks callers for another token from now on, also those to come. */
  synchronized void admit(Optional<Secret> other) {
    token = other;
    endpoint.ifPresent(open -> open.admit(other));
  }

  /** The port it listens on; empty while it does not. */
  synchronized Optional<Integer> port() {
    return endpoint.map(OpsEndpoint::port);
  }

  @Override
  public synchronized void close() {
    closed.countDown();
    endpoint.ifPresent(OpsEndpoint::close);
  }
}
