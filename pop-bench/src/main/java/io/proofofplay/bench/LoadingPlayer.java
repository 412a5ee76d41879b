package io.proofofplay.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Any number of info-beamer players behind one port: each connection is another one. They say what
 * they are told to, as fast as it is taken or at a steady rate.
 *
 * <p>Not thread-safe, save for {@link #close}.
 */
final class LoadingPlayer implements AutoCloseable {

  /** A line: an event and its end. */
  private static final int STRIDE = Play.LENGTH + 1;

  /** How late a line may be said, so that not each has a wait of its own. */
  private static final long TICK_MILLIS = 1;

  private static final long LOOK_MILLIS = 1;

  private final ServerSocketChannel server;
  private final List<SocketChannel> connections = new ArrayList<>();
  private final AtomicLong said = new AtomicLong();

  LoadingPlayer() throws IOException {
    server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
  }

  int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /** Whether it is worth to wait on. */
  @FunctionalInterface
  interface Hope {
    /**
     * Looks.
     *
     * @throws IOException if what is waited for will not come, and why
     */
    void check() throws IOException;
  }

  /**
   * Waits until so many relays, or sources of one, have introduced themselves.
   *
   * @param sources how many
   * @param patience how long at most, in nanoseconds
   * @param hope looked at while nothing comes
   * @throws IOException if they do not come in that time, or will not
   */
  void await(int sources, long patience, Hope hope) throws IOException, InterruptedException {
    long start = System.nanoTime();
    server.configureBlocking(false);
    while (connections.size() < sources) {
      SocketChannel connection = server.accept();
      if (connection == null) {
        look(sources, start, patience, hope);
        continue;
      }
      connections.add(connection);
      connection.write(
          ascii("Info Beamer PI 1.0 (https://info-beamer.com/). Select your channel!\n"));
      connection.configureBlocking(false);
      ByteBuffer one = ByteBuffer.allocate(1);
      while (one.position() == 0 || one.get(0) != '\n') {
        one.clear();
        int read = connection.read(one);
        if (read < 0) {
          throw new SocketException("a source closed the connection before it had sent a path");
        }
        if (read == 0) {
          look(sources, start, patience, hope);
        }
      }
      connection.configureBlocking(true);
      connection.write(ascii("ok!\n{\"pop\":\"player-" + (connections.size() - 1) + "\"}\n"));
    }
  }

  private void look(int sources, long start, long patience, Hope hope)
      throws IOException, InterruptedException {
    hope.check();
    if (System.nanoTime() - start > patience) {
      throw new SocketTimeoutException(
          String.format(
              Locale.ROOT,
              "of %,d sources only %,d have come in %,d s",
              sources,
              connections.size(),
              patience / 1_000_000_000));
    }
    Thread.sleep(LOOK_MILLIS);
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Has all players together say so many events, as fast as they are taken.
   *
   * @param from the number of each player's first event
   * @param each how many each of them says
   * @param most how many a player says before it is the next one's turn
   * @param bound how many all of them together may have said by now, of these
   */
  void say(long from, long each, int most, LongSupplier bound)
      throws IOException, InterruptedException {
    byte[] chunk = new byte[most * STRIDE];
    for (long first = 0; first < each; first += most) {
      int count = (int) Math.min(most, each - first);
      while ((first + count) * connections.size() > bound.getAsLong()) {
        Thread.sleep(LOOK_MILLIS);
      }
      long now = System.currentTimeMillis();
      for (int source = 0; source < connections.size(); source++) {
        for (int i = 0; i < count; i++) {
          put(chunk, i, source, from + first + i, now);
        }
        write(source, chunk, count);
      }
    }
  }

  /** How many events of all players together were taken by now, by the relay or its socket. */
  long said() {
    return said.get();
  }

  /**
   * Has each player say its events at a steady rate, the players evenly after one another.
   *
   * @param start when the first is due, on the clock of {@link System#nanoTime}
   * @param interval nanoseconds between two events of a player
   * @param each how many each of them says
   */
  void saySteadily(long start, long interval, long each) throws IOException, InterruptedException {
    byte[] line = new byte[STRIDE];
    int sources = connections.size();
    long all = sources * each;
    long next = 0;
    while (next < all) {
      long now = System.nanoTime();
      while (next < all && due(start, interval, (int) (next % sources), next / sources) <= now) {
        put(line, 0, (int) (next % sources), next / sources, System.currentTimeMillis());
        write((int) (next % sources), line, 1);
        next++;
      }
      Thread.sleep(TICK_MILLIS);
    }
  }

  /** When an event is due, see {@link #saySteadily}. */
  long due(long start, long interval, int source, long number) {
    return start + number * interval + interval * source / connections.size();
  }

  private static void put(byte[] chunk, int index, int source, long number, long millis) {
    int at = index * STRIDE;
    Play.write(chunk, at, source, number, millis);
    chunk[at + Play.LENGTH] = '\n';
  }

  private void write(int source, byte[] chunk, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count * STRIDE);
    while (bytes.hasRemaining()) {
      connections.get(source).write(bytes);
    }
    said.addAndGet(count);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
  }
}
