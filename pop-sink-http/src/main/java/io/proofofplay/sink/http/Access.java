package io.proofofplay.sink.http;

import io.proofofplay.core.config.Renewable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How we get at the backend, as the settings know it at one moment: what we show it, and by which
 * way we go. The settings may be read again and say otherwise then.
 *
 * @param authorization the value of the {@code Authorization} header; empty for none
 * @param headers further headers of each request
 * @param proxy the proxy with its credentials, if there is one
 */
record Access(String authorization, Map<String, String> headers, Optional<URI> proxy) {

  /** Shorter values of fixed headers are words like {@code json}, not secrets. */
  private static final int SHORTEST_SECRET_HEADER = 8;

  /**
   * What the settings say now.
   *
   * @throws IllegalArgumentException if the environment names a proxy that cannot be used
   */
  static Access now(HttpSinkConfig config, Map<String, String> environment) {
    Map<String, String> headers = new LinkedHashMap<>();
    config.headers().forEach((name, value) -> headers.put(name, value.get()));
    return new Access(config.authorization().reveal(), headers, config.proxyIn(environment));
  }

  /** Reads the settings again that can be read again. */
  static void renew(HttpSinkConfig config) {
    boolean unused = config.authorization().refresh();
    config.headers().values().forEach(Renewable::renew);
    if (config.proxy() != null) {
      unused = config.proxy().renew();
    }
  }

  /** What could not be read again the last time, and why; each begins with the setting's name. */
  static List<String> unread(HttpSinkConfig config) {
    Map<String, Optional<String>> reasons = new LinkedHashMap<>();
    reasons.put("authorization", config.authorization().unread());
    new TreeMap<>(config.headers())
        .forEach((name, value) -> reasons.put("headers." + name, value.unread()));
    reasons.put("proxy", Optional.ofNullable(config.proxy()).flatMap(Renewable::unread));
    List<String> all = new ArrayList<>();
    reasons.forEach(
        (name, reason) ->
            reason.ifPresent(
                why -> all.add(name + " could not be read again and is as before: " + why)));
    return all;
  }

  /** Why nothing can be sent like this; begins with the setting's name. */
  Optional<String> fault() {
    Optional<String> ofAuthorization = HeaderText.fault(authorization);
    if (ofAuthorization.isPresent()) {
      return Optional.of("authorization " + ofAuthorization.get());
    }
    for (Map.Entry<String, String> header : headers.entrySet()) {
      Optional<String> ofHeader = HeaderText.fault(header.getValue());
      if (ofHeader.isPresent()) {
        return Optional.of("headers." + header.getKey() + " " + ofHeader.get());
      }
    }
    return proxy.flatMap(Proxies::fault).map(fault -> "proxy " + fault);
  }

  /** The value of {@code Proxy-Authorization}; empty for none. */
  String proxyCredentials() {
    return proxy
        .map(URI::getUserInfo)
        .map(pair -> pair.getBytes(StandardCharsets.UTF_8))
        .map(bytes -> "Basic " + Base64.getEncoder().encodeToString(bytes))
        .orElse("");
  }

  /** Hides all of this, and what is secret in the query of the backend's URL. */
  Mask mask(URI url) {
    Mask hides = new Mask().addCredentials(authorization).addCredentials(proxyCredentials());
    for (String value : headers.values()) {
      if (value.length() >= SHORTEST_SECRET_HEADER) {
        hides.addPart(value);
      }
    }
    String query = url.getRawQuery();
    if (query != null) {
      hides.addPart(query);
      for (String pair : query.split("&", -1)) {
        String value = pair.substring(pair.indexOf('=') + 1);
        if (value.length() >= SHORTEST_SECRET_HEADER) {
          hides.addPart(value);
        }
      }
    }
    return hides;
  }

  @Override
  public String toString() {
    return "Access[***]";
  }
}
