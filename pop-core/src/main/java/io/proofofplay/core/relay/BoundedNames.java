package io.proofofplay.core.relay;

import io.proofofplay.core.spi.NameService;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A name service that keeps its bound: it asks another one on a thread of its own, {@code
 * pop-names-<host>}, and stops waiting in time. A question that hangs is asked once, whoever waits
 * for it, so there are never more threads than hosts. They are daemons: nothing depends on their
 * end, and none lives longer than its question.
 *
 * <p>Thread-safe.
 */
public final class BoundedNames implements NameService {

  private final NameService unbounded;
  private final Consumer<Thread> starting;
  private final Map<String, FutureTask<List<InetAddress>>> asked = new HashMap<>();

  /** Asks the operating system. */
  public BoundedNames() {
    this(NameService.direct());
  }

  /**
   * Asks another service.
   *
   * @param unbounded may take as long as it likes
   */
  public BoundedNames(NameService unbounded) {
    this(unbounded, Thread::start);
  }

  /** The same, with a way to start a thread that may find none to be had. */
  BoundedNames(NameService unbounded, Consumer<Thread> starting) {
    this.unbounded = unbounded;
    this.starting = starting;
  }

  @Override
  public Optional<List<InetAddress>> lookup(String host, Duration atMost)
      throws UnknownHostException, InterruptedException {
    try {
      return Optional.of(question(host).get(atMost.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      UnknownHostException unknown = new UnknownHostException(String.valueOf(cause.getMessage()));
      unknown.initCause(cause);
      throw unknown;
    }
  }

  private FutureTask<List<InetAddress>> question(String host) throws UnknownHostException {
    synchronized (asked) {
      FutureTask<List<InetAddress>> pending = asked.get(host);
      if (pending != null) {
        return pending;
      }
      FutureTask<List<InetAddress>> question = new FutureTask<>(() -> ask(host));
      Thread asking =
          new Thread(
              () -> {
                question.run();
                forget(host);
              },
              "pop-names-" + host);
      asking.setDaemon(true);
      try {
        starting.accept(asking);
      } catch (OutOfMemoryError e) {
        // A machine that has no thread now may have one for the next attempt.
        UnknownHostException unknown =
            new UnknownHostException(host + ": cannot be looked up: " + e.getMessage());
        unknown.initCause(e);
        throw unknown;
      }
      // Behind the start, which may fail; the thread cannot forget it before, for want of the lock.
      asked.put(host, question);
      return question;
    }
  }

  private List<InetAddress> ask(String host) throws UnknownHostException, InterruptedException {
    return unbounded
        .lookup(host, Duration.ofDays(1))
        .orElseThrow(() -> new UnknownHostException(host + ": no answer"));
  }

  /** An answer is for those who waited; who asks later asks anew. */
  private void forget(String host) {
    synchronized (asked) {
      asked.remove(host);
    }
  }
}
