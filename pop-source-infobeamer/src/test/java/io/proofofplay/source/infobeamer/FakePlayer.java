package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A player on a real socket, with one script for every connection. Once closed it fails the test if
 * anything was sent to it behind a path.
 */
final class FakePlayer implements AutoCloseable {

  static final String BANNER = ScriptedConnection.BANNER;
  static final String HEADER = ScriptedConnection.HEADER;

  /** What the player does on a connection. */
  @FunctionalInterface
  interface Script {
    void play(Client client) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private SocketChannel place;
  private final Thread accepting;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream strays = new ByteArrayOutputStream();

  FakePlayer(Script script) throws IOException {
    this(0, script);
  }

  FakePlayer(int port, Script script) throws IOException {
    server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 1100);
    accepting = new Thread(() -> accept(script), "fake-player");
    accepting.setDaemon(true);
    accepting.start();
  }

  private void accept(Script script) {
    while (true) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        Thread playing =
            new Thread(null, () -> play(script, socket), "fake-player-client", 128 * 1024);
        playing.setDaemon(true);
        playing.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void play(Script script, Socket socket) {
    try (socket) {
      script.play(new Client(socket));
    } catch (IOException e) {
      // The source went away, which is its right.
    } catch (InterruptedException | RuntimeException | Error e) {
      faults.add(e);
    }
  }

  /** Closes it, and keeps its port: nobody else gets it, and nobody listens there. */
  void goAway() throws IOException {
    close();
    place = SocketChannel.open().setOption(StandardSocketOptions.SO_REUSEADDR, true);
    place.bind(server.getLocalSocketAddress());
  }

  /** Another one in the place of this one, which has gone away. */
  FakePlayer successor(Script script) throws IOException {
    place.close();
    return new FakePlayer(port(), script);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Cuts all connections. */
  void drop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** The path lines that came, in their order. */
  List<String> paths() {
    return List.copyOf(paths);
  }

  int connections() {
    return sockets.size();
  }

  /** What the player says on one connection. */
  final class Client {

    private final Socket socket;
    private final InputStream input;
    private final OutputStream output;

    Client(Socket socket) throws IOException {
      this.socket = socket;
      this.input = socket.getInputStream();
      this.output = socket.getOutputStream();
    }

    /** Banner, path, ok! and header. */
    Client introduce() throws IOException {
      return say(BANNER).hear().say("ok!\n" + HEADER);
    }

    Client say(String text) throws IOException {
      return say(text.getBytes(StandardCharsets.UTF_8));
    }

    Client say(byte[] bytes) throws IOException {
      output.write(bytes);
      return this;
    }

    Client say(byte[] bytes, int piece) throws IOException {
      for (int at = 0; at < bytes.length; at += piece) {
        output.write(bytes, at, Math.min(piece, bytes.length - at));
      }
      return this;
    }

    /** Reads the path line. */
    Client hear() throws IOException {
      ByteArrayOutputStream path = new ByteArrayOutputStream();
      for (int c = input.read(); c != '\n'; c = input.read()) {
        if (c < 0) {
          throw new IOException("the source closed the connection before its path");
        }
        path.write(c);
      }
      paths.add(path.toString(StandardCharsets.UTF_8));
      return this;
    }

    /** Reads until the source closes the connection; whatever comes is a fault of the source. */
    void listen() throws IOException {
      for (int c = input.read(); c >= 0; c = input.read()) {
        synchronized (strays) {
          strays.write(c);
        }
      }
    }

    /** Whether the source keeps both directions open and silent. */
    boolean isOpenAndSilent() throws IOException {
      socket.setSoTimeout(100);
      try {
        return input.read() == Integer.MIN_VALUE;
      } catch (SocketTimeoutException e) {
        return true;
      }
    }

    /** Ends the connection with a reset. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (place != null) {
      place.close();
    }
    try {
      // The port is free when the last thread has left accept.
      accepting.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    drop();
    assertThat(faults).isEmpty();
    synchronized (strays) {
      assertThat(strays.toString(StandardCharsets.ISO_8859_1))
          .as("what the source sent behind the path")
          .isEmpty();
    }
  }
}
