package io.proofofplay.core.spi;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Port: looks up the addresses of hosts.
 *
 * <p>A submitter must keep a bound on its attempts, but the operating system's resolver takes none
 * and cannot be interrupted, and an adapter starts no thread to wait beside. So the waiting is the
 * relay's.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface NameService {

  /**
   * Asks for the addresses of a host, or joins the same question if it is still being asked.
   *
   * @param host a name or an address
   * @param atMost the longest wait
   * @return all addresses, in the order in which to try them; empty if there is no answer yet
   * @throws UnknownHostException if the host has no address, or nobody knows
   * @throws InterruptedException if the thread was interrupted
   */
  Optional<List<InetAddress>> lookup(String host, Duration atMost)
      throws UnknownHostException, InterruptedException;

  /**
   * The operating system's resolver, asked on the caller's thread. It does not keep the bound: with
   * a name server that does not answer it takes as long as the system is set to, often 10 to 30 s.
   * {@code core.relay.BoundedNames} keeps it.
   *
   * @return the plain service
   */
  static NameService direct() {
    return (host, atMost) -> Optional.of(List.of(InetAddress.getAllByName(host)));
  }
}
