package io.proofofplay.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Any number of info-beamer players behind one port: each connection is another one. They say what
 * they are told to, as fast as it is taken or at a steady rate.
 *
 * <p>Not thread-safe, save for {@link #close}.
 */
final class LoadingPlayer implements AutoCloseable {

  private static final int CHUNK = 250;

  /** How late a line may be said, so that not each has a wait of its own. */
  private static final long TICK_NANOS = 500_000;

  private final ServerSocketChannel server;
  private final List<SocketChannel> connections = new ArrayList<>();
  private final byte[] chunk = new byte[CHUNK * (Play.LENGTH + 1)];

  LoadingPlayer() throws IOException {
    server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
  }

  int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /** Waits until so many relays, or sources of one, have introduced themselves. */
  void await(int sources) throws IOException {
    while (connections.size() < sources) {
      SocketChannel connection = server.accept();
      connection.write(
          ascii("Info Beamer PI 1.0 (https://info-beamer.com/). Select your channel!\n"));
      ByteBuffer one = ByteBuffer.allocate(1);
      do {
        one.clear();
        if (connection.read(one) < 0) {
          throw new SocketException("a source closed the connection before it had sent a path");
        }
      } while (one.get(0) != '\n');
      connection.write(ascii("ok!\n{\"pop\":\"player-" + connections.size() + "\"}\n"));
      connections.add(connection);
    }
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Has all players together say so many events, as fast as they are taken.
   *
   * @param from the number of each player's first event
   * @param each how many each of them says
   */
  void say(long from, long each) throws IOException {
    for (long said = 0; said < each; said += CHUNK) {
      int count = (int) Math.min(CHUNK, each - said);
      long now = System.currentTimeMillis();
      for (int source = 0; source < connections.size(); source++) {
        for (int i = 0; i < count; i++) {
          put(i, source, from + said + i, now);
        }
        write(source, count);
      }
    }
  }

  /**
   * Has each player say its events at a steady rate, the players evenly after one another.
   *
   * @param start when the first is due, on the clock of {@link System#nanoTime}
   * @param interval nanoseconds between two events of a player
   * @param each how many each of them says
   */
  void saySteadily(long start, long interval, long each) throws IOException, InterruptedException {
    int sources = connections.size();
    long all = sources * each;
    long next = 0;
    while (next < all) {
      long now = System.nanoTime();
      while (next < all && due(start, interval, (int) (next % sources), next / sources) <= now) {
        put(0, (int) (next % sources), next / sources, System.currentTimeMillis());
        write((int) (next % sources), 1);
        next++;
      }
      Thread.sleep(0, (int) TICK_NANOS);
    }
  }

  /** When an event is due, see {@link #saySteadily}. */
  long due(long start, long interval, int source, long number) {
    return start + number * interval + interval * source / connections.size();
  }

  private void put(int index, int source, long number, long millis) {
    int at = index * (Play.LENGTH + 1);
    Play.write(chunk, at, source, number, millis);
    chunk[at + Play.LENGTH] = '\n';
  }

  private void write(int source, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count * (Play.LENGTH + 1));
    while (bytes.hasRemaining()) {
      connections.get(source).write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
  }
}
