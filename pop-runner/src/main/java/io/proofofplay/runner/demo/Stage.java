package io.proofofplay.runner.demo;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.backend.BackendListener;
import io.proofofplay.runner.backend.Ledger;
import io.proofofplay.runner.backend.ReceivingBackend;
import io.proofofplay.runner.backend.Totals;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.Surroundings;
import io.proofofplay.runner.daemon.Daemon;
import io.proofofplay.runner.player.MadeUpPlays;
import io.proofofplay.runner.player.PlayerListener;
import io.proofofplay.runner.player.SimulatedPlayer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The three parts and their files: a player, the relay, a backend, on loopback ports and in a
 * directory of their own.
 *
 * <p>One thread directs; {@link #close()} may come from another.
 */
final class Stage implements AutoCloseable {

  static final String SINK = "billing";

  /** With %s for numbers too, which no language spells in digits of its own. */
  private static final String CONFIGURATION =
      """
      spool:
        directory: '%s'
      sources:
        lobby:
          type: infobeamer
          port: %s
      sinks:
        billing:
          type: http
          url: http://127.0.0.1:%s/pop
          proxy: ""       # none, whatever the environment says
          batch: {maxEvents: 50, minInterval: 1s}
          retry: {initial: 200ms, max: 1s}
      ops:
        listen: 127.0.0.1:0
      """;

  private final Path directory;
  private final GatedPlays programme;
  private final OutputStream sent;
  private final OutputStream received;
  private final Ledger ledger;
  private final SimulatedPlayer player;
  private final Thread playing;
  private final InetSocketAddress backendAddress;
  private final Daemon daemon;

  private ReceivingBackend backend;

  /** Keeps the backend's port while it is away; else any other program might get it. */
  private SocketChannel place;

  private boolean closed;

  private Stage(Path directory, Adapters adapters, long events, double rate)
      throws IOException, ConfigurationException {
    this.directory = directory;
    sent = Files.newOutputStream(sentFile());
    received = Files.newOutputStream(receivedFile());
    ledger = new Ledger(this::receive);
    backend = ReceivingBackend.open(anyPort(), ledger, BackendListener.NONE);
    backendAddress = backend.address();
    programme = new GatedPlays(new MadeUpPlays(TimeSource.system()), events);
    player =
        SimulatedPlayer.open(
            anyPort(),
            programme,
            new SimulatedPlayer.Pace(rate, true, 0),
            new PlayerListener() {
              @Override
              public void played(byte[] lines, int length, int count) throws IOException {
                sent.write(lines, 0, length);
              }
            },
            TimeSource.system());
    playing = new Thread(this::play, "pop-demo-player");
    playing.start();
    try {
      Files.writeString(
          configurationFile(),
          CONFIGURATION.formatted(
              directory.resolve("spool").toString().replace("'", "''"),
              player.address().getPort(),
              backendAddress.getPort()));
      daemon =
          Daemon.build(
              Configuration.load(
                  Optional.of(configurationFile()),
                  new Surroundings(directory, Map.of()),
                  adapters),
              adapters);
    } catch (IOException | ConfigurationException | RuntimeException e) {
      player.close();
      backend.close();
      throw e;
    }
  }

  /**
   * Sets the stage. Nothing plays before {@link #start()}.
   *
   * @param directory an empty directory
   * @param adapters the types that the relay knows
   * @param events how many events the player plays before it pauses
   * @param rate how many of them a second
   */
  static Stage set(Path directory, Adapters adapters, long events, double rate)
      throws IOException, ConfigurationException {
    return new Stage(directory, adapters, events, rate);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void play() {
    try {
      player.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void receive(List<PopEvent> events) throws IOException {
    for (PopEvent event : events) {
      received.write(event.array(), event.offset(), event.length());
      received.write('\n');
    }
  }

  void start() throws IOException, ConfigurationException {
    daemon.start();
  }

  Path configurationFile() {
    return directory.resolve("pop.yaml");
  }

  Path spoolFolder() {
    return directory.resolve("spool").resolve(SINK);
  }

  private Path sentFile() {
    return directory.resolve("sent.ndjson");
  }

  private Path receivedFile() {
    return directory.resolve("received.ndjson");
  }

  String playerAddress() {
    return "127.0.0.1:" + player.address().getPort();
  }

  /** Where a browser sees how the relay is. */
  String page() {
    return daemon.page().orElseThrow();
  }

  String backendUrl() {
    return "http://127.0.0.1:" + backendAddress.getPort() + "/pop";
  }

  long sent() {
    return player.stats().sent();
  }

  Totals totals() {
    return ledger.totals();
  }

  /** How many events wait in the relay, by its own count; for the eye only. */
  long waiting() {
    SinkStats stats = daemon.stats().sinks().get(SINK);
    return stats == null ? 0 : stats.waiting();
  }

  /** What the relay finds wrong with the backend, if anything. */
  Optional<String> problem() {
    return Optional.ofNullable(daemon.stats().sinks().get(SINK)).flatMap(SinkStats::problem);
  }

  /** Closes the backend's port. It stays ours, but nobody listens there. */
  synchronized void takeBackendAway() throws IOException {
    backend.close();
    if (!closed) {
      place = SocketChannel.open().setOption(StandardSocketOptions.SO_REUSEADDR, true);
      place.bind(backendAddress);
    }
  }

  /** Opens the same port again, but answers this to everything. */
  synchronized void bringBackendBack(int status) throws IOException {
    if (!closed) {
      place.close();
      backend = ReceivingBackend.open(backendAddress, ledger, BackendListener.NONE);
      backend.failWith(status);
    }
  }

  synchronized void makeBackendWell() {
    backend.failWith(0);
  }

  void playOn() {
    programme.goOn();
  }

  Books books() throws IOException {
    return Books.of(sentFile(), receivedFile(), ledger.totals().repeats());
  }

  /** Ends everything and removes every file. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    daemon.stop();
    player.close();
    try {
      playing.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    backend.close();
    if (place != null) {
      place.close();
    }
    sent.close();
    received.close();
    remove(directory);
  }

  private static void remove(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
