package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The examples of a receiving end store each event once, byte for byte, although answers are lost
 * on the way, requests come again, and the receiver itself is killed in the middle. A language that
 * is not at hand is skipped.
 */
class ReceivingExamplesIT {

  private static final int EVENTS = 600;
  private static final String TOKEN = "Bearer open sesame";

  private static final int MOST_TRIES = 20;

  /** For an answer of a receiver that is there. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Path EXAMPLES = Path.of("..", "examples", "receiving").toAbsolutePath();

  /** Where it listens, as each of them says. */
  private static final Pattern ADDRESS =
      Pattern.compile("http://127\\.0\\.0\\.1:([1-9][0-9]*)[)\\s]");

  private static final String DUMP_OF_PYTHON =
      """
      import sqlite3, sys
      for (event,) in sqlite3.connect(sys.argv[1]).execute('SELECT event FROM plays_by_uuid_and_hash'):
          sys.stdout.buffer.write(event + b'\\n')
      """;

  private static final String DUMP_OF_PHP =
      "foreach ((new PDO('sqlite:' . $argv[1]))->query('SELECT event FROM plays_by_uuid_and_hash') as $row)"
          + " echo $row['event'], \"\\n\";";

  /** A language, and what it takes to run its example. */
  enum Language {
    JAVA,
    PYTHON,
    NODE,
    PHP;

    private List<String> probe() {
      return switch (this) {
        case JAVA -> List.of("java", "-version");
        case PYTHON -> List.of("python3", "-c", "import sqlite3");
        case NODE -> List.of("node", "--version");
        case PHP -> List.of("php", "-r", "new PDO('sqlite::memory:');");
      };
    }

    boolean isAtHand() throws IOException, InterruptedException {
      try {
        return new ProcessBuilder(probe())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor()
            == 0;
      } catch (IOException e) {
        // No such program.
        return false;
      }
    }

    /** On any port that is free. */
    List<String> command(Path store) throws URISyntaxException {
      return switch (this) {
        case JAVA ->
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Path.of(
                        JsonFactory.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString(),
                EXAMPLES.resolve("Receive.java").toString(),
                "0",
                store.toString());
        case PYTHON ->
            List.of("python3", EXAMPLES.resolve("receive.py").toString(), "0", store.toString());
        case NODE ->
            List.of("node", EXAMPLES.resolve("receive.js").toString(), "0", store.toString());
        case PHP -> List.of("php", "-S", "127.0.0.1:0", EXAMPLES.resolve("receive.php").toString());
      };
    }

    /** What is stored, an event a line. */
    List<String> stored(Path store) throws IOException {
      return switch (this) {
        case JAVA, NODE -> Files.readAllLines(store);
        case PYTHON -> lines("python3", "-c", DUMP_OF_PYTHON, store.toString());
        case PHP -> lines("php", "-r", DUMP_OF_PHP, store.toString());
      };
    }

    private static List<String> lines(String... command) throws IOException {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      byte[] out = process.getInputStream().readAllBytes();
      return new String(out, StandardCharsets.UTF_8).lines().toList();
    }
  }

  /** The way to a receiver, on which some requests and some answers are lost. */
  private static final class Way implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile URI receiver;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger confirmed = new AtomicInteger();
    private final AtomicInteger swallowed = new AtomicInteger();

    Way(int port) throws IOException {
      leadTo(port);
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
      server.setExecutor(threads);
      server.createContext("/", this::handle);
      server.start();
    }

    final void leadTo(int port) {
      receiver = URI.create("http://127.0.0.1:" + port + "/pop");
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/pop";
    }

    private void handle(HttpExchange exchange) throws IOException {
      try (exchange) {
        byte[] body = exchange.getRequestBody().readAllBytes();
        int number = requests.incrementAndGet();
        if (number % 5 == 2) {
          exchange.sendResponseHeaders(429, -1);
          return;
        }
        HttpResponse<byte[]> answer =
            client.send(
                HttpRequest.newBuilder(receiver)
                    .timeout(PATIENCE)
                    .header("Authorization", exchange.getRequestHeaders().getFirst("Authorization"))
                    .header("Content-Type", exchange.getRequestHeaders().getFirst("Content-Type"))
                    .POST(BodyPublishers.ofByteArray(body))
                    .build(),
                BodyHandlers.ofByteArray());
        if (number % 5 == 4 && answer.statusCode() == 200) {
          // Stored, and the relay does not learn it.
          swallowed.incrementAndGet();
          return;
        }
        if (answer.statusCode() == 200) {
          confirmed.incrementAndGet();
        }
        exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
        exchange.getResponseBody().write(answer.body());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      // Where the receiver is not there, the connection is closed without a word.
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }

  @TempDir Path directory;
  private final FlowPlayer player = new FlowPlayer();
  private Process receiver;

  @AfterEach
  void close() throws InterruptedException {
    player.close();
    if (receiver != null) {
      receiver.destroyForcibly();
      // Else it may still write into the folder that is about to be removed.
      boolean unused = receiver.waitFor(Await.GENEROUS.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Starts one and says on which port: nobody else can have taken it meanwhile. */
  private int receive(Language language, Path store) throws Exception {
    Path said = Files.createTempFile(directory, "receiver", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(language.command(store))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().put("POP_AUTHORIZATION", TOKEN);
    builder.environment().put("POP_STORE", store.toString());
    receiver = builder.start();
    Await.until(
        "the receiver's address",
        () -> said + ": " + read(said),
        () -> ADDRESS.matcher(read(said)).find());
    Matcher address = ADDRESS.matcher(read(said));
    assertThat(address.find()).isTrue();
    return Integer.parseInt(address.group(1));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void eachEventIsStoredOnceWhateverIsLostOnTheWay(Language language) throws Exception {
    assumeTrue(language.isAtHand(), language + " is not here, or not with what its example needs");
    Path store = directory.resolve("stored");
    int port = receive(language, store);
    try (Way way = new Way(port);
        PackagedPop daemon = start(way.url())) {
      player.play(EVENTS);
      Await.until("some of them", daemon::story, () -> way.confirmed.get() >= 3);
      receiver.destroyForcibly().waitFor();
      port = receive(language, store);
      way.leadTo(port);
      SpoolOnDisk spool = new SpoolOnDisk(directory.resolve("spool"), "billing");
      Ops ops = new Ops(daemon);
      Await.until(
          "everything delivered",
          daemon::story,
          () -> {
            Ops.Account account = ops.account("billing");
            return account.taken() == EVENTS && account.waiting() == 0 && spool.waiting().isEmpty();
          });
      assertThat(daemon.stop().code()).isZero();
      assertThat(spool.deadLetters()).isEmpty();
      assertThat(way.swallowed.get()).as("batches that came again although stored").isPositive();
    }
    assertStored(language.stored(store));
    assertManners(language, port, store);
  }

  /** Real players do it, when their random numbers begin alike after each start. */
  @ParameterizedTest
  @EnumSource(Language.class)
  void twoPlaysUnderOneUuidAreBothStoredAndARepeatOfEitherIsNot(Language language)
      throws Exception {
    assumeTrue(language.isAtHand(), language + " is not here, or not with what its example needs");
    Path store = directory.resolve("stored");
    int port = receive(language, store);
    String one = "{\"uuid\":\"twice\",\"ts\":1774000000}";
    String other = "{\"uuid\":\"twice\",\"ts\":1774086400}";
    String third = "{\"uuid\":\"twice\",\"ts\":1774172800}";
    assertThat(post(port, one + "\n", "Authorization", TOKEN)).isEqualTo(200);
    assertThat(post(port, other + "\n" + one + "\n", "Authorization", TOKEN)).isEqualTo(200);
    assertThat(language.stored(store)).containsExactlyInAnyOrder(one, other);
    // A receiver that was killed knows them again.
    receiver.destroyForcibly().waitFor();
    port = receive(language, store);
    assertThat(post(port, one + "\n" + third + "\n" + other + "\n", "Authorization", TOKEN))
        .isEqualTo(200);
    assertThat(language.stored(store)).containsExactlyInAnyOrder(one, other, third);
  }

  /** As examples made it once; {@code CREATE TABLE IF NOT EXISTS} leaves it as it is. */
  @ParameterizedTest
  @EnumSource(
      value = Language.class,
      names = {"PYTHON", "PHP"})
  void aTableWithAnotherKeyThatIsThereHoldsNothingUp(Language language) throws Exception {
    assumeTrue(language.isAtHand(), language + " is not here, or not with what its example needs");
    Path store = directory.resolve("stored");
    String table = "CREATE TABLE plays (uuid TEXT PRIMARY KEY, event BLOB NOT NULL)";
    assertThat(
            language == Language.PYTHON
                ? Shell.run(
                    "python3",
                    "-c",
                    "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])",
                    store.toString(),
                    table)
                : Shell.run(
                    "php",
                    "-r",
                    "(new PDO('sqlite:' . $argv[1]))->exec($argv[2]);",
                    store.toString(),
                    table))
        .isEmpty();
    int port = receive(language, store);
    String event = "{\"uuid\":\"one\"}";

    assertThat(post(port, event + "\n", "Authorization", TOKEN)).isEqualTo(200);

    assertThat(language.stored(store)).containsExactly(event);
  }

  private static void assertStored(List<String> stored) {
    Set<String> wanted = new HashSet<>();
    for (int number = 0; number < EVENTS; number++) {
      wanted.add(new String(new Play(0, number).bytes(), StandardCharsets.UTF_8));
    }
    List<String> unknown = new ArrayList<>(stored);
    unknown.removeAll(wanted);
    assertThat(unknown).isEmpty();
    assertThat(new HashSet<>(stored)).hasSize(EVENTS);
    assertThat(stored).hasSize(EVENTS);
  }

  /** What it answers to what it must not take, and that it stores nothing of it. */
  private static void assertManners(Language language, int port, Path store) throws Exception {
    String good = "{\"uuid\":\"good\"}\n";
    assertThat(post(port, good, "Authorization", "Bearer guess")).isEqualTo(401);
    assertThat(post(port, good, "Authorization", TOKEN, "Content-Encoding", "gzip")).isEqualTo(415);
    for (String bad : List.of("{\"uuid\":\"\"}", "{\"uuid\":7}", "{}", "[1]", "7", "{\"uuid\":")) {
      assertThat(post(port, good + bad + "\n", "Authorization", TOKEN)).as(bad).isEqualTo(422);
    }
    assertThat(language.stored(store)).hasSize(EVENTS);
    String large = "{\"uuid\":\"large\",\"a\":\"" + "x".repeat(5 << 20) + "\"}\n";
    assertThat(postLarge(port, large)).isEqualTo(413);
    assertThat(post(port, good + good, "Authorization", TOKEN)).isEqualTo(200);
    assertThat(post(port, good, "Authorization", TOKEN)).isEqualTo(200);
    assertThat(language.stored(store)).hasSize(EVENTS + 1);
  }

  /**
   * Who refuses a body before its end may close the connection while the rest is on its way, and
   * the answer is lost with it. So it is tried again, as a relay does.
   */
  private static int postLarge(int port, String body) throws Exception {
    for (int tries = 1; ; tries++) {
      try {
        return post(port, body, "Authorization", TOKEN);
      } catch (IOException e) {
        if (tries == MOST_TRIES) {
          throw e;
        }
      }
    }
  }

  private static int post(int port, String body, String... headers) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/pop"))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(PATIENCE)
                .headers(headers)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  private PackagedPop start(String url) throws IOException {
    return PackagedPop.run(
        directory,
        Ops.LISTEN
            + """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          billing:
            type: http
            url: %s
            authorization: %s
            body: ndjson
            batch: {maxEvents: 50, minInterval: 20ms}
            retry: {initial: 20ms, max: 200ms}
        """
                .formatted(player.port(), url, TOKEN));
  }
}
