package io.proofofplay.sink.http;

import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * HttpClient with one connection that is kept alive, and with everything switched off that it would
 * do by itself: by default it sends a POST twice on a 503 and follows a 302 with a GET.
 */
final class BackendConnection {

  /** How much of an answer is read; the connection is closed if there is more. */
  private static final int READ_BYTES = 64 * 1024;

  /** Shorter than what servers usually keep an idle connection for; the usual least is 5 s. */
  private static final Duration KEPT_IDLE = Duration.ofSeconds(4);

  private static final Pattern KEEP_ALIVE_TIMEOUT =
      Pattern.compile("(?i)(?:^|[,;\\s])timeout\\s*=\\s*\"?(\\d{1,6})");

  /** Its buffer holds the head of a request, and what of the body goes with it. */
  static final Http1Config WIRE =
      Http1Config.custom()
          .setBufferSize(16 * 1024)
          .setMaxLineLength(16 * 1024)
          .setMaxHeaderCount(256)
          .setMaxEmptyLineCount(8)
          .setWaitForContinueTimeout(Timeout.ofSeconds(1))
          .build();

  private final TimeSource time;
  private final Deadline deadline;
  private final Progress progress;
  private final LeftOver leftOver = new LeftOver();
  private final Meanwhile meanwhile;
  private final Dialogue dialogue;
  private final CloseableHttpClient client;

  private DeadlineSocket socket;
  private long idleSince;
  private Duration idleAllowed = KEPT_IDLE;

  /** Part of the kept connection's identity: another number, and HttpClient opens another one. */
  private long generation;

  BackendConnection(
      HttpSinkConfig config,
      Optional<URI> proxy,
      String proxyCredentials,
      String userAgent,
      Optional<TlsLayer> tls,
      NameLookup names,
      TimeSource time,
      Deadline deadline,
      Progress progress) {
    this.time = time;
    this.deadline = deadline;
    this.progress = progress;
    meanwhile = new Meanwhile(time, deadline);
    DetachedSocketFactory sockets =
        socks -> {
          socket = new DeadlineSocket(deadline, progress);
          progress.connectionOpened();
          return socket;
        };
    Lookup<TlsSocketStrategy> strategies =
        scheme -> "https".equalsIgnoreCase(scheme) ? tls.orElse(null) : null;
    BasicHttpClientConnectionManager connections =
        new BasicHttpClientConnectionManager(
            new DefaultHttpClientConnectionOperator(sockets, null, names, strategies),
            // A null stands for a socket that is bound later.
            socket -> {
              QuietConnection fresh =
                  new QuietConnection(WIRE, wire -> new WholeHeadParser(wire, leftOver), meanwhile);
              if (socket != null) {
                fresh.bind(socket);
              }
              return fresh;
            });
    connections.setSocketConfig(
        SocketConfig.custom().setSoTimeout(Timeout.DISABLED).setTcpNoDelay(true).build());
    connections.setConnectionConfig(
        ConnectionConfig.custom()
            .setConnectTimeout(Timeout.of(config.connectTimeout()))
            .setSocketTimeout(Timeout.DISABLED)
            // Whether the kept connection is still good is looked at here, without a wait.
            .setValidateAfterInactivity(TimeValue.NEG_ONE_MILLISECOND)
            .build());
    dialogue = new Dialogue(WIRE, progress, leftOver, proxyCredentials, meanwhile);
    client =
        HttpClients.custom()
            .setConnectionManager(connections)
            .setRequestExecutor(dialogue)
            .setRoutePlanner(routes(proxy))
            // How long a connection is kept is decided here too, by the monotonic clock.
            .setKeepAliveStrategy((response, context) -> TimeValue.NEG_ONE_MILLISECOND)
            .setUserAgent(userAgent)
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setAuthenticationEnabled(false)
                    .setRedirectsEnabled(false)
                    .setContentCompressionEnabled(false)
                    .setProtocolUpgradeEnabled(false)
                    .build())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .disableConnectionState()
            // Neither is used; the defaults would load the list of public suffixes into memory.
            .setDefaultCookieSpecRegistry(name -> null)
            .setDefaultAuthSchemeRegistry(name -> null)
            .build();
  }

  private static HttpRoutePlanner routes(Optional<URI> proxy) {
    Optional<HttpHost> through =
        proxy.map(
            uri -> new HttpHost("http", uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort()));
    return (target, context) -> {
      boolean secure = "https".equalsIgnoreCase(target.getSchemeName());
      int usual = secure ? 443 : 80;
      HttpHost exact =
          new HttpHost(
              target.getSchemeName(),
              target.getHostName(),
              target.getPort() < 0 ? usual : target.getPort());
      return through
          .map(hop -> new HttpRoute(exact, null, hop, secure))
          .orElseGet(() -> new HttpRoute(exact, null, secure));
    };
  }

  /**
   * Sends a request and reads its answer, up to the bound.
   *
   * @param work what can be done between the two
   */
  Answer exchange(HttpPost request, Confidential confidential, Runnable work)
      throws IOException, HttpException {
    progress.begin();
    dialogue.carry(confidential, work);
    if (socket != null && !isWorthKeeping()) {
      dropKept();
    }
    HttpClientContext context = HttpClientContext.create();
    context.setUserToken(generation);
    ClassicHttpResponse response = client.executeOpen(null, request, context);
    try {
      Answer answer = answer(response);
      if (socket != null && socket.isBroken()) {
        dropKept();
        if (answer.status() / 100 == 2) {
          throw new TakenUnread(answer.status());
        }
      }
      idleSince = time.nanos();
      idleAllowed = idleAllowed(answer);
      return answer;
    } finally {
      closeQuietly(response);
    }
  }

  /** Whether the kept connection is alive, young enough, and has said nothing behind its answer. */
  private boolean isWorthKeeping() {
    return socket.isQuiet()
        && !leftOver.isThere()
        && time.nanos() - idleSince < idleAllowed.toNanos();
  }

  /** A 2xx to a request that was not taken whole confirms nothing. */
  static final class TakenUnread extends IOException {

    private static final long serialVersionUID = 1L;

    TakenUnread(int status) {
      super("answered " + status + " without taking all of the request");
    }
  }

  private Answer answer(ClassicHttpResponse response) throws IOException {
    Answer head = Answer.headOf(response);
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      return head;
    }
    progress.enter(Progress.Stage.READING);
    byte[] bytes = new byte[1024];
    int length = 0;
    boolean ended = false;
    try {
      InputStream content = entity.getContent();
      while (length < READ_BYTES) {
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, Math.min(bytes.length * 4, READ_BYTES));
        }
        int count = content.read(bytes, length, bytes.length - length);
        if (count < 0) {
          ended = true;
          break;
        }
        length += count;
      }
    } catch (IOException e) {
      // Of a refusal the status says enough; a success must be whole.
      if (head.status() / 100 == 2 || deadline.isCancelled()) {
        throw e;
      }
    } finally {
      if (!ended) {
        // HttpClient would read what is left of the body, which may have no end, to keep this.
        abandon();
      }
    }
    return head.withBody(new String(bytes, 0, length, StandardCharsets.UTF_8));
  }

  private void abandon() {
    try {
      socket.close();
    } catch (IOException e) {
      // Closed as well as can be.
    }
  }

  /**
   * Frees the connection: for the next request if the answer was read to its end, else closes it.
   */
  private static void closeQuietly(ClassicHttpResponse response) {
    try {
      response.close();
    } catch (IOException e) {
      // Nothing of it is wanted any more.
    }
  }

  private static Duration idleAllowed(Answer answer) {
    Matcher timeout = KEEP_ALIVE_TIMEOUT.matcher(answer.header("Keep-Alive").orElse(""));
    if (!timeout.find()) {
      return KEPT_IDLE;
    }
    // A second less than the server says: its clock started when its answer left.
    return Duration.ofSeconds(Math.max(0, Long.parseLong(timeout.group(1)) - 1));
  }

  /** Makes the next request open a connection of its own. */
  void dropKept() {
    generation++;
  }

  void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
