package io.proofofplay.runner.install;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * The least that a relay needs around it. The player plays one event on each connection and is then
 * silent; the backend answers 503 until it is told to be well.
 *
 * <p>Thread-safe.
 */
final class PlayerAndBackend implements AutoCloseable {

  private static final Pattern UUID = Pattern.compile("\"uuid\":\"([^\"]+)\"");
  private static final int UNAVAILABLE = 503;
  private static final int OK = 200;
  private static final AtomicInteger PLAYERS = new AtomicInteger();

  private final ServerSocket player;
  private final HttpServer backend;
  private final AtomicInteger answer = new AtomicInteger(UNAVAILABLE);
  private final AtomicInteger played = new AtomicInteger();

  /** Tells this player's events from those of another. */
  private final int number = PLAYERS.incrementAndGet();

  private final Set<String> received = ConcurrentHashMap.newKeySet();
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  PlayerAndBackend() throws IOException {
    player = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    backend.createContext("/", this::take);
    backend.start();
    Thread thread = new Thread(this::play, "installed-player");
    thread.setDaemon(true);
    thread.start();
  }

  private void play() {
    while (!player.isClosed()) {
      try {
        Socket client = player.accept();
        clients.add(client);
        Thread thread = new Thread(() -> play(client), "installed-player-client");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        if (!player.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void play(Socket client) {
    try (client) {
      client
          .getOutputStream()
          .write("Info Beamer PI 1.0. Select your channel!\n".getBytes(StandardCharsets.US_ASCII));
      int read;
      do {
        read = client.getInputStream().read();
      } while (read >= 0 && read != '\n');
      String event =
          "ok!\n{\"pop\":\"installed\"}\n{\"uuid\":\"%s\",\"ts\":1,\"duration\":1,\"asset\":{}}\n"
              .formatted(uuid(played.getAndIncrement()));
      client.getOutputStream().write(event.getBytes(StandardCharsets.US_ASCII));
      while (read >= 0) {
        read = client.getInputStream().read();
      }
    } catch (IOException e) {
      // The relay is gone.
      clients.remove(client);
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      int status = answer.get();
      if (status == OK) {
        UUID.matcher(body).results().forEach(event -> received.add(event.group(1)));
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  /** The event that this player plays on a connection, and no other. */
  String uuid(int connection) {
    return "%08d-0000-4000-8000-%012d".formatted(number, connection);
  }

  /** From now on the backend takes everything. */
  void beWell() {
    answer.set(OK);
  }

  /** What the backend has taken, by uuid. */
  Set<String> received() {
    return Set.copyOf(received);
  }

  /** A configuration for both, with the spool in this place. */
  String configuration(Path spool) {
    return String.join(
        "\n",
        List.of(
            "spool: {directory: '" + spool + "'}",
            "sources:",
            "  lobby: {type: infobeamer, port: " + player.getLocalPort() + "}",
            "sinks:",
            "  billing:",
            "    type: http",
            "    url: http://127.0.0.1:" + backend.getAddress().getPort() + "/",
            "    proxy: ''",
            "    batch: {minInterval: 100ms}",
            "    retry: {initial: 200ms, max: 1s}",
            ""));
  }

  @Override
  public void close() throws IOException {
    player.close();
    for (Socket client : clients) {
      client.close();
    }
    backend.stop(0);
  }
}
