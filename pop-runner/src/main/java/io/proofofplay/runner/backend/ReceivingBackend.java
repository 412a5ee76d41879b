package io.proofofplay.runner.backend;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.terminal.Counted;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.zip.ZipException;

/**
 * An HTTP server that takes batches: a {@code POST} to any path, in each of the three forms of
 * body, plain or gzip. It answers 200 when the batch is in its {@link Ledger}, 400 to what is no
 * batch, 413 over its limit, and to {@code GET} its {@link Totals}.
 *
 * <p>Thread-safe. It has threads of its own from the opening to {@link #close()}.
 */
public final class ReceivingBackend implements AutoCloseable {

  /** Above the largest batch that a relay can be told to make, with its commas. */
  public static final ByteSize DEFAULT_LIMIT = ByteSize.ofMiB(20);

  /** A sender that takes its time holds one; one without work ends. */
  private static final int MOST_THREADS = 64;

  /**
   * Seconds after which a sender that has not sent its request, or not read its answer, is left.
   */
  private static final String PATIENCE_SECONDS = "60";

  private static final int BACKLOG = 256;

  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int NO_SUCH_METHOD = 405;
  private static final int TOO_LARGE = 413;
  private static final int BAD_TYPE = 415;
  private static final int UNPROCESSABLE = 422;
  private static final int BROKEN = 500;

  static {
    // Else an answer waits for the acknowledgement of its own header: 40 ms each.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final Ledger ledger;
  private final Faults faults;
  private final int limit;
  private final BackendListener listener;
  private final TimeSource time;
  private final long startNanos;

  /** Held for reading from the taking of a batch to the end of its answer. */
  private final ReentrantReadWriteLock answering = new ReentrantReadWriteLock();

  private volatile boolean closed;
  private final AtomicInteger forcedStatus = new AtomicInteger();

  private ReceivingBackend(
      InetSocketAddress address,
      Ledger ledger,
      Faults faults,
      ByteSize limit,
      BackendListener listener,
      TimeSource time)
      throws IOException {
    this.ledger = Objects.requireNonNull(ledger, "ledger");
    this.faults = faults;
    this.limit = Math.toIntExact(limit.bytes());
    this.listener = Objects.requireNonNull(listener, "listener");
    this.time = time;
    startNanos = time.nanos();
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", PATIENCE_SECONDS);
    System.getProperties().putIfAbsent("sun.net.httpserver.maxRspTime", PATIENCE_SECONDS);
    server = HttpServer.create(address, BACKLOG);
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "pop-backend-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Opens a backend that does not misbehave.
   *
   * @param address where to listen; port 0 takes any that is free
   * @param ledger what it keeps; a later backend may go on with it
   * @param listener hears what is strange
   * @return the backend
   * @throws IOException if it cannot listen there
   */
  public static ReceivingBackend open(
      InetSocketAddress address, Ledger ledger, BackendListener listener) throws IOException {
    return open(address, ledger, Faults.NONE, DEFAULT_LIMIT, listener, TimeSource.system());
  }

  static ReceivingBackend open(
      InetSocketAddress address,
      Ledger ledger,
      Faults faults,
      ByteSize limit,
      BackendListener listener,
      TimeSource time)
      throws IOException {
    return new ReceivingBackend(address, ledger, faults, limit, listener, time);
  }

  /**
   * Where it listens.
   *
   * @return the address, with the real port
   */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /**
   * Fails every request from now on.
   *
   * @param status with which status, such as 503; 0 to behave again
   */
  public void failWith(int status) {
    forcedStatus.set(status);
  }

  /**
   * Closes the port and every connection. The ledger stays as it is. A batch that is being taken is
   * answered first, for at most a second, so that its sender does not send it again.
   */
  @Override
  public void close() {
    boolean quiet = false;
    try {
      quiet = answering.writeLock().tryLock(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closed = true;
    try {
      server.stop(0);
    } finally {
      if (quiet) {
        answering.writeLock().unlock();
      }
    }
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestMethod()) {
        case "POST" -> take(exchange);
        case "GET" -> answer(exchange, OK, ledger.totals().json());
        default -> {
          exchange.getResponseHeaders().set("Allow", "GET, POST");
          answer(exchange, NO_SUCH_METHOD, error("only GET and POST are known here"));
        }
      }
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    long request = ledger.request();
    Headers headers = exchange.getRequestHeaders();
    String encoding = headers.getFirst("Content-Encoding");
    boolean gzip = "gzip".equalsIgnoreCase(encoding);
    RequestBody body;
    try {
      body = RequestBody.read(exchange.getRequestBody(), gzip, plainLength(headers, gzip), limit);
    } catch (ZipException | EOFException e) {
      refuse(exchange, BAD_REQUEST, "the body is not whole gzip: " + e.getMessage());
      return;
    }
    int forced = forcedStatus.get();
    if (forced != 0) {
      answer(exchange, forced, error("made to fail"));
    } else if (faults.fails(request, Duration.ofNanos(time.nanos() - startNanos))) {
      faults
          .retryAfter()
          .ifPresent(seconds -> exchange.getResponseHeaders().set("Retry-After", "" + seconds));
      answer(exchange, faults.status(), error("made to fail"));
    } else if (encoding != null && !gzip) {
      refuse(exchange, BAD_TYPE, "Content-Encoding " + encoding + " is not known; gzip is right");
    } else if (body.isTooLarge()) {
      refuse(exchange, TOO_LARGE, "the body is larger than " + new ByteSize(limit));
    } else {
      take(exchange, request, body);
    }
  }

  private static long plainLength(Headers headers, boolean gzip) {
    String length = headers.getFirst("Content-Length");
    return gzip || length == null ? 0 : Long.parseLong(length);
  }

  private void take(HttpExchange exchange, long request, RequestBody body) throws IOException {
    Headers headers = exchange.getRequestHeaders();
    List<PopEvent> events;
    try {
      events = BatchBody.eventsIn(body.bytes(), body.length(), isLines(headers));
      checkCount(headers, events.size());
    } catch (NoBatch e) {
      refuse(exchange, BAD_REQUEST, e.getMessage());
      return;
    }
    for (PopEvent event : events) {
      if (faults.rejected().contains(event.uuid())) {
        refuse(exchange, UNPROCESSABLE, "event " + event.uuid() + " is not wanted");
        return;
      }
    }
    answering.readLock().lock();
    try {
      if (!closed) {
        keep(exchange, request, body, events);
      }
    } finally {
      answering.readLock().unlock();
    }
  }

  private void keep(HttpExchange exchange, long request, RequestBody body, List<PopEvent> events)
      throws IOException {
    Optional<String> key =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
    Ledger.Entry entry;
    try {
      entry = ledger.take(key, body.hash(), events);
    } catch (IOException e) {
      answer(exchange, BROKEN, error("the events cannot be kept: " + e.getMessage()));
      return;
    }
    entry.conflicts().forEach(listener::conflict);
    if (entry.reusedKey()) {
      listener.keyReused(key.orElse(""));
    }
    if (!faults.losesAnswer(request)) {
      answer(exchange, OK, entry.answer());
    }
    ledger.answered();
    listener.took(ledger.totals());
  }

  private static boolean isLines(Headers headers) throws NoBatch {
    String type = Objects.requireNonNullElse(headers.getFirst("Content-Type"), "");
    String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return switch (bare) {
      case "application/json" -> false;
      case "application/x-ndjson" -> true;
      default ->
          throw new NoBatch(
              "Content-Type \""
                  + type
                  + "\" is not known; application/json or application/x-ndjson is right");
    };
  }

  private static void checkCount(Headers headers, int events) throws NoBatch {
    String said = headers.getFirst("X-Pop-Events");
    if (said != null && !said.equals(String.valueOf(events))) {
      throw new NoBatch(
          "X-Pop-Events says " + said + ", the body has " + Counted.of(events, "event"));
    }
  }

  private void refuse(HttpExchange exchange, int status, String reason) throws IOException {
    listener.refused(status, reason);
    answer(exchange, status, error(reason));
  }

  private static String error(String reason) {
    byte[] line = new JsonLine().put("error", reason).end();
    return new String(line, 0, line.length - 1, StandardCharsets.UTF_8);
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    // Closed here, so that it is on its way before anything else happens.
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
