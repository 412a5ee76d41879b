package io.proofofplay.runner.acceptance;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A player that sends {@link Play}s and knows what it has sent on each connection. Serves one
 * client at a time, or as a crowd many, to each an event at a time; nothing is played while nobody
 * is there.
 *
 * <p>Thread-safe.
 */
final class FlowPlayer implements AutoCloseable {

  private static final int LEAST_WRITE = 8 * 1024;

  /** Longer than a delayed acknowledgement. */
  private static final long SETTLE_NANOS = 100_000_000;

  private static final long HELD_UP_NANOS = 1_000_000_000;

  /**
   * What was sent on one connection.
   *
   * @param events how many whole events the socket took
   * @param bytes how many bytes these were, line ends included
   * @param begun how many events were given to the socket, whether it took them or not
   */
  record Sent(int events, long bytes, int begun) {}

  /** One connection; guarded by the player. */
  private static final class Connection {
    private final Socket socket;
    private int events;
    private long bytes;
    private int begun;
    private boolean over;

    Connection(Socket socket) {
      this.socket = socket;
    }
  }

  private final boolean isCrowd;
  private final ServerSocket listener;
  private final List<Connection> connections = new ArrayList<>();
  private long due;

  /** How often what was due was forgotten. */
  private int holds;

  private long lastWrite = System.nanoTime();
  private boolean closed;

  FlowPlayer() {
    this(false);
  }

  /** As many players as there are clients. */
  static FlowPlayer crowd() {
    return new FlowPlayer(true);
  }

  private FlowPlayer(boolean isCrowd) {
    this.isCrowd = isCrowd;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::serveAll, "flow-player");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Sends so many more events, to whoever is connected or will be. */
  synchronized void play(int more) {
    due += more;
    notifyAll();
  }

  /** Sends as fast as they are read. */
  synchronized void playOn() {
    due = Long.MAX_VALUE / 2;
    notifyAll();
  }

  /** Sends nothing more; what was due is forgotten. */
  synchronized void hold() {
    due = 0;
    holds++;
  }

  /** What was sent on each connection so far, by the connection's number. */
  synchronized List<Sent> sent() {
    return connections.stream().map(each -> new Sent(each.events, each.bytes, each.begun)).toList();
  }

  /** All that was sent on all connections. */
  synchronized int events() {
    return connections.stream().mapToInt(each -> each.events).sum();
  }

  /** Whether the client has not taken anything for a while although there is something. */
  synchronized boolean isHeldUp() {
    return !connections.isEmpty()
        && System.nanoTime() - lastWrite > HELD_UP_NANOS
        && connections.get(connections.size() - 1).begun
            > connections.get(connections.size() - 1).events;
  }

  synchronized void awaitConnections(int count) {
    await(() -> connections.size() >= count, count + " connections");
  }

  synchronized void awaitEvents(int connection, int count) {
    await(
        () -> connections.size() > connection && connections.get(connection).events >= count,
        count + " events on connection " + connection);
  }

  /** Waits until so many events were sent on all connections. */
  synchronized void awaitAll(int count) {
    await(() -> events() >= count, count + " events");
  }

  /** Waits until the client of a connection is gone. */
  synchronized void awaitEnd(int connection) {
    await(() -> connections.get(connection).over, "the end of connection " + connection);
  }

  /** Waits until nobody is connected any more. */
  synchronized void awaitAllEnds() {
    await(() -> connections.stream().allMatch(each -> each.over), "the end of all connections");
  }

  private void await(java.util.function.BooleanSupplier condition, String what) {
    long until = System.nanoTime() + Await.GENEROUS.toNanos();
    try {
      while (!condition.getAsBoolean()) {
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError("the player waited in vain for " + what + ": " + sent());
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * How many bytes of events a client that stands still has surely taken from its socket: those
   * that were sent and stand in no buffer of the kernel. A byte on its way counts in two buffers
   * until it is acknowledged; the most of several looks comes close to the truth from below.
   */
  long surelyRead(int connection) throws IOException {
    long most = 0;
    long until = System.nanoTime() + SETTLE_NANOS;
    while (System.nanoTime() - until < 0) {
      most = Math.max(most, look(connection));
    }
    return most;
  }

  private long look(int connection) throws IOException {
    Socket socket;
    long bytes;
    synchronized (this) {
      socket = connections.get(connection).socket;
      bytes = connections.get(connection).bytes;
    }
    String here = address(socket.getLocalPort());
    String there = address(socket.getPort());
    long buffered = 0;
    for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
      if (!Files.exists(table)) {
        continue;
      }
      for (String line : Files.readAllLines(table)) {
        String[] words = line.strip().split("\\s+", 6);
        if (words.length < 6) {
          continue;
        }
        String[] queues = words[4].split(":", 2);
        if (words[1].endsWith(here) && words[2].endsWith(there)) {
          buffered += Long.parseLong(queues[0], 16);
        } else if (words[1].endsWith(there) && words[2].endsWith(here)) {
          buffered += Long.parseLong(queues[1], 16);
        }
      }
    }
    return Math.max(0, bytes - buffered);
  }

  private static String address(int port) {
    return String.format(Locale.ROOT, ":%04X", port);
  }

  private void serveAll() {
    while (true) {
      try {
        Socket socket = listener.accept();
        if (isCrowd) {
          Thread thread = new Thread(() -> serveQuietly(socket), "flow-player-of-a-crowd");
          thread.setDaemon(true);
          thread.start();
        } else {
          serveQuietly(socket);
        }
      } catch (IOException e) {
        synchronized (this) {
          if (closed) {
            return;
          }
        }
      }
    }
  }

  private void serveQuietly(Socket socket) {
    try (socket) {
      serve(socket);
    } catch (IOException e) {
      // The client is gone, which its connection says.
    }
  }

  private void serve(Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(ascii("Info Beamer PI 1.0.0-flow (https://info-beamer.com). Select your channel!\n"));
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    if (!"*raw/root/::pop".equals(in.readLine())) {
      return;
    }
    out.write(ascii("ok!\n{\"pop\":\"flow\"}\n"));
    Connection connection = new Connection(socket);
    int number;
    synchronized (this) {
      number = connections.size();
      connections.add(connection);
      notifyAll();
    }
    watch(connection, in);
    try {
      while (sendSome(connection, number, out)) {
        // All of the work is in the condition.
      }
    } finally {
      over(connection);
    }
  }

  /** The client says nothing; it can only go. */
  private void watch(Connection connection, BufferedReader in) {
    Thread thread =
        new Thread(
            () -> {
              try {
                in.read();
              } catch (IOException e) {
                // Gone either way.
              }
              over(connection);
            },
            "flow-player-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private synchronized void over(Connection connection) {
    connection.over = true;
    notifyAll();
  }

  private boolean sendSome(Connection connection, int number, OutputStream out) throws IOException {
    long allowed;
    int from;
    int holdsBefore;
    synchronized (this) {
      while (due <= 0 && !connection.over && !closed) {
        try {
          wait();
        } catch (InterruptedException e) {
          return false;
        }
      }
      if (connection.over || closed) {
        return false;
      }
      allowed = due;
      from = connection.events;
      holdsBefore = holds;
    }
    ByteArrayOutputStream lines = new ByteArrayOutputStream(2 * LEAST_WRITE);
    int count = 0;
    while (count < allowed && lines.size() < (isCrowd ? 1 : LEAST_WRITE)) {
      lines.writeBytes(new Play(number, from + count).bytes());
      lines.write('\n');
      count++;
    }
    synchronized (this) {
      if (holds != holdsBefore) {
        return true;
      }
      // Now, not when it is written: by then something else may be due.
      due -= count;
      connection.begun = from + count;
    }
    try {
      out.write(lines.toByteArray());
    } catch (IOException e) {
      giveBack(count, holdsBefore);
      throw e;
    }
    synchronized (this) {
      connection.events += count;
      connection.bytes += lines.size();
      lastWrite = System.nanoTime();
      notifyAll();
    }
    return true;
  }

  /** What was not sent is still due, unless it was forgotten. */
  private synchronized void giveBack(int count, int holdsBefore) {
    if (holds == holdsBefore) {
      due += count;
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    List<Connection> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(connections);
      notifyAll();
    }
    try {
      listener.close();
      for (Connection connection : all) {
        connection.socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
