import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;

/** Receives plays from the relay (body: ndjson) and stores each once. {@code Receive PORT FILE} */
public final class Receive {

  private static final int LARGEST = 4 * 1024 * 1024;
  private static final JsonFactory JSON = new JsonFactory();

  private final String authorization = System.getenv().getOrDefault("POP_AUTHORIZATION", "");
  private final Set<String> seen = new HashSet<>();
  private final FileChannel file;

  /** What to answer. */
  private record Answer(int status, String text) {}

  private Receive(Path path) throws IOException {
    file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    byte[] known = Files.readAllBytes(path);
    int end = known.length;
    while (end > 0 && known[end - 1] != '\n') {
      end--;
    }
    // A line that a crash has torn was never confirmed; it comes again.
    file.truncate(end);
    seen.addAll(events(Arrays.copyOf(known, end)).keySet());
  }

  /** The lines by their keys; throws if one is no event. */
  private static Map<String, byte[]> events(byte[] body) throws IOException {
    Map<String, byte[]> events = new LinkedHashMap<>();
    for (int from = 0, at = 0; at <= body.length; at++) {
      if (at == body.length || body[at] == '\n') {
        if (at > from) {
          byte[] line = Arrays.copyOfRange(body, from, at);
          events.put(key(line), line);
        }
        from = at + 1;
      }
    }
    return events;
  }

  /** A repeat has the same bytes; other bytes under a known uuid are another play. */
  private static String key(byte[] line) throws IOException {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(line);
      return uuid(line) + " " + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String uuid(byte[] line) throws IOException {
    String uuid = "";
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_STRING && name.equals("uuid")) {
          uuid = json.getText();
        }
        json.skipChildren();
      }
    }
    if (uuid.isEmpty()) {
      throw new IOException("no uuid");
    }
    return uuid;
  }

  /** One at a time. A record holds both the event and its key, so the two cannot come apart. */
  private synchronized int store(Map<String, byte[]> events) throws IOException {
    events.keySet().removeAll(seen);
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (byte[] line : events.values()) {
      lines.write(line);
      lines.write('\n');
    }
    long before = file.size();
    try {
      ByteBuffer buffer = ByteBuffer.wrap(lines.toByteArray());
      while (buffer.hasRemaining()) {
        file.write(buffer, before + buffer.position());
      }
      file.force(true);
    } catch (IOException e) {
      file.truncate(before);
      throw e;
    }
    seen.addAll(events.keySet());
    return events.size();
  }

  private Answer take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LARGEST + 1);
    if (body.length > LARGEST) {
      return new Answer(413, "send smaller batches");
    }
    if (!exchange.getRequestMethod().equals("POST")) {
      return new Answer(405, "POST is right");
    }
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    if (!authorization.isEmpty() && !authorization.equals(given)) {
      return new Answer(401, "wrong credentials");
    }
    if (exchange.getRequestHeaders().containsKey("Content-Encoding")) {
      return new Answer(415, "send it uncompressed");
    }
    Map<String, byte[]> events;
    try {
      events = events(body);
    } catch (IOException e) {
      return new Answer(422, "not an event: " + e.getMessage());
    }
    try {
      // Answered only when it is on disk.
      return new Answer(200, "stored " + store(events) + " new events");
    } catch (IOException e) {
      exchange.getResponseHeaders().set("Retry-After", "5");
      return new Answer(503, "cannot store now: " + e.getMessage());
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = take(exchange);
      byte[] text = answer.text().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
      exchange.sendResponseHeaders(answer.status(), text.length);
      exchange.getResponseBody().write(text);
    }
  }

  public static void main(String[] arguments) throws IOException {
    Receive receive = new Receive(Path.of(arguments[1]));
    InetSocketAddress here = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
    HttpServer server = HttpServer.create(here, 50);
    server.createContext("/", receive::handle);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.start();
    System.out.println("receiving at http://127.0.0.1:" + server.getAddress().getPort());
  }
}
