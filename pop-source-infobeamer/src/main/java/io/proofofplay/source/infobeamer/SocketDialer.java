package io.proofofplay.source.infobeamer;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Makes connections with the sockets of the JDK.
 *
 * <p>The name is looked up for every connection, all its addresses are tried, IPv4 first: the
 * engines bind IPv4 alone. A look-up under way cannot be ended by {@link #close}; the JDK offers no
 * way, short of a thread of its own.
 */
final class SocketDialer implements Dialer {

  /** Finds the addresses of a name. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] addressesOf(String host) throws UnknownHostException;
  }

  private final String host;
  private final int port;
  private final Duration timeout;
  private final Resolver resolver;

  private final Object lock = new Object();
  private boolean closed;
  private Socket socket;

  SocketDialer(InfoBeamerConfig config, Resolver resolver) {
    this.host = config.host();
    this.port = config.port();
    this.timeout = config.connectTimeout();
    this.resolver = resolver;
  }

  @Override
  public PlayerConnection dial() throws IOException {
    List<String> failures = new ArrayList<>();
    List<InetAddress> addresses = addresses();
    for (InetAddress address : addresses) {
      try {
        return connect(address);
      } catch (SocketTimeoutException e) {
        failures.add("no answer within " + Wording.duration(timeout) + from(address, addresses));
      } catch (ConnectException e) {
        failures.add(refusal(e) + from(address, addresses));
      } catch (IOException e) {
        failures.add(Wording.of(e) + from(address, addresses));
      }
    }
    throw new IOException(
        "no connection: "
            + String.join(", ", failures)
            + "; start the player, or correct host and port");
  }

  private List<InetAddress> addresses() throws IOException {
    try {
      List<InetAddress> addresses = new ArrayList<>(List.of(resolver.addressesOf(host)));
      addresses.sort(Comparator.comparing(address -> address instanceof Inet4Address ? 0 : 1));
      return addresses;
    } catch (UnknownHostException e) {
      throw new IOException(
          "the name is not known here; correct host, or the device's name service", e);
    }
  }

  private PlayerConnection connect(InetAddress address) throws IOException {
    // A proxy that the JVM was told of is for the way out to backends, not for players.
    Socket fresh = new Socket(Proxy.NO_PROXY);
    try {
      adopt(fresh);
      fresh.setKeepAlive(true);
      fresh.connect(new InetSocketAddress(address, port), (int) timeout.toMillis());
      if (fresh.getLocalPort() == port && address.equals(fresh.getLocalAddress())) {
        // TCP lets a socket connect to itself; it would keep the player from its own port.
        throw new ConnectException("Connection refused");
      }
      return new SocketConnection(fresh);
    } catch (IOException | RuntimeException e) {
      fresh.close();
      throw e;
    }
  }

  private void adopt(Socket fresh) throws SocketException {
    synchronized (lock) {
      if (closed) {
        throw new SocketException("the source was closed");
      }
      socket = fresh;
    }
  }

  @Override
  public void close() {
    Socket last;
    synchronized (lock) {
      closed = true;
      last = socket;
    }
    if (last != null) {
      SocketConnection.close(last);
    }
  }

  private static String refusal(ConnectException e) {
    String text = Wording.of(e);
    return text.startsWith("Connection refused") ? "refused" : text;
  }

  private static String from(InetAddress address, List<InetAddress> all) {
    return all.size() == 1 ? "" : " from " + address.getHostAddress();
  }
}
