package io.proofofplay.sink.http;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hc.core5.net.InetAddressUtils;

/**
 * Which proxy a URL is reached through, by the convention of curl: {@code https_proxy} or {@code
 * HTTPS_PROXY} for https, {@code http_proxy} or {@code HTTP_PROXY} for http, unless {@code
 * no_proxy} or {@code NO_PROXY} names the host. The lower case wins. As there, loopback addresses
 * have no special rule: put {@code localhost,127.0.0.1} into {@code NO_PROXY} to reach them
 * directly.
 */
final class Proxies {

  private Proxies() {}

  /** Why a configured proxy cannot be used. */
  static Optional<String> fault(URI proxy) {
    if (proxy == null || proxy.toString().isEmpty()) {
      return Optional.empty();
    }
    if (!"http".equalsIgnoreCase(proxy.getScheme())) {
      return Optional.of("\"" + Address.of(proxy) + "\" is no http:// URL; only those are spoken");
    }
    Optional<String> beyondAscii = AsciiHost.fault(proxy);
    if (beyondAscii.isPresent()) {
      return beyondAscii;
    }
    if (proxy.getHost() == null || proxy.getPort() == 0 || proxy.getPort() > 65535) {
      return Optional.of(
          "\"" + Address.of(proxy) + "\" has no proper host and port; write http://proxy:3128");
    }
    return Optional.empty();
  }

  /**
   * The proxy for a URL.
   *
   * @throws IllegalArgumentException if the environment names one that cannot be used
   */
  static Optional<URI> choose(URI url, URI configured, Map<String, String> environment) {
    if (configured != null) {
      return configured.toString().isEmpty() ? Optional.empty() : Optional.of(configured);
    }
    String variable = url.getScheme().toLowerCase(Locale.ROOT) + "_proxy";
    String named = read(environment, variable);
    if (named.isEmpty() || isExempt(url, read(environment, "no_proxy"))) {
      return Optional.empty();
    }
    URI proxy;
    try {
      proxy = new URI(named.contains("://") ? named : "http://" + named);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          variable.toUpperCase(Locale.ROOT)
              + " in the environment is no URL; write http://proxy:3128");
    }
    fault(proxy)
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException(
                  variable.toUpperCase(Locale.ROOT) + " in the environment: " + fault);
            });
    return Optional.of(proxy);
  }

  private static String read(Map<String, String> environment, String lowerCase) {
    String value = environment.get(lowerCase);
    if (value == null) {
      value = environment.get(lowerCase.toUpperCase(Locale.ROOT));
    }
    return value == null ? "" : value.strip();
  }

  /** Whether a list such as {@code .example.org, 10.0.0.0/8, host:8080} names the URL's host. */
  static boolean isExempt(URI url, String list) {
    String host = bare(url.getHost());
    int port = url.getPort();
    if (port < 0) {
      port = "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
    }
    for (String part : list.split("[,\\s]+", -1)) {
      if (!part.isEmpty() && names(part.toLowerCase(Locale.ROOT), host, port)) {
        return true;
      }
    }
    return false;
  }

  private static boolean names(String entry, String host, int port) {
    if (entry.equals("*")) {
      return true;
    }
    String name = entry;
    int colon = entry.lastIndexOf(':');
    boolean isOneColon = colon >= 0 && entry.indexOf(':') == colon;
    boolean isBracketed = entry.startsWith("[") && entry.lastIndexOf(']') < colon;
    if (isOneColon || isBracketed) {
      if (!entry.substring(colon + 1).equals(Integer.toString(port))) {
        return false;
      }
      name = entry.substring(0, colon);
    }
    name = bare(name);
    if (name.indexOf('/') > 0) {
      return isInNetwork(name, host);
    }
    while (name.startsWith("*") || name.startsWith(".")) {
      name = name.substring(1);
    }
    return !name.isEmpty()
        && (host.equals(name) || (host.endsWith("." + name) && literal(host).isEmpty()));
  }

  private static boolean isInNetwork(String network, String host) {
    int slash = network.indexOf('/');
    Optional<byte[]> base = literal(bare(network.substring(0, slash)));
    Optional<byte[]> address = literal(host);
    if (base.isEmpty() || address.isEmpty() || base.get().length != address.get().length) {
      return false;
    }
    int bits;
    try {
      bits = Integer.parseInt(network.substring(slash + 1));
    } catch (NumberFormatException e) {
      return false;
    }
    if (bits < 0 || bits > base.get().length * 8) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % 8);
      if (((base.get()[bit / 8] ^ address.get()[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The bytes of an IP address; empty for a name, which is not looked up for this. */
  private static Optional<byte[]> literal(String host) {
    if (!InetAddressUtils.isIPv4(host) && !InetAddressUtils.isIPv6(host)) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(host).getAddress());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static String bare(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.startsWith("[") && name.endsWith("]")) {
      name = name.substring(1, name.length() - 1);
    }
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
