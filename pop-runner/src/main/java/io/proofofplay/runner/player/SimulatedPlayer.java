package io.proofofplay.runner.player;

import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A server that speaks the protocol of an info-beamer node with proof of play, as far as a client
 * can tell.
 *
 * <p>It sends a banner, waits for a path, answers {@code *raw/root/::pop} and {@code root/::pop}
 * with {@code ok!} and a header line and any other path with {@code 404} (the connection stays
 * open), and then sends each event to every client that is there. As with a real player, an event
 * that is played while nobody is there is gone. Unlike a real player it does not gather without
 * bound what a client does not read: the programme pauses when the slowest client is 8 MiB behind.
 *
 * <p>It starts no thread: {@link #run()} is the thread of one's own. {@link #close()} and {@link
 * #stats()} may be called from any thread.
 */
public final class SimulatedPlayer implements AutoCloseable {

  /** What it calls itself in its header line. */
  public static final String SENDER = "simulated-player";

  private static final Set<String> PATHS = Set.of("*raw/root/::pop", "root/::pop");

  private static final byte[] BANNER =
      ascii("Info Beamer PI 1.0.0-simulated (https://info-beamer.com). Select your channel!\n");
  private static final byte[] OK = ascii("ok!\n{\"pop\":\"" + SENDER + "\",\"version\":1}\n");
  private static final byte[] NOT_FOUND = ascii("404\n");

  private static final int BACKLOG = 1024;
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int READ_BYTES = 4096;
  private static final long WINDOW_BYTES = 8L * 1024 * 1024;

  /** Behind its schedule by more than this, a player does not catch up but goes on from now. */
  private static final long LATEST_NANOS = Duration.ofSeconds(1).toNanos();

  /** How long a client may take to read the rest and to close, after the programme's end. */
  private static final long FAREWELL_NANOS = Duration.ofSeconds(30).toNanos();

  /** How long a programme that has nothing yet is left alone. */
  private static final long ASK_AGAIN_NANOS = Duration.ofMillis(20).toNanos();

  private static final long NANOS_PER_MILLI = 1_000_000L;

  /**
   * How a programme is played.
   *
   * @param rate events a second, above 0; 0 plays as fast as the slowest client reads
   * @param waitForFirst whether nothing is played until the first client is there
   * @param cut the most bytes in one write, 1 or more; 0 leaves it to the player
   */
  public record Pace(double rate, boolean waitForFirst, int cut) {

    /** Checks the bounds. */
    public Pace {
      if (!(rate >= 0) || Double.isInfinite(rate)) {
        throw new IllegalArgumentException("rate " + rate + "; 0 or more is right");
      }
      if (cut < 0) {
        throw new IllegalArgumentException("cut " + cut + "; 0 or more is right");
      }
    }
  }

  private final ServerSocketChannel server;
  private final Selector selector;
  private final InetSocketAddress address;
  private final Programme programme;
  private final Recording recording;
  private final Pace pace;
  private final PlayerListener listener;
  private final TimeSource time;

  private final Set<Client> clients = new LinkedHashSet<>();
  private final LineBuffer lines = new LineBuffer(2 * CHUNK_BYTES);
  private final ByteBuffer input = ByteBuffer.allocate(READ_BYTES);
  private Chunk last = new Chunk(new byte[0]);
  private long playedBytes;
  private boolean anybodyCame;
  private boolean nothingYet;
  private boolean scheduled;
  private double dueNanos;
  private long originNanos;
  private boolean saidFarewell;
  private long farewellNanos;

  private final AtomicInteger joined = new AtomicInteger();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong unheard = new AtomicLong();
  private final AtomicLong strayBytes = new AtomicLong();
  private volatile boolean ended;
  private volatile boolean closing;
  private boolean running;

  private SimulatedPlayer(
      InetSocketAddress wanted,
      Programme programme,
      Recording recording,
      Pace pace,
      PlayerListener listener,
      TimeSource time)
      throws IOException {
    this.programme = programme;
    this.recording = recording;
    this.pace = Objects.requireNonNull(pace, "pace");
    this.listener = Objects.requireNonNull(listener, "listener");
    this.time = Objects.requireNonNull(time, "time");
    server = ServerSocketChannel.open();
    try {
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(wanted, BACKLOG);
      server.configureBlocking(false);
      selector = Selector.open();
      server.register(selector, SelectionKey.OP_ACCEPT);
      address = (InetSocketAddress) server.getLocalAddress();
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /**
   * Opens a player that broadcasts a programme. Clients can connect at once; they are served by
   * {@link #run()}.
   *
   * @param address where to listen; port 0 takes any that is free
   * @param programme what to play; closed by the player
   * @param pace how to play it
   * @param listener hears what happens
   * @param time the clock
   * @return the player
   * @throws IOException if it cannot listen there
   */
  public static SimulatedPlayer open(
      InetSocketAddress address,
      Programme programme,
      Pace pace,
      PlayerListener listener,
      TimeSource time)
      throws IOException {
    return new SimulatedPlayer(
        address, Objects.requireNonNull(programme, "programme"), null, pace, listener, time);
  }

  /**
   * Opens a player that sends each client the bytes of a recording and ends when one has got them
   * all.
   */
  static SimulatedPlayer replay(
      InetSocketAddress address,
      Recording recording,
      Pace pace,
      PlayerListener listener,
      TimeSource time)
      throws IOException {
    return new SimulatedPlayer(
        address, null, Objects.requireNonNull(recording, "recording"), pace, listener, time);
  }

  /**
   * Where it listens.
   *
   * @return the address, with the real port
   */
  public InetSocketAddress address() {
    return address;
  }

  /**
   * What it has done so far.
   *
   * @return counts
   */
  public PlayerStats stats() {
    return new PlayerStats(
        joined.get(), connections.get(), sent.get(), unheard.get(), strayBytes.get(), ended);
  }

  /**
   * Plays, until the programme is over and every client has read all of it and gone (or has not in
   * 30 s), or until {@link #close()}.
   *
   * @throws IOException if the programme or the listener fails
   */
  public void run() throws IOException {
    synchronized (this) {
      if (closing) {
        return;
      }
      running = true;
    }
    try {
      while (!closing && runOnce()) {
        // All of the work is in the condition.
      }
    } finally {
      release();
    }
  }

  /** One round: serve who is there, play what is due. Whether there is another round. */
  private boolean runOnce() throws IOException {
    select();
    for (SelectionKey key : selector.selectedKeys()) {
      if (!key.isValid()) {
        continue;
      }
      if (key.isAcceptable()) {
        accept();
      } else {
        serve((Client) key.attachment(), key);
      }
    }
    selector.selectedKeys().clear();
    if (recording == null) {
      play();
    }
    return !saidFarewell || !allGone();
  }

  private void select() throws IOException {
    long nanos = nanosUntilNext();
    if (nanos <= 0) {
      selector.selectNow();
    } else if (nanos == Long.MAX_VALUE) {
      selector.select();
    } else {
      // A select of 0 waits for ever; a part of a millisecond too early costs a round, no event.
      selector.select(Math.max(1, nanos / NANOS_PER_MILLI));
    }
  }

  private long nanosUntilNext() {
    if (saidFarewell) {
      return Math.max(1, farewellNanos - time.nanos());
    }
    if (recording != null || ended || mustWait()) {
      return Long.MAX_VALUE;
    }
    if (nothingYet) {
      return ASK_AGAIN_NANOS;
    }
    if (pace.rate() == 0) {
      return 0;
    }
    return scheduled ? (long) (dueNanos - (time.nanos() - originNanos)) : 0;
  }

  /** Whether only a client can change that there is nothing to play now. */
  private boolean mustWait() {
    if (joined.get() == 0) {
      // As fast as anybody reads: nobody does.
      return pace.rate() == 0 || (pace.waitForFirst() && !anybodyCame);
    }
    return playedBytes - slowest() >= WINDOW_BYTES;
  }

  private long slowest() {
    long least = playedBytes;
    for (Client client : clients) {
      if (client.joined()) {
        least = Math.min(least, client.written());
      }
    }
    return least;
  }

  private void accept() throws IOException {
    SocketChannel channel = server.accept();
    while (channel != null) {
      connections.incrementAndGet();
      Client client = null;
      try {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        client = new Client(channel, key, pace.cut());
        key.attach(client);
        clients.add(client);
        if (recording == null) {
          client.answer(ByteBuffer.wrap(BANNER));
        } else {
          client.recorded(recording.part(0));
        }
        client.write();
      } catch (IOException e) {
        if (client == null) {
          channel.close();
        } else {
          drop(client);
        }
      }
      channel = server.accept();
    }
  }

  private void serve(Client client, SelectionKey key) {
    try {
      if (key.isReadable() && !read(client)) {
        drop(client);
        return;
      }
      client.write();
    } catch (IOException e) {
      drop(client);
    }
  }

  /**
   * Whether the client is still there. A client that only stops sending is gone, as for the real.
   */
  private boolean read(Client client) throws IOException {
    input.clear();
    int count = client.read(input);
    if (count < 0) {
      return false;
    }
    input.flip();
    while (input.hasRemaining()) {
      if (client.joined()) {
        strayBytes.addAndGet(input.remaining());
        return true;
      }
      String path = client.readLine(input);
      if (path == null) {
        return true;
      }
      if (recording != null) {
        sendRecorded(client);
      } else if (PATHS.contains(path)) {
        client.answer(ByteBuffer.wrap(OK));
        join(client);
      } else {
        client.answer(ByteBuffer.wrap(NOT_FOUND));
        listener.refused(client.address(), path.replaceAll("\\p{Cc}", "?"));
      }
    }
    return true;
  }

  private void sendRecorded(Client client) {
    if (client.recordedParts() < recording.parts()) {
      client.recorded(recording.part(client.recordedParts()));
    }
    if (client.recordedParts() == recording.parts()) {
      join(client);
      client.finish();
    }
  }

  private void join(Client client) {
    client.join(last, playedBytes);
    joined.incrementAndGet();
    anybodyCame = true;
    listener.joined(client.address());
  }

  private void drop(Client client) {
    if (!clients.remove(client)) {
      return;
    }
    client.close();
    if (client.joined()) {
      joined.decrementAndGet();
      listener.left(client.address());
      if (recording != null && client.finished()) {
        sayFarewell();
      }
    }
  }

  private void play() throws IOException {
    if (ended || mustWait()) {
      return;
    }
    lines.clear();
    int events = 0;
    long now = time.nanos();
    while (lines.length() < CHUNK_BYTES && due(now)) {
      Programme.Next next = programme.next(lines);
      nothingYet = next == Programme.Next.NOTHING_YET;
      if (next == Programme.Next.END) {
        ended = true;
        break;
      }
      if (next == Programme.Next.EVENT) {
        events++;
      }
      schedule();
      if (nothingYet) {
        break;
      }
    }
    if (events > 0) {
      broadcast(events);
    }
    if (ended) {
      sayFarewell();
    }
  }

  private boolean due(long now) {
    if (pace.rate() == 0) {
      return true;
    }
    if (!scheduled) {
      scheduled = true;
      originNanos = now;
      dueNanos = 0;
    }
    double elapsed = now - originNanos;
    if (elapsed - dueNanos > LATEST_NANOS) {
      dueNanos = elapsed;
    }
    return elapsed >= dueNanos;
  }

  private void schedule() {
    if (pace.rate() > 0) {
      dueNanos += Duration.ofSeconds(1).toNanos() / pace.rate();
    }
  }

  private void broadcast(int events) throws IOException {
    if (joined.get() == 0) {
      unheard.addAndGet(events);
      return;
    }
    byte[] bytes = lines.copy();
    Chunk chunk = new Chunk(bytes);
    last.append(chunk);
    last = chunk;
    playedBytes += bytes.length;
    // Told before it is sent, so that whoever compares never sees an event that nobody played.
    listener.played(bytes, bytes.length, events);
    sent.addAndGet(events);
    for (Client client : List.copyOf(clients)) {
      if (client.joined()) {
        writeOrDrop(client);
      }
    }
  }

  private void writeOrDrop(Client client) {
    try {
      client.write();
    } catch (IOException e) {
      drop(client);
    }
  }

  /** The programme is over: no new client, and the others may go when they have read everything. */
  private void sayFarewell() {
    if (saidFarewell) {
      return;
    }
    saidFarewell = true;
    ended = true;
    farewellNanos = time.nanos() + FAREWELL_NANOS;
    try {
      server.close();
    } catch (IOException e) {
      // Nobody can connect either way.
    }
    for (Client client : List.copyOf(clients)) {
      if (client.joined()) {
        client.finish();
        writeOrDrop(client);
      } else {
        drop(client);
      }
    }
  }

  private boolean allGone() {
    return clients.isEmpty() || time.nanos() - farewellNanos >= 0;
  }

  /** Ends {@link #run()}: every connection and the port are closed, whatever is not yet read. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closing = true;
      if (running) {
        selector.wakeup();
        return;
      }
    }
    release();
  }

  private void release() throws IOException {
    clients.forEach(Client::close);
    clients.clear();
    joined.set(0);
    server.close();
    selector.close();
    if (programme != null) {
      programme.close();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
