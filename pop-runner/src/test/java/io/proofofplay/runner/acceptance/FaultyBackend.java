package io.proofofplay.runner.acceptance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A destination that answers as it is told, and keeps {@link Books} of what it took, for each path
 * its own.
 *
 * <p>Thread-safe.
 */
final class FaultyBackend implements AutoCloseable {

  /**
   * A request as it came.
   *
   * @param ordinal the how manieth it is, from 1
   * @param path where it was sent to
   * @param key its {@code Idempotency-Key}
   * @param bytes the length of its body
   * @param events the events, each with its own bytes
   */
  record Request(int ordinal, String path, String key, int bytes, List<byte[]> events) {}

  /**
   * What to do with a request. Its events are taken if the status is 2xx.
   *
   * @param status 0: no answer, until the backend is closed
   * @param retryAfter the value of that header; empty for none
   * @param body in UTF-8
   */
  record Answer(int status, String retryAfter, String body) {

    static final Answer TAKEN = new Answer(200, "", "taken");

    /**
     * An outage in which no event is suspected. After many answers of 5xx single events are
     * compared, and a backend that comes back in that moment gets two of them in the other order;
     * that is a price of telling a poison, and not what is looked at with this.
     */
    static final Answer BUSY = of(429, "later");

    static final Answer SILENCE = new Answer(0, "", "");

    static Answer of(int status, String body) {
      return new Answer(status, "", body);
    }
  }

  /** Decides on an answer. */
  @FunctionalInterface
  interface Rule {
    Answer answer(Request request);
  }

  static {
    // Without it the JDK's server lets an answer wait for the client's delayed acknowledgement.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  /** Statuses that speak of the batch and not of the moment. */
  private static final Set<Integer> FOR_WHAT_IS_IN_IT = Set.of(400, 413, 422);

  /**
   * Established, being established, or closed by the other side alone: as /proc/net/tcp says it.
   */
  private static final Set<String> OPEN = Set.of("01", "03", "08");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool(FaultyBackend::daemon);
  private final AtomicReference<Rule> rule;
  private final Map<String, Books> books = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final Map<Integer, AtomicInteger> answers = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile int connections;

  FaultyBackend(Rule rule) {
    this(0, rule);
  }

  /** A backend on a port that is known to be free. */
  FaultyBackend(int port, Rule rule) {
    this.rule = new AtomicReference<>(rule);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "faulty-backend");
    thread.setDaemon(true);
    return thread;
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  void follow(Rule next) {
    rule.set(next);
  }

  Books books(String path) {
    return books.computeIfAbsent(path, key -> new Books());
  }

  int requests() {
    return requests.get();
  }

  /** How many requests wait for an answer that does not come. */
  int unanswered() {
    return unanswered.get();
  }

  /** How often each status was answered. */
  Map<Integer, Integer> answers() {
    Map<Integer, Integer> counts = new TreeMap<>();
    answers.forEach((status, count) -> counts.put(status, count.get()));
    return counts;
  }

  int answers(int status) {
    return answers().getOrDefault(status, 0);
  }

  /**
   * The only sender was killed. Waits until all that it had sent is read and followed, so that no
   * request of it comes later, and lets the books know.
   */
  void senderWasKilled() {
    awaitWhatWasSent();
    books.values().forEach(Books::senderWasKilled);
  }

  /** The only sender has ended in good order; otherwise as if it had been killed. */
  void senderHasStopped() {
    awaitWhatWasSent();
    books.values().forEach(Books::senderHasStopped);
  }

  private void awaitWhatWasSent() {
    Await.until(
        "the end of what a sender that is gone has sent",
        () -> connections + " connections, " + active + " requests, " + unanswered + " unanswered",
        () -> active.get() <= unanswered.get() && connections() <= unanswered.get());
  }

  /** How many connections the system knows that are not closed on this side. */
  private int connections() throws IOException {
    String here = String.format(Locale.ROOT, ":%04X", server.getAddress().getPort());
    int count = 0;
    for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
      if (Files.exists(table)) {
        for (String line : Files.readAllLines(table)) {
          String[] words = line.strip().split("\\s+", 5);
          if (words.length == 5 && words[1].endsWith(here) && OPEN.contains(words[3])) {
            count++;
          }
        }
      }
    }
    connections = count;
    return count;
  }

  private void handle(HttpExchange exchange) throws IOException {
    active.incrementAndGet();
    try {
      answer(exchange);
    } finally {
      active.decrementAndGet();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String said = exchange.getRequestHeaders().getFirst("Content-Length");
      if (said != null && body.length != Integer.parseInt(said)) {
        // A killed sender's request is none.
        return;
      }
      List<byte[]> events = split(body);
      String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
      String path = exchange.getRequestURI().getPath();
      Request request = new Request(requests.incrementAndGet(), path, key, body.length, events);
      Answer answer = rule.get().answer(request);
      if (answer.status() == 0) {
        unanswered.incrementAndGet();
        awaitEnd();
        return;
      }
      if (answer.status() / 100 == 2) {
        books(path).take(key, body, events);
      } else if (FOR_WHAT_IS_IN_IT.contains(answer.status())) {
        books(path).refuse(events);
      }
      answers.computeIfAbsent(answer.status(), status -> new AtomicInteger()).incrementAndGet();
      if (!answer.retryAfter().isEmpty()) {
        exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
      }
      byte[] text = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), text.length == 0 ? -1 : text.length);
      exchange.getResponseBody().write(text);
    }
  }

  private void awaitEnd() {
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes a JSON array of objects apart, without a parser that might mend anything. */
  static List<byte[]> split(byte[] array) {
    List<byte[]> events = new ArrayList<>();
    int depth = 0;
    boolean inText = false;
    int from = 0;
    for (int at = 1; at < array.length - 1; at++) {
      byte b = array[at];
      if (inText) {
        if (b == '\\') {
          at++;
        } else if (b == '"') {
          inText = false;
        }
      } else if (b == '"') {
        inText = true;
      } else if (b == '{' || b == '[') {
        from = depth == 0 ? at : from;
        depth++;
      } else if (b == '}' || b == ']') {
        depth--;
        if (depth == 0) {
          events.add(java.util.Arrays.copyOfRange(array, from, at + 1));
        }
      }
    }
    return events;
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
