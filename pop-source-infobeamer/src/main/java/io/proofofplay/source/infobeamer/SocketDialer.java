package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/**
 * Makes connections with the sockets of the JDK.
 *
 * <p>The name is looked up for every connection, all its addresses are tried, IPv4 first: the
 * engines bind IPv4 alone. A look-up under way cannot be ended by {@link #close}; the JDK offers no
 * way, short of a thread of its own.
 */
final class SocketDialer implements Dialer {

  /** Seconds of silence before the kernel asks whether the player is there. */
  private static final int FIRST_QUESTION = 15;

  /** Seconds between two questions: so soon a player that was without power says it knows none. */
  private static final int NEXT_QUESTION = 5;

  /** The same where too few questions are allowed for the time that a player may be away. */
  private static final int RARER_QUESTION = 15;

  /** Linux takes no more. */
  private static final int MOST_QUESTIONS = 127;

  /** Finds the addresses of a name. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] addressesOf(String host) throws UnknownHostException;
  }

  private final String host;
  private final int port;
  private final Duration timeout;
  private final Duration idle;
  private final Resolver resolver;

  /** For connections that are made while it is of use. */
  private final Lookout lookout;

  private final TimeSource time;

  private final Object lock = new Object();
  private boolean closed;

  /** What is connecting, or was before there was a connection. */
  private Socket socket;

  /** What the socket has become, or {@code null}. */
  private PlayerConnection connection;

  SocketDialer(InfoBeamerConfig config, Resolver resolver, Lookout lookout, TimeSource time) {
    this.host = config.host();
    this.port = config.port();
    this.timeout = config.connectTimeout();
    this.idle = config.idleReconnect();
    this.resolver = resolver;
    this.lookout = lookout;
    this.time = time;
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
    Socket fresh = fresh();
    try {
      adopt(fresh);
      lookAfter(fresh);
      fresh.connect(new InetSocketAddress(address, port), (int) timeout.toMillis());
      if (fresh.getLocalPort() == port && address.equals(fresh.getLocalAddress())) {
        // TCP lets a socket connect to itself; it would keep the player from its own port.
        throw new ConnectException("Connection refused");
      }
      return established(fresh);
    } catch (IOException | RuntimeException e) {
      fresh.close();
      throw e;
    }
  }

  /** A proxy that the JVM was told of is for the way out to backends, not for players. */
  private Socket fresh() throws IOException {
    // A channel knows no proxies.
    return lookout.isOfUse() ? SocketChannel.open().socket() : new Socket(Proxy.NO_PROXY);
  }

  /**
   * Has the kernel ask whether the other end is still there. Its own first question comes after two
   * hours, and a player that lost its power says nothing of it. A network that is away does not end
   * the connection before the source itself would: the player sends what it has said again.
   */
  private void lookAfter(Socket socket) throws IOException {
    socket.setKeepAlive(true);
    Map<SocketOption<Integer>, Integer> questions;
    try {
      questions = questions(idle);
    } catch (LinkageError e) {
      // A runtime without the module jdk.net, which Java may lack: the kernel asks in its own time.
      return;
    }
    Set<SocketOption<?>> known = socket.supportedOptions();
    for (Map.Entry<SocketOption<Integer>, Integer> each : questions.entrySet()) {
      if (known.contains(each.getKey())) {
        socket.setOption(each.getKey(), each.getValue());
      }
    }
  }

  /**
   * The kernel's settings, for a connection that may be silent for so long; 0 is for ever. Beyond
   * 32 min there are no more questions to be had, and a player's own TCP has given up what it said.
   */
  static Map<SocketOption<Integer>, Integer> questions(Duration idle) {
    long more = idle.isZero() ? Long.MAX_VALUE : Math.max(0, idle.toSeconds() + 1 - FIRST_QUESTION);
    int next = more / NEXT_QUESTION < MOST_QUESTIONS ? NEXT_QUESTION : RARER_QUESTION;
    return Map.of(
        ExtendedSocketOptions.TCP_KEEPIDLE,
        FIRST_QUESTION,
        ExtendedSocketOptions.TCP_KEEPINTERVAL,
        next,
        ExtendedSocketOptions.TCP_KEEPCOUNT,
        (int) Math.min(more / next + 1, MOST_QUESTIONS));
  }

  private void adopt(Socket fresh) throws SocketException {
    synchronized (lock) {
      if (closed) {
        throw new SocketException("the source was closed");
      }
      socket = fresh;
      connection = null;
    }
  }

  private PlayerConnection established(Socket fresh) throws IOException {
    PlayerConnection made =
        fresh.getChannel() == null
            ? new SocketConnection(fresh)
            : new ChannelConnection(fresh.getChannel(), lookout, time);
    synchronized (lock) {
      if (closed) {
        throw new SocketException("the source was closed");
      }
      connection = made;
    }
    return made;
  }

  @Override
  public void close() {
    Socket last;
    PlayerConnection made;
    synchronized (lock) {
      closed = true;
      last = socket;
      made = connection;
    }
    if (made != null) {
      made.leave();
    } else if (last != null) {
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
