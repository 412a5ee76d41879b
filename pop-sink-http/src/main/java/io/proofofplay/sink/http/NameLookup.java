package io.proofofplay.sink.http;

import io.proofofplay.core.spi.NameService;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.core5.net.InetAddressUtils;

/**
 * Looks up a host's addresses for each new connection, and not longer than the attempt may take.
 */
final class NameLookup implements DnsResolver {

  /** How soon a wait notices that the sink was closed. */
  private static final long SLICE_NANOS = Duration.ofMillis(100).toNanos();

  private final NameService names;
  private final Deadline deadline;
  private final Progress progress;

  NameLookup(NameService names, Deadline deadline, Progress progress) {
    this.names = names;
    this.deadline = deadline;
    this.progress = progress;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    progress.enter(Progress.Stage.RESOLVING);
    InetAddress[] addresses = isLiteral(host) ? InetAddress.getAllByName(host) : ask(host);
    deadline.sharedBy(addresses.length);
    progress.enter(Progress.Stage.CONNECTING);
    return addresses;
  }

  private static boolean isLiteral(String host) {
    return InetAddressUtils.isIPv4(host) || InetAddressUtils.isIPv6(host);
  }

  private InetAddress[] ask(String host) throws UnknownHostException {
    try {
      while (true) {
        deadline.check();
        Optional<List<InetAddress>> answer =
            names.lookup(host, Duration.ofNanos(Math.min(deadline.left(), SLICE_NANOS)));
        if (answer.isPresent()) {
          return answer.get().toArray(new InetAddress[0]);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw because(host, e);
    } catch (InterruptedIOException e) {
      throw because(host, e);
    }
  }

  private static UnknownHostException because(String host, Exception cause) {
    UnknownHostException unknown = new UnknownHostException(host + ": " + cause.getMessage());
    unknown.initCause(cause);
    return unknown;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
