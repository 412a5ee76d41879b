package io.proofofplay.runner.ops;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.OpsConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code GET /live}, {@code /ready}, {@code /status}, {@code /history} and {@code
 * /metrics}, and with the status page at {@code /}. A caller beyond this machine needs the token,
 * as {@code Authorization: Bearer}; for {@code /live} and {@code /ready} too, so that nobody learns
 * anything by asking. The page's own files are free: a browser has no token before it has the page,
 * and they are the same everywhere.
 *
 * <p>Without a token it answers to an address and to {@code localhost} alone, and to no other name:
 * a page of somebody else's, open in a browser on this machine, can have its own name lead here and
 * would be taken for this one.
 *
 * <p>Thread-safe.
 */
public final class OpsEndpoint implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OpsEndpoint.class);

  /** Callers are a supervisor, a monitoring and a person, and whoever else can reach it. */
  private static final int MOST_THREADS = 16;

  private static final int BACKLOG = 64;

  /** A caller that neither asks nor listens is let go after so many seconds, or sooner. */
  private static final String PATIENCE_SECONDS = "5";

  /** Those who have connected and say nothing hold no thread, but a file handle each. */
  private static final String MOST_CONNECTIONS = "512";

  /** What {@code Host} may be without a token: an address or {@code localhost}, and a port. */
  private static final Pattern OURS =
      Pattern.compile(
          "(?:localhost|[0-9.]+|\\[[0-9a-f:.]+])(?::[0-9]*)?", Pattern.CASE_INSENSITIVE);

  /** The page asks every 3 s, and each time the same would be in the log. */
  private static final long SELDOM_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final HttpServer server;
  private final TimeSource time;
  private final CallerThreads threads;
  private volatile Optional<Secret> token;
  private final Supplier<View> view;
  private final BacklogPlot plot;

  /** When it was last said that a question could not be answered; {@code null} for never. */
  private Long said;

  private OpsEndpoint(
      HttpServer server,
      Optional<Secret> token,
      Supplier<View> view,
      TimeSource time,
      BacklogPlot plot) {
    this.server = server;
    this.time = time;
    this.threads = new CallerThreads(MOST_THREADS, time);
    this.token = token;
    this.view = view;
    this.plot = plot;
  }

  /**
   * Listens from now on.
   *
   * @param config where, and with which token
   * @param view what to show, looked up for every request
   * @param time the clocks by which the plot is kept
   * @return the endpoint
   * @throws IOException if the address cannot be had
   */
  public static OpsEndpoint open(OpsConfig config, Supplier<View> view, TimeSource time)
      throws IOException {
    return open(config, view, time, new BacklogPlot(time, () -> view.get().stats()));
  }

  static OpsEndpoint open(OpsConfig config, Supplier<View> view, TimeSource time, BacklogPlot plot)
      throws IOException {
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", PATIENCE_SECONDS);
    System.getProperties().putIfAbsent("sun.net.httpserver.maxRspTime", PATIENCE_SECONDS);
    System.getProperties().putIfAbsent("jdk.httpserver.maxConnections", MOST_CONNECTIONS);
    InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
    OpsEndpoint endpoint =
        new OpsEndpoint(HttpServer.create(address, BACKLOG), config.secret(), view, time, plot);
    endpoint.server.createContext("/", endpoint::answer);
    endpoint.server.setExecutor(endpoint.threads);
    try {
      endpoint.server.start();
      Thread watch = new Thread(plot, "pop-ops-plot");
      watch.setDaemon(true);
      watch.start();
    } catch (OutOfMemoryError e) {
      // No thread is to be had now: what is bound must not be in the way of the next try.
      endpoint.server.stop(0);
      throw new IOException("no thread for it: " + e.getMessage(), e);
    }
    LOG.info("ops: listens on {}:{}", config.host(), endpoint.port());
    return endpoint;
  }

  /**
   * Asks callers for another token from now on.
   *
   * @param other the token; empty for none
   */
  public void admit(Optional<Secret> other) {
    token = other;
  }

  /**
   * The port, also if the configuration left the choice.
   *
   * @return 1 to 65535
   */
  public int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      // Who was let go while it was asking gets no answer: the connection is closed.
      if (threads.works()) {
        Answer answer = answerOrExcuse(exchange);
        threads.waits();
        send(exchange, answer);
      }
    } catch (IOException e) {
      LOG.debug("ops: a caller went away: {}", e.toString());
    } catch (RuntimeException e) {
      complain(exchange, e);
    }
  }

  private Answer answerOrExcuse(HttpExchange exchange) {
    try {
      return respond(exchange);
    } catch (RuntimeException e) {
      complain(exchange, e);
      return Answer.text(500, "this cannot be answered; the log says why");
    }
  }

  private synchronized void complain(HttpExchange exchange, RuntimeException e) {
    String path = exchange.getRequestURI().getPath();
    long now = time.nanos();
    if (said == null || now - said > SELDOM_NANOS) {
      said = now;
      LOG.warn("ops: could not answer {}", path, e);
    } else {
      LOG.debug("ops: could not answer {}", path, e);
    }
  }

  private record Answer(int status, String type, String body) {

    static Answer text(int status, String body) {
      return new Answer(status, "text/plain; charset=utf-8", body + "\n");
    }

    static Answer json(String body) {
      return new Answer(200, "application/json; charset=utf-8", body);
    }
  }

  private Answer respond(HttpExchange exchange) {
    if (token.isEmpty() && isUnderAnotherName(exchange)) {
      return Answer.text(
          421, "without ops.token only an address such as 127.0.0.1, or localhost, is answered to");
    }
    String path = exchange.getRequestURI().getPath();
    Optional<Page.File> file = Page.at(path);
    if (file.isEmpty() && !allowed(exchange)) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      return Answer.text(401, "a token is needed: Authorization: Bearer ...");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return Answer.text(405, "GET and HEAD are right");
    }
    if (file.isPresent()) {
      return new Answer(200, file.get().type(), file.get().text());
    }
    return switch (path) {
      case "/live" -> Answer.text(200, "live");
      case "/ready" -> ready();
      case "/status" -> Answer.json(StatusJson.of(view.get()));
      case "/history" -> Answer.json(BacklogPlotJson.of(plot));
      case "/metrics" -> new Answer(200, Metrics.TYPE, Metrics.of(view.get()));
      default -> Answer.text(404, "there is /, /live, /ready, /status, /history and /metrics");
    };
  }

  private Answer ready() {
    List<String> troubles = Health.troubles(view.get().stats());
    return troubles.isEmpty()
        ? Answer.text(200, "ready")
        : Answer.text(503, String.join("\n", troubles));
  }

  private static boolean isUnderAnotherName(HttpExchange exchange) {
    return exchange.getRequestHeaders().getOrDefault("Host", List.of()).stream()
        .anyMatch(host -> !OURS.matcher(host.strip()).matches());
  }

  private boolean allowed(HttpExchange exchange) {
    Optional<Secret> wanted = token;
    if (wanted.isEmpty()) {
      return true;
    }
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    byte[] right = ("Bearer " + wanted.get().reveal()).getBytes(StandardCharsets.UTF_8);
    // Takes as long for a good guess as for a bad one.
    return given != null && MessageDigest.isEqual(right, given.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Content-Security-Policy", Page.POLICY);
    exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.status(), body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    plot.close();
    server.stop(0);
    threads.close();
  }
}
