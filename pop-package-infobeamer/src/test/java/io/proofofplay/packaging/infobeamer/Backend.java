package io.proofofplay.packaging.infobeamer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Takes batches and keeps the uuids in the order in which they came, repeats included. */
final class Backend implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A batch that was taken.
   *
   * @param path the address's path
   * @param authorization the header, or {@code null}
   * @param uuids of the events in it
   */
  record Batch(String path, String authorization, List<String> uuids) {}

  private final HttpServer server;
  private final List<Batch> batches = new ArrayList<>();
  private volatile int status = 204;
  private volatile int requests;

  Backend() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    server.createContext("/", this::take);
    server.start();
  }

  private synchronized void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      requests++;
      int answer = status;
      if (answer < 300) {
        List<String> uuids = new ArrayList<>();
        for (JsonNode event : JSON.readTree(body)) {
          uuids.add(event.get("uuid").asText());
        }
        batches.add(
            new Batch(
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders().getFirst("Authorization"),
                uuids));
      }
      exchange.sendResponseHeaders(answer, -1);
    }
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /** Every answer from now on. */
  void answers(int code) {
    status = code;
  }

  int requests() {
    return requests;
  }

  synchronized List<Batch> batches() {
    return List.copyOf(batches);
  }

  List<String> uuids() {
    return batches().stream().flatMap(batch -> batch.uuids().stream()).toList();
  }

  /** Waits until so many events came, repeats included. */
  void awaitEvents(int count, Service service) {
    Await.until(
        count + " events at the backend",
        () -> uuids().size() + " came; " + service.log(),
        () -> uuids().size() >= count || service.hasEnded());
    if (uuids().size() < count) {
      throw new AssertionError("the service ended: " + service.log());
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
