package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A canary in every secret, all logs on, and destinations that fail and repeat what they were sent:
 * it is seen by them, and nowhere else.
 */
class SecretsIT {

  private static final String CANARY = "c4n4ry";
  private static final String BASIC = base64("relay:" + CANARY + "-basic");
  private static final String PROXY = base64("relay:" + CANARY + "-proxy");

  /** What gives a secret away: itself, and the spelling in which a header carries it. */
  private static final List<String> TRACES =
      List.of(CANARY, base64(CANARY), BASIC.substring(8), PROXY.substring(8));

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "SECRET",
          "Bearer " + CANARY + "-env",
          "POP_LOG",
          "trace",
          // The machine's own way out is nothing that these destinations need.
          "http_proxy",
          "",
          "https_proxy",
          "",
          // No name is to be found here, and that soon.
          "RES_OPTIONS",
          "timeout:1 attempts:1");

  private static final Pattern OPS = Pattern.compile("ops: listens on 127\\.0\\.0\\.1:(\\d+)");

  /**
   * Its sinks' names are words of their own, to be found in the log. A check waits in vain for a
   * player that serves the daemon, and not long.
   */
  private static final String CONFIGURATION =
      """
      sources:
        lobby: {type: infobeamer, port: %1$d, headerTimeout: 2s}
      sinks:
        unknown: {type: http, url: "http://127.0.0.1:%2$d/401?token=c4n4ry-query", authorization: "${env:SECRET}", %3$s}
        moved: {type: http, url: "http://127.0.0.1:%2$d/302", authorization: "${file:token}", %3$s}
        broken: {type: http, url: "http://127.0.0.1:%2$d/500", authorization: "Basic %4$s", headers: {X-Api-Key: c4n4ry-header}, %3$s}
        refusing: {type: http, url: "http://127.0.0.1:%2$d/422", authorization: "${env:SECRET}", headers: {X-Api-Key: c4n4ry-header}, %3$s}
        guarded: {type: http, url: "http://backend.invalid/407", proxy: "http://relay:c4n4ry-proxy@127.0.0.1:%2$d", authorization: "${env:SECRET}", %3$s}
        tunnelled: {type: http, url: "https://backend.invalid/407", proxy: "http://relay:c4n4ry-proxy@127.0.0.1:%2$d", authorization: "${env:SECRET}", %3$s}
        plain: {type: http, url: "https://127.0.0.1:%2$d/tls?token=c4n4ry-query", authorization: "${env:SECRET}", %3$s}
        nameless: {type: http, url: "http://no-such-host.invalid/?token=c4n4ry-query", authorization: "${env:SECRET}", %3$s}
      ops: {listen: "127.0.0.1:0", token: c4n4ry-ops}
      """;

  private static final String QUICK =
      "batch: {maxEvents: 20, minInterval: 20ms}, retry: {initial: 20ms, max: 300ms},"
          // One of the destinations speaks no TLS and leaves a handshake unanswered.
          + " connectTimeout: 2s, timeout: 3s";

  private static final List<String> SINKS =
      List.of(
          "unknown", "moved", "broken", "refusing", "guarded", "tunnelled", "plain", "nameless");

  /** Everything that is wrong here stands around a secret. */
  private static final String WRONG =
      """
      sources:
        lobby: {type: infobeamer, maxLineBytes: "${env:SECRET}"}
      sinks:
        a: {type: http, url: "http://relay:c4n4ry-user@127.0.0.1/pop"}
        b: {type: http, url: "ht tp://relay:c4n4ry-user@127.0.0.1/pop", authorization: [c4n4ry-list]}
        c: {type: http, url: "http://127.0.0.1/", authorization: "c4n4ry\\nX: y", headers: {"X Y": c4n4ry-header}}
        d: {type: http, url: "http://127.0.0.1/", proxy: "ftp://relay:c4n4ry-proxy@127.0.0.1:1", timeout: "${file:token}"}
        e: {type: http, url: "http://127.0.0.1/${env:SECRET}/ /", authorizaton: c4n4ry-typo}
        f: {type: http, url: "http://127.0.0.1/", authorization: {token: c4n4ry-section}, batch: {maxBytes: "${env:SECRET}"}}
        g: {type: http, url: "http://127.0.0.1/", authorization: "${env:NOTHING} c4n4ry-beside"}
      ops: {listen: "${env:SECRET}", token: [c4n4ry-ops]}
      """;

  private static final String TORN =
      "sinks:\n  a: {type: http, authorization: 'c4n4ry-torn\n  b: \"c4n4ry-torn\n";

  private final FlowPlayer player = new FlowPlayer();
  private final Queue<String> received = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer echo;

  @TempDir Path directory;

  @BeforeEach
  void open() throws IOException {
    echo = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    echo.setExecutor(threads);
    echo.createContext("/", this::repeat);
    echo.start();
    Files.writeString(directory.resolve("token"), "Bearer " + CANARY + "-file\n");
  }

  @AfterEach
  void close() {
    player.close();
    echo.stop(0);
    threads.shutdownNow();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Answers with the status that the path names, and with everything that came. */
  private void repeat(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      StringBuilder all =
          new StringBuilder(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n");
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> all.append(name).append(": ").append(values).append('\n'));
      received.add(all.toString());
      Matcher status = Pattern.compile("/(\\d{3})$").matcher(exchange.getRequestURI().getPath());
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      exchange
          .getResponseHeaders()
          .set(
              "Location",
              ("http://u:" + authorization + "@x/?t=" + authorization).replace(' ', '+'));
      exchange.getResponseHeaders().set("X-Debug", all.toString().replace('\n', ' '));
      byte[] body = all.toString().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(
          status.find() ? Integer.parseInt(status.group(1)) : 407, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Test
  void aCanaryInEverySecretIsSeenByTheDestinationsAlone() throws Exception {
    Files.writeString(
        directory.resolve("pop.yaml"),
        CONFIGURATION.formatted(player.port(), echo.getAddress().getPort(), QUICK, BASIC));
    SpoolOnDisk refusing = new SpoolOnDisk(directory.resolve("spool"), "refusing");
    int dead;
    try (PackagedPop daemon = PackagedPop.start(directory, ENVIRONMENT, "run")) {
      player.play(20);
      for (String sink : SINKS) {
        daemon.awaitLog("sink " + sink + ":");
      }
      Await.until("dead letters", daemon::story, () -> !refusing.deadLetters().isEmpty());
      // That it is not seen would prove nothing of a secret that was never sent.
      for (String sent : List.of("-env", "-file", "-query", "-header", BASIC, PROXY)) {
        Await.until(
            sent + " to be sent",
            daemon::story,
            () -> received.stream().anyMatch(request -> request.contains(sent)));
      }
      Matcher ops = OPS.matcher(daemon.err());
      assertThat(ops.find()).isTrue();
      URI uri = URI.create("http://127.0.0.1:" + ops.group(1));
      assertThat(get(uri, "/status", CANARY + "-ops")).startsWith("200").contains("\"refusing\"");
      assertThat(get(uri, "/metrics", CANARY + "-ops")).startsWith("200").contains("pop_events");
      assertThat(get(uri, "/status", CANARY + "-wrong")).startsWith("401");
      daemon.dump();
      hidesIn("the command line", Files.readString(Path.of("/proc/" + daemon.pid() + "/cmdline")));

      assertThat(pop("check").code()).isEqualTo(1);
      dead = refusing.deadLetters().size();
      assertThat(daemon.stop().code()).isZero();
    }
    assertThat(pop("check", "--send").code()).isEqualTo(1);
    assertThat(refusing.deadLetters())
        .allSatisfy(letter -> assertThat(letter.get("answer")).contains("***"));

    looked("aCanaryInEverySecretIsSeenByTheDestinationsAlone", received.size(), dead);
  }

  @Test
  void aWrongConfigurationIsToldWithoutTheSecretsInIt() throws Exception {
    Files.writeString(directory.resolve("wrong.yaml"), WRONG);
    Files.writeString(directory.resolve("torn.yaml"), TORN);
    PackagedPop.End torn = pop("run", "--config", "torn.yaml");
    assertThat(torn.code()).as(torn.err()).isEqualTo(78);
    PackagedPop.End check = pop("check", "--config", "wrong.yaml");
    assertThat(check.code()).as(check.err()).isEqualTo(78);
    PackagedPop.End run = pop("run", "--config", "wrong.yaml");
    assertThat(run.code()).as(run.err()).isEqualTo(78);
    // All of them are told, so that each had its chance to tell too much.
    for (String key :
        List.of("sinks.a.url", "sinks.b", "sinks.c", "sinks.d", "sinks.e", "sinks.f", "sinks.g")) {
      assertThat(run.err()).contains(key);
    }

    looked("aWrongConfigurationIsToldWithoutTheSecretsInIt", 3, 0);
  }

  /** Every file that the program has made: its output, its log, its spools and all beside them. */
  private void looked(String test, int faults, int dead) throws IOException {
    try (TallyRun run = TallyRun.of("SecretsIT." + test, "canary in all secrets")) {
      run.rounds(look(), faults);
      run.events(dead, 0, 0);
      run.held();
    }
  }

  private int look() throws IOException {
    int files = 0;
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".yaml") && !name.equals("token")) {
          hidesIn(name, Files.readString(file, StandardCharsets.ISO_8859_1));
          files++;
        }
      }
    }
    assertThat(files).isGreaterThan(2);
    return files;
  }

  private static void hidesIn(String name, String text) {
    for (String trace : TRACES) {
      int at = text.indexOf(trace);
      if (at >= 0) {
        throw new AssertionError(
            name
                + " shows "
                + trace
                + ": "
                + text.substring(Math.max(0, at - 200), Math.min(text.length(), at + 60)));
      }
    }
  }

  private static String get(URI uri, String path, String token) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(uri.resolve(path))
                    .header("Authorization", "Bearer " + token)
                    .timeout(Await.GENEROUS)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    String all = response.statusCode() + " " + response.headers().map() + response.body();
    hidesIn(path, all);
    return all;
  }

  private PackagedPop.End pop(String... arguments) throws IOException {
    try (PackagedPop process = PackagedPop.start(directory, ENVIRONMENT, arguments)) {
      return process.end();
    }
  }
}
