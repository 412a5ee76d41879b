package io.proofofplay.sink.http;

import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.config.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The settings of an HTTP sink. What is {@code null} takes its default. Nothing secret is in {@link
 * #toString()}. What comes from a place that can be read again is read again after a refusal.
 *
 * @param url where batches are posted to: {@code http} or {@code https}, with a host, without user
 *     and password
 * @param authorization the value of the {@code Authorization} header, verbatim; empty for none
 * @param headers further headers of each request, by name
 * @param body how a batch is written
 * @param compression how the body is packed
 * @param proxy an {@code http://} proxy, with user and password if it wants them; empty for none
 *     whatever the environment says; {@code null} for what {@code HTTPS_PROXY}, {@code HTTP_PROXY}
 *     and {@code NO_PROXY} say
 * @param tls whom to trust and who we are
 * @param expectHeader {@code Name} or {@code Name: value} that a 2xx must have to count
 * @param expectBody a text that a 2xx must have in the first 64 KiB of its body to count
 * @param expectContinue whether the body waits for a {@code 100 Continue}
 * @param connectTimeout the longest wait for one address to take the connection
 */
public record HttpSinkConfig(
    @Setting(
            value = "where batches are posted to",
            required = true,
            example = "https://example.org/pop")
        URI url,
    @Setting(
            value = "value of the `Authorization` header, verbatim; empty for none",
            example = "${env:POP_AUTHORIZATION}")
        Secret authorization,
    @Setting(
            "further headers of each request; not those that the relay sets itself, nor those of a connection")
        Map<String, Renewable<String>> headers,
    @Setting(
            "how a batch is written: `array` (a JSON array), `ndjson` (one event a line) or"
                + " `envelope` (an object with batch, sender and events)")
        Body body,
    @Setting("how the body is packed: `none` or `gzip`; a 415 switches it off") //
        Compression compression,
    @Setting(
            value =
                "HTTP proxy, with user and password if it wants them; empty for none; absent:"
                    + " `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` decide",
            example = "http://proxy:3128")
        Renewable<URI> proxy,
    @Setting("whom to trust and who we are, as PEM files; with `https` alone") Tls tls,
    @Setting(
            value =
                "header (`Name` or `Name: value`) without which a 2xx is taken for a captive"
                    + " portal",
            example = "X-Pop: taken")
        String expectHeader,
    @Setting(
            value =
                "text without which in the first 64 KiB of its body a 2xx is taken for a captive"
                    + " portal",
            example = "\"ok\":true")
        String expectBody,
    @Setting("whether the body waits until the backend has agreed to the headers")
        Boolean expectContinue,
    @Setting(
            value = "longest wait for one address of the backend to take the connection",
            min = "10ms",
            max = "10m")
        Duration connectTimeout)
    implements Checked {

  /** How a batch is written. The events keep their own bytes in each of them. */
  public enum Body {
    /** A JSON array of the events; {@code application/json}. */
    ARRAY,
    /** One event a line, each with a line feed; {@code application/x-ndjson}. */
    NDJSON,
    /**
     * A JSON object {@code {"batch":…,"sender":…,"events":[…]}}; {@code application/json}. The
     * sender is {@code null} if it is not known. A batch then holds the events of one sender.
     */
    ENVELOPE
  }

  /** How the body is packed. */
  public enum Compression {
    /** As it is. */
    NONE,
    /** {@code Content-Encoding: gzip}, until the backend answers 415. */
    GZIP
  }

  /**
   * Files for TLS, all PEM. They may be replaced while the sink runs; the next connection uses the
   * new ones.
   *
   * @param caFile the authorities to trust, instead of those that Java brings; {@code null} for
   *     Java's
   * @param certFile our certificate and those between it and its authority; {@code null} for none
   * @param keyFile the private key of {@code certFile}, in PKCS #8 and not encrypted; {@code null}
   *     for none
   */
  public record Tls(
      @Setting(
              value = "PEM file with the authorities to trust, instead of Java's own",
              example = "/etc/pop/ca.pem")
          Path caFile,
      @Setting(
              value = "PEM file with our certificate and those between it and its authority",
              example = "/etc/pop/client.pem")
          Path certFile,
      @Setting(
              value = "PEM file with the private key of `certFile`: PKCS #8, not encrypted",
              example = "/etc/pop/client.key")
          Path keyFile) {

    private boolean isEmpty() {
      return caFile == null && certFile == null && keyFile == null;
    }
  }

  /** What the relay says in each request itself. */
  private static final Set<String> OURS =
      Set.of(
          "authorization",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "idempotency-key",
          "user-agent",
          "x-pop-backlog",
          "x-pop-events");

  /** Headers that concern a connection and not a request: RFC 9110, 7.6.1, and their kin. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** Puts the defaults where nothing is given. */
  public HttpSinkConfig {
    authorization = authorization == null ? Secret.of("") : authorization;
    headers = headers == null ? Map.of() : Map.copyOf(headers);
    body = body == null ? Body.ARRAY : body;
    compression = compression == null ? Compression.NONE : compression;
    tls = tls == null ? new Tls(null, null, null) : tls;
    expectHeader = expectHeader == null ? "" : expectHeader;
    expectBody = expectBody == null ? "" : expectBody;
    expectContinue = expectContinue != null && expectContinue;
    connectTimeout = connectTimeout == null ? Duration.ofSeconds(10) : connectTimeout;
  }

  /**
   * The defaults, posting to a place.
   *
   * @param url where to
   * @return the settings
   */
  public static HttpSinkConfig to(URI url) {
    return new HttpSinkConfig(url, null, null, null, null, null, null, null, null, null, null);
  }

  /**
   * This with a value for the {@code Authorization} header.
   *
   * @param value the value, verbatim
   * @return the settings
   */
  public HttpSinkConfig withAuthorization(Secret value) {
    return new HttpSinkConfig(
        url,
        value,
        headers,
        body,
        compression,
        proxy,
        tls,
        expectHeader,
        expectBody,
        expectContinue,
        connectTimeout);
  }

  /**
   * This with one more header.
   *
   * @param name its name
   * @param value its value
   * @return the settings
   */
  public HttpSinkConfig withHeader(String name, String value) {
    return withHeader(name, Renewable.of(value));
  }

  /**
   * This with one more header, whose value may become another one.
   *
   * @param name its name
   * @param value its value
   * @return the settings
   */
  public HttpSinkConfig withHeader(String name, Renewable<String> value) {
    Map<String, Renewable<String>> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new HttpSinkConfig(
        url,
        authorization,
        more,
        body,
        compression,
        proxy,
        tls,
        expectHeader,
        expectBody,
        expectContinue,
        connectTimeout);
  }

  /**
   * This with another form of body.
   *
   * @param form how a batch is written
   * @return the settings
   */
  public HttpSinkConfig withBody(Body form) {
    return new HttpSinkConfig(
        url,
        authorization,
        headers,
        form,
        compression,
        proxy,
        tls,
        expectHeader,
        expectBody,
        expectContinue,
        connectTimeout);
  }

  /**
   * This with another compression.
   *
   * @param packing how the body is packed
   * @return the settings
   */
  public HttpSinkConfig withCompression(Compression packing) {
    return new HttpSinkConfig(
        url,
        authorization,
        headers,
        body,
        packing,
        proxy,
        tls,
        expectHeader,
        expectBody,
        expectContinue,
        connectTimeout);
  }

  /**
   * This through a proxy.
   *
   * @param through the proxy
   * @return the settings
   */
  public HttpSinkConfig withProxy(URI through) {
    return withProxy(through == null ? null : Renewable.of(through));
  }

  /**
   * This through a proxy whose password may become another one.
   *
   * @param through the proxy
   * @return the settings
   */
  public HttpSinkConfig withProxy(Renewable<URI> through) {
    return new HttpSinkConfig(
        url,
        authorization,
        headers,
        body,
        compression,
        through,
        tls,
        expectHeader,
        expectBody,
        expectContinue,
        connectTimeout);
  }

  /**
   * This with files for TLS.
   *
   * @param files whom to trust and who we are
   * @return the settings
   */
  public HttpSinkConfig withTls(Tls files) {
    return new HttpSinkConfig(
        url,
        authorization,
        headers,
        body,
        compression,
        proxy,
        files,
        expectHeader,
        expectBody,
        expectContinue,
        connectTimeout);
  }

  /**
   * This with proofs that an answer is the backend's.
   *
   * @param header {@code Name} or {@code Name: value}; empty for none
   * @param text what the body must contain; empty for none
   * @return the settings
   */
  public HttpSinkConfig withExpected(String header, String text) {
    return new HttpSinkConfig(
        url,
        authorization,
        headers,
        body,
        compression,
        proxy,
        tls,
        header,
        text,
        expectContinue,
        connectTimeout);
  }

  /**
   * This with or without a wait for {@code 100 Continue}.
   *
   * @param wait whether the body waits
   * @return the settings
   */
  public HttpSinkConfig withExpectContinue(boolean wait) {
    return new HttpSinkConfig(
        url,
        authorization,
        headers,
        body,
        compression,
        proxy,
        tls,
        expectHeader,
        expectBody,
        wait,
        connectTimeout);
  }

  /**
   * This with another wait for a connection.
   *
   * @param longest for one address
   * @return the settings
   */
  public HttpSinkConfig withConnectTimeout(Duration longest) {
    return new HttpSinkConfig(
        url,
        authorization,
        headers,
        body,
        compression,
        proxy,
        tls,
        expectHeader,
        expectBody,
        expectContinue,
        longest);
  }

  /**
   * Which way requests go: through the proxy that is set, else through the one that the environment
   * names for this URL, else straight to the backend.
   *
   * @param environment the environment's variables
   * @return the proxy; empty for none
   * @throws IllegalArgumentException if the environment names one that cannot be used
   */
  public Optional<URI> proxyIn(Map<String, String> environment) {
    return Proxies.choose(url, proxy == null ? null : proxy.get(), environment);
  }

  @Override
  public void check(Problems problems) {
    checkUrl(problems);
    HeaderText.fault(authorization.reveal())
        .ifPresent(fault -> problems.add("authorization", fault));
    checkHeaders(problems);
    checkTls(problems);
    if (proxy != null) {
      Proxies.fault(proxy.get()).ifPresent(fault -> problems.add("proxy", fault));
    }
    if (!expectHeader.isEmpty()
        && HeaderText.nameFault(HeaderText.expectedName(expectHeader)).isPresent()) {
      problems.add("expectHeader", "\"" + expectHeader + "\" is no header; write Name: value");
    }
    if (connectTimeout.isNegative() || connectTimeout.isZero()) {
      problems.add("connectTimeout", "is not above 0; write 10s");
    }
  }

  private void checkUrl(Problems problems) {
    if (url == null) {
      problems.add("url", "is missing; write https://example.org/pop");
      return;
    }
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    Optional<String> beyondAscii = AsciiHost.fault(url);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      problems.add("url", "\"" + Address.of(url) + "\" is no http or https URL");
    } else if (url.getRawUserInfo() != null || hasHiddenUser(url)) {
      problems.add(
          "url", "holds a user or password; write `authorization: Basic …` instead and leave them");
    } else if (beyondAscii.isPresent()) {
      problems.add("url", beyondAscii.get());
    } else if (url.getHost() == null) {
      problems.add(
          "url",
          "\""
              + Address.of(url)
              + "\" has no host; a host is of letters, digits, hyphens and dots");
    } else if (url.getPort() == 0 || url.getPort() > 65535) {
      problems.add("url", "has port " + url.getPort() + "; 1 to 65535 is right");
    } else if (url.getRawFragment() != null) {
      problems.add("url", "has a part behind #, which is never sent; leave it out");
    }
  }

  private static boolean hasHiddenUser(URI url) {
    return url.getRawAuthority() != null && url.getRawAuthority().indexOf('@') >= 0;
  }

  private void checkTls(Problems problems) {
    if ((tls.certFile == null) != (tls.keyFile == null)) {
      problems.add(
          tls.certFile == null ? "tls.certFile" : "tls.keyFile",
          "is missing; certFile and keyFile go together");
    }
    if (!tls.isEmpty() && url != null && "http".equalsIgnoreCase(url.getScheme())) {
      problems.add(
          "tls",
          "protects nothing, for url begins with http:// and everything would be sent in clear;"
              + " write https:// there, or leave tls out");
    }
    // What can be read is looked at all the same, so that one pass tells everything.
    KeyMaterial.read(tls, problems);
  }

  private void checkHeaders(Problems problems) {
    Map<String, String> spellings = new HashMap<>();
    for (String name : new TreeSet<>(headers.keySet())) {
      String lower = name.toLowerCase(Locale.ROOT);
      Optional<String> fault = HeaderText.nameFault(name);
      if (fault.isPresent()) {
        problems.add("headers", fault.get());
      } else if (lower.equals("authorization")) {
        problems.add("headers." + name, "belongs into `authorization`");
      } else if (lower.equals("expect")) {
        problems.add("headers." + name, "is `expectContinue: true`");
      } else if (OURS.contains(lower)) {
        problems.add("headers." + name, "is set by the relay itself; leave it out");
      } else if (HOP_BY_HOP.contains(lower)) {
        problems.add("headers." + name, "is about the connection, not the request; leave it out");
      } else if (spellings.putIfAbsent(lower, name) != null) {
        problems.add(
            "headers." + name,
            "is the same header as " + spellings.get(lower) + "; write one of the two");
      } else {
        HeaderText.fault(headers.get(name).get())
            .ifPresent(text -> problems.add("headers." + name, text));
      }
    }
  }

  /** Names all that is set, without values that may be secret. */
  @Override
  public String toString() {
    return "HttpSinkConfig[url="
        + (url == null ? "null" : Address.of(url))
        + ", authorization="
        + (authorization.reveal().isEmpty() ? "" : "***")
        + ", headers="
        + new TreeSet<>(headers.keySet())
        + ", body="
        + body
        + ", compression="
        + compression
        + ", proxy="
        + (proxy == null ? "null" : Address.of(proxy.get()))
        + ", tls="
        + tls
        + ", expectHeader="
        + expectHeader
        + ", expectBody="
        + expectBody
        + ", expectContinue="
        + expectContinue
        + ", connectTimeout="
        + connectTimeout
        + "]";
  }
}
