package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.Secret;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.sink.http.HttpSinkConfig.Tls;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.RogueServer.Stage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * With every log of the whole process at its finest, including HttpClient's, what is secret shows
 * up nowhere: not in a log, a verdict, an exception with its causes, a thread's name or a toString.
 */
final class CanaryTest {

  private static final String TOKEN = "c4nary/token+of \"us\"&<you>";
  private static final String PASSWORD = "c4nary%password";
  private static final String KEY = "c4nary-key-in-a-header";
  private static final String QUERY = "c4nary-in-the-query";
  private static final List<String> ALL = List.of(TOKEN, PASSWORD, KEY, QUERY);

  private static final TestAuthority AUTHORITY = new TestAuthority("Test Authority");

  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Pattern HEX = Pattern.compile("%[0-9A-F]{2}");

  @TempDir private Path folder;

  /** Keeps all that is logged anywhere, with parameters and stack traces. */
  private static final class Everything extends Handler {

    private final StringBuilder text = new StringBuilder();

    @Override
    public synchronized void publish(LogRecord entry) {
      if (entry.getLoggerName().startsWith("org.junit")) {
        return;
      }
      text.append(entry.getLoggerName()).append(' ').append(entry.getMessage()).append(' ');
      text.append(Arrays.toString(entry.getParameters())).append('\n');
      text.append(Thread.currentThread().getName()).append('\n');
      if (entry.getThrown() != null) {
        text.append(trace(entry.getThrown()));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private final Everything logged = new Everything();
  private final Logger root = Logger.getLogger("");
  private Level before;
  private List<Handler> handlers;

  @BeforeEach
  void logEverything() {
    logged.setLevel(Level.ALL);
    before = root.getLevel();
    handlers = List.of(root.getHandlers());
    handlers.forEach(root::removeHandler);
    root.addHandler(logged);
    root.setLevel(Level.ALL);
  }

  @AfterEach
  void logAsBefore() {
    root.setLevel(before);
    root.removeHandler(logged);
    handlers.forEach(root::addHandler);
  }

  private static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** Every spelling in which a debug page, a log or a gateway repeats something. */
  private static Set<String> spellings(String secret) {
    Set<String> all = new TreeSet<>();
    all.add(secret);
    all.add(secret.replace("/", "\\/"));
    all.add(secret.replace("\"", "\\\""));
    all.add(
        secret
            .replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;"));
    String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    all.add(form);
    all.add(form.replace("+", "%20"));
    all.add(HEX.matcher(form).replaceAll(hex -> hex.group().toLowerCase(Locale.ROOT)));
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    all.add(Base64.getEncoder().encodeToString(bytes));
    all.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    return all;
  }

  private static String everySpelling() {
    String pair = "player:" + PASSWORD;
    return Stream.concat(ALL.stream(), Stream.of("Bearer " + TOKEN, pair))
        .flatMap(secret -> spellings(secret).stream())
        .collect(Collectors.joining(" "));
  }

  /** No spelling of a secret, however it is mixed into a text, and no long piece of one. */
  private static void assertSilent(String where, String text) {
    assertThat(around(text)).as(where).isEmpty();
    for (String secret : List.of(TOKEN, PASSWORD, KEY, QUERY, "player:" + PASSWORD)) {
      byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
      assertThat(text)
          .as(where)
          .doesNotContain(Base64.getEncoder().withoutPadding().encodeToString(bytes))
          .doesNotContain(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }
  }

  /** Where a secret stands, with a little of what is around it: a whole log would hide it. */
  private static List<String> around(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> found = new ArrayList<>();
    for (int at = lower.indexOf("c4nary"); at >= 0; at = lower.indexOf("c4nary", at + 1)) {
      found.add(text.substring(Math.max(0, at - 80), Math.min(text.length(), at + 60)));
    }
    return found;
  }

  private HttpSinkConfig config(URI server) {
    return withoutPassword(server)
        .withHeader("X-Pair", "player:" + PASSWORD)
        .withHeader("X-Password", PASSWORD);
  }

  private HttpSinkConfig withoutPassword(URI server) {
    HttpSinkConfig config =
        HttpSinkConfig.to(URI.create(server + "/pop?key=" + QUERY + "&a=1"))
            .withAuthorization(Secret.of("Bearer " + TOKEN))
            .withHeader("X-Api-Key", KEY);
    return server.getScheme().equals("https")
        ? config.withTls(new Tls(AUTHORITY.writeCertificate(folder.resolve("ca.pem")), null, null))
        : config;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Answer echo(int status, Request request) {
    String headers =
        request.headers().stream()
            .map(header -> header.getKey() + ": " + header.getValue())
            .collect(Collectors.joining("\n"));
    return Answer.of(status, request.line() + "\n" + everySpelling() + "\n" + headers);
  }

  static Stream<Answer> failures() {
    String spelled = everySpelling();
    List<Answer> all = new ArrayList<>();
    for (Stage stage : Stage.values()) {
      all.add(Answer.of(200, "taken").with(Fault.RESET, stage));
    }
    all.add(Answer.of(200, "taken").with(Fault.HANG, Stage.REQUEST));
    all.add(Answer.of(200, spelled).with(Fault.CLOSE, Stage.ANSWER_BODY));
    for (int status : new int[] {200, 302, 401, 403, 407, 413, 422, 500, 503}) {
      all.add(Answer.of(status, spelled));
      all.add(Answer.of(status).withHeader("Retry-After", TOKEN).withHeader("X", spelled));
      all.add(Answer.of(status).withHeader("Content-Type", TOKEN));
    }
    // An echo that the backend itself has cut off.
    all.add(Answer.of(422, "your header was Bearer " + TOKEN.substring(0, 15)));
    // In the status line, cut off in the middle, where no status is, in chunks, in trailers.
    all.add(Answer.raw("HTTP/1.1 401 " + spelled + "\r\n\r\n"));
    all.add(Answer.raw("HTTP/1.1 " + TOKEN + "\r\n\r\n"));
    all.add(Answer.raw(TOKEN + "\r\n\r\n"));
    all.add(Answer.raw(spelled.repeat(20)));
    all.add(Answer.raw("HTTP/1.1 200 OK\r\n" + TOKEN + "\r\n\r\n"));
    all.add(Answer.raw("HTTP/1.1 200 OK\r\nContent-Length: " + KEY + "\r\n\r\n"));
    all.add(Answer.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + KEY + "\r\n\r\n"));
    all.add(Answer.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + KEY + "\r\n"));
    for (String place :
        List.of(
            "http://u:" + encoded(PASSWORD) + "@x/?t=" + encoded(TOKEN),
            "http://x/" + encoded(TOKEN),
            "http://x/" + "y".repeat(180) + KEY + "/" + QUERY,
            "/login/" + QUERY,
            "::" + TOKEN,
            KEY)) {
      all.add(Answer.of(302).withHeader("Location", place));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("failures")
  void noFailureOfABackendShowsASecret(Answer answer) throws Exception {
    try (RogueServer server = RogueServer.start(answer)) {
      assertNothingShown(config(server.uri()), server);
    }
  }

  @ParameterizedTest
  @MethodSource("failures")
  void noFailureBehindAProxyShowsASecret(Answer answer) throws Exception {
    try (RogueServer proxy = RogueServer.start(answer)) {
      // The password is the proxy's alone: nothing else may be why it is hidden.
      HttpSinkConfig config =
          withoutPassword(URI.create("http://backend.behind.invalid"))
              .withProxy(
                  URI.create("http://player:" + encoded(PASSWORD) + "@127.0.0.1:" + proxy.port()));
      assertNothingShown(config, proxy);
      proxy.script(answer);
      HttpSinkConfig tunnelled =
          withoutPassword(URI.create("https://backend.behind.invalid")).withProxy(config.proxy());
      assertNothingShown(tunnelled, null);
    }
  }

  static Stream<Answer> failuresUnderTls() {
    // Bytes on the wire come the same way there; what differs is where they break off.
    return failures().limit(Stage.values().length + 5);
  }

  @ParameterizedTest
  @MethodSource("failuresUnderTls")
  void noFailureUnderTlsShowsASecret(Answer answer) throws Exception {
    try (RogueServer server =
        RogueServer.startTls(AUTHORITY.server(AUTHORITY.issue("backend")), false, answer)) {
      assertNothingShown(config(server.uri()), server);
    }
  }

  /** That it is sent is what makes that it is not seen worth something. */
  private void assertNothingShown(HttpSinkConfig config, RogueServer reached) throws Exception {
    StringBuilder seen = new StringBuilder();
    try (HttpSubmitter submitter = Post.with(config, TimeSource.system(), Map.of(), seen::append)) {
      SubmitResult result = submitter.submit(Post.batch(2), Post.attempt(SHORT));
      seen.append(result).append(result.reason()).append('\n');
      submitter.refresh();
      seen.append(submitter).append(config).append(config.tls());
    }
    assertThat(logged.text.toString()).contains("org.apache.hc.client5");
    assertSilent("logs", logged.text.toString());
    assertSilent("verdicts", seen.toString());
    if (reached != null) {
      assertThat(reached.requests())
          .filteredOn(Request::complete)
          .allSatisfy(
              request -> {
                assertThat(request.line()).contains(QUERY);
                assertThat(request.header("Authorization")).contains("Bearer " + TOKEN);
                assertThat(request.header("X-Api-Key")).contains(KEY);
              });
    }
  }

  @Test
  void whatABackendEchoesOfARequestIsHidden() throws Exception {
    for (int status : new int[] {200, 422, 500}) {
      try (RogueServer server = RogueServer.deciding(request -> echo(status, request))) {
        assertNothingShown(config(server.uri()), server);
      }
    }
  }

  @Test
  void noFailureToConnectShowsASecret() throws Exception {
    try (RogueServer away = RogueServer.start()) {
      away.goAway();
      assertNothingShown(config(away.uri()), null);
    }
    Path other = new TestAuthority("Other").writeCertificate(folder.resolve("other.pem"));
    try (RogueServer server =
        RogueServer.startTls(AUTHORITY.server(AUTHORITY.issue("old", -9, -1, "x")), false)) {
      assertNothingShown(config(server.uri()), null);
      assertNothingShown(config(server.uri()).withTls(new Tls(other, null, null)), null);
      URI plain = URI.create("http://127.0.0.1:" + server.port());
      assertNothingShown(config(plain), null);
    }
  }

  @Test
  void noSettingThatIsRefusedShowsASecret() {
    HttpSinkConfig good = config(URI.create("https://example.org"));
    for (HttpSinkConfig bad :
        List.of(
            HttpSinkConfig.to(URI.create("https://u:c4nary@example.org/?k=c4nary")),
            HttpSinkConfig.to(URI.create("https://u:c4nary@bücher.example/?k=c4nary")),
            HttpSinkConfig.to(URI.create("ftp://u:c4nary@example.org/?k=c4nary")),
            good.withAuthorization(Secret.of("c4nary\n")),
            good.withHeader("X-A", "c4nary\r\nX"),
            good.withProxy(URI.create("socks5://u:c4nary@p:1")),
            good.withProxy(URI.create("http://u:c4nary@bücher.example:1")),
            good.withProxy(URI.create("http://u:c4nary@my_host:1")))) {
      assertSilent("toString", bad.toString());
      assertThatThrownBy(() -> Post.with(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .satisfies(thrown -> assertSilent("refusal", trace(thrown)));
    }
    for (String value : List.of("socks5://u:c4nary@p:1", "http://u:c4nary@p q", "u:c4nary@p:0")) {
      assertThatThrownBy(
              () ->
                  Post.with(good, TimeSource.system(), Map.of("https_proxy", value), notice -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .satisfies(thrown -> assertSilent(value, trace(thrown)));
    }
  }
}
