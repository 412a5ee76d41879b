package io.proofofplay.runner.check;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.sink.http.HttpSinkConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The way to an HTTP backend, as far as it can be seen without sending anything: DNS, connection,
 * TLS. Behind a proxy only the way to the proxy can be seen.
 */
final class Route {

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private final String subject;
  private final HttpSinkConfig config;
  private final Map<String, String> environment;
  private final boolean last;
  private final TimeSource time;

  /**
   * A way to look at.
   *
   * @param last whether nothing will be sent after it, which it then says
   */
  Route(
      String sink,
      HttpSinkConfig config,
      Map<String, String> environment,
      boolean last,
      TimeSource time) {
    this.last = last;
    subject = "sink " + sink;
    this.config = config;
    this.environment = environment;
    this.time = time;
  }

  List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    Optional<URI> proxy;
    try {
      proxy = config.proxyIn(environment);
    } catch (IllegalArgumentException e) {
      return List.of(Finding.fail(subject, e.getMessage()));
    }
    URI url = config.url();
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    URI first = proxy.orElse(url);
    String host = first.getHost().replaceAll("[\\[\\]]", "");
    int port = portOf(first, proxy.isEmpty() && tls ? HTTPS : HTTP);
    String what = proxy.isPresent() ? "the proxy " : "";

    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      return List.of(
          Finding.fail(
              subject,
              what
                  + host
                  + " is not known to the DNS of this device; correct "
                  + (proxy.isPresent() ? "the proxy" : "url")
                  + ", or look at the network"));
    }
    if (!isLiteral(host)) {
      findings.add(Finding.ok(subject, what + host + " is " + list(addresses)));
    }
    try (Socket socket = connect(addresses, port)) {
      findings.add(
          Finding.ok(
              subject,
              what
                  + host
                  + ":"
                  + port
                  + " takes connections (at "
                  + socket.getInetAddress().getHostAddress()
                  + ")"));
      if (proxy.isEmpty() && tls) {
        findings.add(
            new TlsCheck(config.tls(), time).run(subject, socket, url.getHost(), port, timeout()));
      }
    } catch (IOException e) {
      findings.add(
          Finding.fail(
              subject,
              what
                  + host
                  + ":"
                  + port
                  + " takes no connection: "
                  + e.getMessage()
                  + (proxy.isPresent()
                      ? "; start the proxy, correct where it is said, or look for a firewall"
                      : "; start the backend, correct url, or look for a firewall")));
    }
    if (last) {
      findings.add(nothingSent(proxy.isPresent()));
    }
    return findings;
  }

  private Finding nothingSent(boolean throughProxy) {
    return Finding.note(
        subject,
        "nothing was sent"
            + (throughProxy ? ", and what is behind the proxy was not seen" : "")
            + "; --send posts one marked test event");
  }

  private int timeout() {
    return Math.toIntExact(Math.min(Integer.MAX_VALUE, config.connectTimeout().toMillis()));
  }

  private Socket connect(InetAddress[] addresses, int port) throws IOException {
    IOException failure = new IOException("it has no address");
    for (InetAddress address : addresses) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, port), timeout());
        return socket;
      } catch (IOException e) {
        failure = e;
        socket.close();
      }
    }
    throw failure;
  }

  private static int portOf(URI uri, int otherwise) {
    return uri.getPort() < 0 ? otherwise : uri.getPort();
  }

  private static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.matches("[\\d.]+");
  }

  private static String list(InetAddress[] addresses) {
    return Arrays.stream(addresses)
        .map(InetAddress::getHostAddress)
        .collect(Collectors.joining(", "));
  }
}
