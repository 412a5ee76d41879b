package io.proofofplay.sink.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.core5.net.InetAddressUtils;

/**
 * Looks up a host's addresses for each new connection, and not longer than the attempt may take.
 *
 * <p>The operating system's resolver cannot be told how long to take, nor be interrupted. So the
 * question is asked on a thread of an executor that is given from outside, and waited for here with
 * a bound. A question that hangs is not asked twice: the next attempt waits for its answer too, so
 * that at most one thread hangs for a sink.
 */
final class NameLookup implements DnsResolver {

  /** Asks for the addresses of a host. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  private final Resolver resolver;
  private final Executor executor;
  private final Deadline deadline;
  private final Progress progress;

  private String asked = "";
  private CompletableFuture<InetAddress[]> answer = CompletableFuture.completedFuture(null);

  NameLookup(Resolver resolver, Executor executor, Deadline deadline, Progress progress) {
    this.resolver = resolver;
    this.executor = executor;
    this.deadline = deadline;
    this.progress = progress;
  }

  /**
   * The JDK's own pool of daemon threads; told that the lookup blocks, so that it puts in another
   * thread for it.
   */
  static Executor commonPool() {
    return task -> ForkJoinPool.commonPool().execute(() -> block(task));
  }

  private static void block(Runnable task) {
    try {
      ForkJoinPool.managedBlock(
          new ForkJoinPool.ManagedBlocker() {
            private boolean done;

            @Override
            public boolean block() {
              task.run();
              done = true;
              return true;
            }

            @Override
            public boolean isReleasable() {
              return done;
            }
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    progress.enter(Progress.Stage.RESOLVING);
    InetAddress[] addresses = isLiteral(host) ? InetAddress.getAllByName(host) : ask(host);
    progress.enter(Progress.Stage.CONNECTING);
    return addresses;
  }

  private static boolean isLiteral(String host) {
    return InetAddressUtils.isIPv4(host) || InetAddressUtils.isIPv6(host);
  }

  private InetAddress[] ask(String host) throws UnknownHostException {
    if (answer.isDone() || !asked.equals(host)) {
      asked = host;
      CompletableFuture<InetAddress[]> pending = new CompletableFuture<>();
      answer = pending;
      executor.execute(() -> answer(host, pending));
    }
    CompletableFuture<InetAddress[]> pending = answer;
    try {
      deadline.check();
      deadline.waitsFor(() -> pending.cancel(false));
      return pending.get(deadline.left(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw because(host, "interrupted", e);
    } catch (TimeoutException e) {
      deadline.pass();
      throw because(host, "no answer in time", e);
    } catch (CancellationException e) {
      throw because(host, "closed", e);
    } catch (ExecutionException e) {
      throw because(host, String.valueOf(e.getCause().getMessage()), e);
    } catch (IOException e) {
      throw because(host, String.valueOf(e.getMessage()), e);
    }
  }

  private void answer(String host, CompletableFuture<InetAddress[]> pending) {
    try {
      pending.complete(resolver.resolve(host));
    } catch (UnknownHostException e) {
      pending.completeExceptionally(e);
    } catch (RuntimeException | Error e) {
      pending.completeExceptionally(new UncheckedIOException(new IOException(e)));
    }
  }

  private static UnknownHostException because(String host, String what, Exception cause) {
    UnknownHostException unknown = new UnknownHostException(host + ": " + what);
    unknown.initCause(cause);
    return unknown;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
