package io.proofofplay.runner.acceptance;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whoever listens where a player should be, and does what it likes on every connection.
 *
 * <p>Thread-safe.
 */
final class HostilePlayer implements AutoCloseable {

  /** What happens on a connection; when it returns, the connection stays open. */
  @FunctionalInterface
  interface Script {
    void play(Caller caller) throws Exception;
  }

  private final String name;
  private final Script script;
  private final ServerSocket listener;
  private final AtomicInteger connections = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();

  HostilePlayer(String name, Script script) {
    this.name = name;
    this.script = script;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::acceptAll);
  }

  private void daemon(Runnable work) {
    Thread thread = new Thread(work, "hostile-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  String name() {
    return name;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many connections it was asked for. */
  int connections() {
    return connections.get();
  }

  /** What went wrong with the script itself. */
  List<Throwable> faults() {
    return List.copyOf(faults);
  }

  private void acceptAll() {
    while (true) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        boolean first = connections.getAndIncrement() == 0;
        daemon(() -> serve(socket, first));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket, boolean first) {
    try (socket) {
      script.play(new Caller(socket, first));
      closed.await();
    } catch (IOException e) {
      // The relay went away, which is its right.
    } catch (Exception e) {
      faults.add(e);
    }
  }

  /** The relay, from the other end. */
  final class Caller {
    private final Socket socket;
    private final boolean first;
    private final InputStream in;
    private final OutputStream out;

    Caller(Socket socket, boolean first) throws IOException {
      this.first = first;
      this.socket = socket;
      this.in = socket.getInputStream();
      this.out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
    }

    Caller say(String text) throws IOException {
      return say(text.getBytes(StandardCharsets.UTF_8));
    }

    Caller say(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
      return this;
    }

    /** Says the same over and over, gathered to large writes. */
    Caller say(String text, int times) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < times; i++) {
        out.write(bytes);
      }
      out.flush();
      return this;
    }

    /** Whether nobody called before. */
    boolean isFirst() {
      return first;
    }

    /** Banner, path, ok! and header, as they should be. */
    Caller introduce() throws IOException {
      return greet().say("ok!\n{\"pop\":\"" + name + "\"}\n");
    }

    /** Banner and path. */
    Caller greet() throws IOException {
      say("Info Beamer PI 1.0.0-hostile (https://info-beamer.com). Select your channel!\n");
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("the relay went away before its path");
        }
      }
      return this;
    }

    /** One byte now and then, each on a way of its own, until the relay has enough. */
    void drip(String bytes, Duration between) throws IOException, InterruptedException {
      socket.setTcpNoDelay(true);
      for (byte each : bytes.getBytes(StandardCharsets.US_ASCII)) {
        say(new byte[] {each});
        if (closed.await(between.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
