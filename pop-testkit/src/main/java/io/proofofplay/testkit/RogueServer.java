package io.proofofplay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * An HTTP/1.1 server for tests that misbehaves as it is told: it hangs, resets, drips, answers too
 * early, never ends. What it does is data, one {@link Answer} for each request, so that a test is a
 * table. What it received is kept as it came, byte for byte.
 *
 * <p>It listens on a free port of the loopback address. It has threads of its own, all daemons,
 * bounded in number, and all ended by {@link #close()}.
 *
 * <p>Thread-safe.
 */
public final class RogueServer implements AutoCloseable {

  /** How many connections it serves at a time; further ones are reset. */
  static final int MOST_CONNECTIONS = 128;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** How far an exchange has got. */
  public enum Stage {
    /** The connection is accepted, nothing is read. */
    ACCEPTED,
    /** The request line is read, no header. */
    REQUEST_LINE,
    /** The request's head is read, nothing of the body. */
    REQUEST_HEAD,
    /** The request's head and half of its body are read. */
    REQUEST_BODY,
    /** The whole request is read, nothing is answered. */
    REQUEST,
    /** Half of the answer's head is sent. */
    ANSWER_STARTED,
    /** The answer's head is sent, nothing of the body. */
    ANSWER_HEAD,
    /** Half of the answer's body is sent. */
    ANSWER_BODY,
    /** All of the answer but its last byte is sent. */
    LAST_BYTE,
    /** The whole answer is sent. */
    ANSWERED
  }

  /** What goes wrong. */
  public enum Fault {
    /** Nothing. */
    NONE,
    /** Silence, the connection open, until {@link RogueServer#closeConnections()} or the end. */
    HANG,
    /** The connection is reset (a TCP RST). */
    RESET,
    /** The connection is closed in both directions, without a word in HTTP. */
    CLOSE,
    /** The sending side is closed; what still comes is read and ignored. */
    HALF_CLOSE
  }

  /**
   * What the server does with one request.
   *
   * <p>Immutable. Each {@code with}-method answers a changed copy.
   */
  public static final class Answer {

    private static final Duration FOR_EVER = Duration.ofDays(1);

    final int status;
    final List<Map.Entry<String, String>> headers;
    final byte[] body;
    final List<Integer> interim;
    final Fault fault;
    final Stage stage;
    final Duration period;
    final boolean reads;
    final Optional<byte[]> forEver;
    final Optional<byte[]> raw;
    final Duration idle;

    private Answer(
        int status,
        List<Map.Entry<String, String>> headers,
        byte[] body,
        List<Integer> interim,
        Fault fault,
        Stage stage,
        Duration period,
        boolean reads,
        Optional<byte[]> forEver,
        Optional<byte[]> raw,
        Duration idle) {
      this.status = status;
      this.headers = headers;
      this.body = body;
      this.interim = interim;
      this.fault = fault;
      this.stage = stage;
      this.period = period;
      this.reads = reads;
      this.forEver = forEver;
      this.raw = raw;
      this.idle = idle;
    }

    /**
     * An answer without a body.
     *
     * @param status any three digits
     * @return the answer
     */
    public static Answer of(int status) {
      return of(status, "");
    }

    /**
     * An answer with a body.
     *
     * @param status any three digits
     * @param body sent in UTF-8
     * @return the answer
     */
    public static Answer of(int status, String body) {
      return new Answer(
          status,
          List.of(),
          body.getBytes(StandardCharsets.UTF_8),
          List.of(),
          Fault.NONE,
          Stage.ANSWERED,
          Duration.ZERO,
          true,
          Optional.empty(),
          Optional.empty(),
          FOR_EVER);
    }

    /**
     * Bytes that need not be HTTP.
     *
     * @param bytes sent when the request is read, as they are; then the connection is closed
     * @return the answer
     */
    public static Answer raw(String bytes) {
      return new Answer(
          0,
          List.of(),
          new byte[0],
          List.of(),
          Fault.CLOSE,
          Stage.ANSWERED,
          Duration.ZERO,
          true,
          Optional.empty(),
          Optional.of(bytes.getBytes(StandardCharsets.ISO_8859_1)),
          FOR_EVER);
    }

    /**
     * A well-formed 200, save for the fault.
     *
     * @param fault what goes wrong
     * @param stage when
     * @return the answer
     */
    public static Answer failing(Fault fault, Stage stage) {
      return of(200, "taken").with(fault, stage);
    }

    /**
     * This with a fault.
     *
     * @param what what goes wrong
     * @param when when it does
     * @return the answer
     */
    public Answer with(Fault what, Stage when) {
      return new Answer(
          status, headers, body, interim, what, when, period, reads, forEver, raw, idle);
    }

    /**
     * This with one more header.
     *
     * @param name the header's name
     * @param value its value
     * @return the answer
     */
    public Answer withHeader(String name, String value) {
      List<Map.Entry<String, String>> more = new ArrayList<>(headers);
      more.add(Map.entry(name, value));
      return new Answer(
          status,
          List.copyOf(more),
          body,
          interim,
          fault,
          stage,
          period,
          reads,
          forEver,
          raw,
          idle);
    }

    /**
     * This with interim answers before it.
     *
     * @param statuses each from 100 to 199
     * @return the answer
     */
    public Answer after(Integer... statuses) {
      return new Answer(
          status,
          headers,
          body,
          List.of(statuses),
          fault,
          stage,
          period,
          reads,
          forEver,
          raw,
          idle);
    }

    /**
     * This, sent byte by byte.
     *
     * @param each the time between two bytes
     * @return the answer
     */
    public Answer dripping(Duration each) {
      return new Answer(
          status, headers, body, interim, fault, stage, each, reads, forEver, raw, idle);
    }

    /**
     * This, sent as soon as the request's head is read; the body is never read. What follows is the
     * fault's, by default the connection is closed, as a server does that will not take so much.
     *
     * @return the answer
     */
    public Answer withoutReading() {
      return new Answer(
          status,
          headers,
          body,
          interim,
          fault == Fault.NONE ? Fault.CLOSE : fault,
          stage,
          period,
          false,
          forEver,
          raw,
          idle);
    }

    /**
     * This with a body that never ends.
     *
     * @return the answer
     */
    public Answer endless() {
      return followedForEver("x".repeat(8192));
    }

    /**
     * This, and then the same bytes again and again, as fast as they are taken.
     *
     * @param bytes sent as they are
     * @return the answer
     */
    public Answer followedForEver(String bytes) {
      return new Answer(
          status,
          headers,
          body,
          interim,
          fault,
          stage,
          period,
          reads,
          Optional.of(bytes.getBytes(StandardCharsets.ISO_8859_1)),
          raw,
          idle);
    }

    /**
     * This, and the connection is closed when nothing has come on it for so long afterwards. The
     * moment is kept to a few microseconds, by a thread that spins.
     *
     * @param wait how long; a few milliseconds at most
     * @return the answer
     */
    public Answer closingIdleAfter(Duration wait) {
      return new Answer(
          status, headers, body, interim, fault, stage, period, reads, forEver, raw, wait);
    }

    @Override
    public String toString() {
      return status
          + (fault == Fault.NONE ? "" : " " + fault + " at " + stage)
          + (period.isZero() ? "" : " dripping")
          + (reads ? "" : " without reading")
          + (forEver.isPresent() ? " endless" : "");
    }
  }

  /**
   * A request as it came.
   *
   * @param connection the number of its connection, from 0
   * @param line the request line
   * @param headers names and values in the order of their arrival
   * @param body what was read of the body, taken out of chunks if there were any
   * @param complete whether all of the body was read
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared nowhere; a test looks at the bytes.
  public record Request(
      int connection,
      String line,
      List<Map.Entry<String, String>> headers,
      byte[] body,
      boolean complete) {

    /**
     * The value of a header.
     *
     * @param name in any case
     * @return the first value, or empty if there is none
     */
    public Optional<String> header(String name) {
      return headers.stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(Map.Entry::getValue)
          .findFirst();
    }

    /**
     * The body as a text.
     *
     * @return the body, read as UTF-8
     */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private final int port;
  private final Optional<SSLContext> tls;
  private final boolean tlsInTunnel;
  private final boolean asksForCertificate;
  private final Optional<Function<Request, Answer>> decision;

  /** Guards all below. */
  private final Object lock = new Object();

  private final List<RogueConnection> open = new ArrayList<>();
  private final List<Request> requests = new ArrayList<>();
  private ServerSocket listener;
  private Thread accepting;

  /** Holds the port while the server is away: bound, and not listening. */
  private Socket reservation = new Socket();

  private List<Answer> script;
  private int next;
  private int connections;
  private int faults;
  private int idleCloses;
  private int dripped;

  private RogueServer(
      List<Answer> script,
      Optional<Function<Request, Answer>> decision,
      Optional<SSLContext> tls,
      boolean tlsInTunnel,
      boolean asksForCertificate) {
    this.script = script;
    this.decision = decision;
    this.tls = tls;
    this.tlsInTunnel = tlsInTunnel;
    this.asksForCertificate = asksForCertificate;
    listener = listen(0);
    port = listener.getLocalPort();
    acceptFrom(listener);
  }

  private static ServerSocket listen(int port) {
    try {
      return new ServerSocket(port, MOST_CONNECTIONS, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void acceptFrom(ServerSocket socket) {
    accepting = daemon("rogue-server-" + port, () -> acceptAll(socket));
  }

  /**
   * A server on plain TCP.
   *
   * @param script what to do with the first request, the second and so on; the last is done with
   *     all that follow. Empty answers 200 to everything
   * @return the server, listening
   */
  public static RogueServer start(Answer... script) {
    return new RogueServer(listOf(script), Optional.empty(), Optional.empty(), false, false);
  }

  /**
   * A server on plain TCP that looks at each request first.
   *
   * @param decision answers a request that was read to its end; faults before {@link Stage#REQUEST}
   *     come too late there
   * @return the server, listening
   */
  public static RogueServer deciding(Function<Request, Answer> decision) {
    return new RogueServer(
        List.of(Answer.of(200)), Optional.of(decision), Optional.empty(), false, false);
  }

  /**
   * A server that speaks TLS.
   *
   * @param tls its key and certificates
   * @param asksForCertificate whether a client must show a certificate that {@code tls} trusts
   * @param script as in {@link #start}
   * @return the server, listening
   */
  public static RogueServer startTls(SSLContext tls, boolean asksForCertificate, Answer... script) {
    return new RogueServer(
        listOf(script), Optional.empty(), Optional.of(tls), false, asksForCertificate);
  }

  /**
   * A proxy that stands for every destination itself: what is sent through a tunnel that a {@code
   * CONNECT} asked for and a 200 of the script granted is answered by the script too, in TLS.
   *
   * @param tls the key and certificates of the destination in the tunnel
   * @param script as in {@link #start}, the {@code CONNECT}s included
   * @return the server, listening
   */
  public static RogueServer startProxy(SSLContext tls, Answer... script) {
    return new RogueServer(listOf(script), Optional.empty(), Optional.of(tls), true, false);
  }

  private static List<Answer> listOf(Answer... script) {
    return script.length == 0 ? List.of(Answer.of(200)) : List.of(script);
  }

  /**
   * Where it listens.
   *
   * @return {@code http://127.0.0.1:<port>} or the same with {@code https}
   */
  public URI uri() {
    return URI.create(
        (tls.isPresent() && !tlsInTunnel ? "https" : "http") + "://127.0.0.1:" + port());
  }

  /**
   * The port.
   *
   * @return 1 to 65535
   */
  public int port() {
    return port;
  }

  /**
   * Begins another script.
   *
   * @param answers as in {@link #start}
   */
  public void script(Answer... answers) {
    synchronized (lock) {
      script = listOf(answers);
      next = 0;
    }
  }

  /**
   * The requests of which at least the line was read, in the order in which reading them ended.
   *
   * @return a copy
   */
  public List<Request> requests() {
    synchronized (lock) {
      return List.copyOf(requests);
    }
  }

  /** Forgets all requests so far: they are kept whole, and a long test has many. */
  public void forgetRequests() {
    synchronized (lock) {
      requests.clear();
    }
  }

  /**
   * How many connections were accepted.
   *
   * @return the number since the start
   */
  public int connections() {
    synchronized (lock) {
      return connections;
    }
  }

  /**
   * How many connections are open on this side.
   *
   * @return the number now
   */
  public int openConnections() {
    synchronized (lock) {
      return open.size();
    }
  }

  /**
   * How many connections were closed for being idle, see {@link Answer#closingIdleAfter}.
   *
   * @return the number since the start
   */
  public int idleCloses() {
    synchronized (lock) {
      return idleCloses;
    }
  }

  /**
   * How many bytes were sent one by one, see {@link Answer#dripping}.
   *
   * @return the number since the start
   */
  public int dripped() {
    synchronized (lock) {
      return dripped;
    }
  }

  /**
   * Waits until as many requests were read.
   *
   * @param count how many since the start, or since they were forgotten
   * @return the last of them
   * @throws AssertionError if they do not come within a generous time
   */
  public Request awaitRequests(int count) {
    await(() -> requests.size() >= count, count + " requests");
    return requests().get(count - 1);
  }

  /**
   * Waits until as many faults have begun.
   *
   * @param count how many since the start
   * @throws AssertionError if they do not within a generous time
   */
  public void awaitFaults(int count) {
    await(() -> faults >= count, count + " faults");
  }

  /**
   * Waits until no connection is open on this side.
   *
   * @throws AssertionError if that does not come true within a generous time
   */
  public void awaitNoConnection() {
    await(open::isEmpty, "all connections to end");
  }

  private void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lock) {
      while (!condition.getAsBoolean()) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError(
              "waited in vain for "
                  + what
                  + ": "
                  + requests.size()
                  + " requests, "
                  + faults
                  + " faults, "
                  + open.size()
                  + " open connections");
        }
        try {
          lock.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AssertionError("interrupted while waiting for " + what, e);
        }
      }
    }
  }

  /** Closes all connections, as a server does with idle ones, and goes on listening. */
  public void closeConnections() {
    List<RogueConnection> all;
    synchronized (lock) {
      all = List.copyOf(open);
    }
    all.forEach(RogueConnection::close);
  }

  /**
   * Stops listening and closes all connections, as a server does that goes down. Connections to the
   * port are refused from now on; it stays reserved, so that no other process takes it.
   */
  public void goAway() {
    stopListening();
    closeConnections();
    try {
      synchronized (lock) {
        reservation = new Socket();
        reservation.setReuseAddress(true);
        reservation.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits for the accepting thread's end: as long as it is in the call, the kernel still listens.
   */
  private void stopListening() {
    Thread ending;
    synchronized (lock) {
      ending = accepting;
      try {
        listener.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    try {
      ending.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Listens again, on the same port. */
  public void comeBack() {
    synchronized (lock) {
      release();
      listener = listen(port);
      acceptFrom(listener);
    }
  }

  private void release() {
    try {
      reservation.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends everything. */
  @Override
  public void close() {
    stopListening();
    closeConnections();
    synchronized (lock) {
      release();
    }
  }

  private void acceptAll(ServerSocket from) {
    while (true) {
      Socket socket;
      try {
        socket = from.accept();
      } catch (IOException e) {
        return;
      }
      RogueConnection connection = new RogueConnection(this, socket);
      synchronized (lock) {
        connection.number = connections++;
        if (open.size() >= MOST_CONNECTIONS || from.isClosed()) {
          connection.reset();
          continue;
        }
        open.add(connection);
        lock.notifyAll();
      }
      Thread unused = daemon("rogue-server-" + port + "-" + connection.number, connection::serve);
    }
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  Optional<SSLContext> tls() {
    return tls;
  }

  boolean tlsInTunnel() {
    return tlsInTunnel;
  }

  boolean asksForCertificate() {
    return asksForCertificate;
  }

  /** The next answer, if it begins before anything is read. */
  Optional<Answer> takeOnAccept() {
    synchronized (lock) {
      Answer answer = script.get(Math.min(next, script.size() - 1));
      return answer.stage == Stage.ACCEPTED && answer.fault != Fault.NONE
          ? Optional.of(take())
          : Optional.empty();
    }
  }

  Answer take() {
    synchronized (lock) {
      Answer answer = script.get(Math.min(next, script.size() - 1));
      next++;
      return answer;
    }
  }

  Answer decide(Answer scripted, Request request) {
    return decision.map(decide -> decide.apply(request)).orElse(scripted);
  }

  void received(Request request) {
    synchronized (lock) {
      requests.add(request);
      lock.notifyAll();
    }
  }

  void faultBegins() {
    synchronized (lock) {
      faults++;
      lock.notifyAll();
    }
  }

  void hasDripped() {
    synchronized (lock) {
      dripped++;
    }
  }

  void closedIdle() {
    synchronized (lock) {
      idleCloses++;
    }
  }

  void ended(RogueConnection connection) {
    synchronized (lock) {
      open.remove(connection);
      lock.notifyAll();
    }
  }

  @Override
  public String toString() {
    return "RogueServer[" + uri() + "]";
  }

  static byte[] firstHalf(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length / 2);
  }

  static byte[] secondHalf(byte[] bytes) {
    return Arrays.copyOfRange(
        Objects.requireNonNull(bytes, "bytes"), bytes.length / 2, bytes.length);
  }
}
