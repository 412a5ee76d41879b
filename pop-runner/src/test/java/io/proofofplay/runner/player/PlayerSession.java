package io.proofofplay.runner.player;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A simulated player in a thread of its own, and raw sockets to it. */
final class PlayerSession implements AutoCloseable {

  static final int PATIENCE_MILLIS = 20_000;

  private final SimulatedPlayer player;
  private final Thread thread;
  private final List<Socket> sockets = new ArrayList<>();
  private volatile Throwable failure;

  private PlayerSession(SimulatedPlayer player) {
    this.player = player;
    thread =
        new Thread(
            () -> {
              try {
                player.run();
              } catch (IOException | RuntimeException | Error e) {
                failure = e;
              }
            },
            "test-player");
    thread.start();
  }

  static PlayerSession playing(Programme programme, SimulatedPlayer.Pace pace) throws IOException {
    return playing(programme, pace, PlayerListener.NONE);
  }

  static PlayerSession playing(
      Programme programme, SimulatedPlayer.Pace pace, PlayerListener listener) throws IOException {
    return new PlayerSession(
        SimulatedPlayer.open(anyPort(), programme, pace, listener, TimeSource.system()));
  }

  static PlayerSession replaying(Recording recording, int cut) throws IOException {
    return new PlayerSession(
        SimulatedPlayer.replay(
            anyPort(),
            recording,
            new SimulatedPlayer.Pace(0, true, cut),
            PlayerListener.NONE,
            TimeSource.system()));
  }

  static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  SimulatedPlayer player() {
    return player;
  }

  Peer connect() throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.connect(player.address(), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return new Peer(socket);
  }

  /** Connects and reads everything up to the header line, which it checks. */
  Peer join() throws IOException {
    Peer peer = connect();
    assertThat(peer.line()).startsWith("Info Beamer PI ");
    peer.send("*raw/root/::pop\n");
    assertThat(peer.line()).isEqualTo("ok!");
    assertThat(peer.line()).contains("\"pop\":\"simulated-player\"");
    return peer;
  }

  void awaitEnd() throws InterruptedException {
    thread.join(PATIENCE_MILLIS);
    assertThat(thread.isAlive()).as("the player still runs").isFalse();
    assertThat(failure).isNull();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    player.close();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(thread.isAlive()).as("the player still runs").isFalse();
  }

  /** One raw client. */
  static final class Peer implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final byte[] block = new byte[64 * 1024];
    private int at;
    private int end;

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      in = socket.getInputStream();
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next line without its line feed, or {@code null} at the end of the stream. */
    String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      while (true) {
        if (at == end) {
          at = 0;
          end = Math.max(0, in.read(block));
          if (end == 0) {
            return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
          }
        }
        byte b = block[at++];
        if (b == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        line.write(b);
      }
    }

    List<String> linesToEnd() throws IOException {
      List<String> lines = new ArrayList<>();
      for (String line = line(); line != null; line = line()) {
        lines.add(line);
      }
      return lines;
    }

    byte[] allBytes() {
      try {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
