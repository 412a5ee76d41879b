package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.sink.http.HttpSinkConfig.Tls;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.RogueServer.Stage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Through a proxy, by the settings or by the environment. */
final class ProxyTest {

  private static final TestAuthority AUTHORITY = new TestAuthority("Test Authority");

  /** A name that no name service knows: whoever reaches it did so through the proxy. */
  private static final String BEHIND = "backend.behind.invalid";

  private final RogueServer proxy =
      RogueServer.startProxy(AUTHORITY.server(AUTHORITY.issue("b", -1, 9, BEHIND)));

  @TempDir private Path folder;

  @AfterEach
  void close() {
    proxy.close();
  }

  private HttpSinkConfig plain() {
    return HttpSinkConfig.to(URI.create("http://" + BEHIND + "/pop?k=1"));
  }

  private HttpSinkConfig secure() {
    Path ca = AUTHORITY.writeCertificate(folder.resolve("ca.pem"));
    return HttpSinkConfig.to(URI.create("https://" + BEHIND + ":8443/pop"))
        .withTls(new Tls(ca, null, null));
  }

  private URI address() {
    return proxy.uri();
  }

  private URI addressWithUser() {
    return URI.create("http://pl%40yer:open-sesame@127.0.0.1:" + proxy.port());
  }

  @Test
  void aPlainRequestGoesToTheProxyWithItsWholeUrl() throws Exception {
    assertThat(Post.once(plain().withProxy(address()))).isInstanceOf(Delivered.class);
    Request request = proxy.requests().get(0);
    assertThat(request.line()).isEqualTo("POST http://" + BEHIND + "/pop?k=1 HTTP/1.1");
    assertThat(request.header("Host")).contains(BEHIND);
    assertThat(request.header("Proxy-Authorization")).isEmpty();
  }

  @Test
  void aPlainRequestShowsTheProxyItsCredentials() throws Exception {
    assertThat(Post.once(plain().withProxy(addressWithUser()))).isInstanceOf(Delivered.class);
    // "pl@yer:open-sesame"
    assertThat(proxy.requests().get(0).header("Proxy-Authorization"))
        .contains("Basic cGxAeWVyOm9wZW4tc2VzYW1l");
  }

  @Test
  void aSecureRequestGoesThroughATunnelThatStays() throws Exception {
    try (HttpSubmitter submitter = Post.with(secure().withProxy(addressWithUser()))) {
      for (int i = 0; i < 5; i++) {
        assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
    List<Request> requests = proxy.requests();
    assertThat(proxy.connections()).isEqualTo(1);
    assertThat(requests).hasSize(6);
    assertThat(requests.get(0).line()).isEqualTo("CONNECT " + BEHIND + ":8443 HTTP/1.1");
    assertThat(requests.get(0).header("Proxy-Authorization"))
        .contains("Basic cGxAeWVyOm9wZW4tc2VzYW1l");
    assertThat(requests.get(0).header("User-Agent")).contains("pop-relay/1.2.3");
    assertThat(requests.get(1).line()).isEqualTo("POST /pop HTTP/1.1");
    assertThat(requests.get(1).header("Proxy-Authorization")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 403, 404, 407, 413, 422})
  void aProxyThatMakesNoTunnelIsHeldWhateverItAnswers(int status) throws Exception {
    proxy.script(Answer.of(status, "no").withHeader("Proxy-Authenticate", "Basic realm=\"x\""));
    SubmitResult result = Post.once(secure().withProxy(addressWithUser()));
    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.reason().status()).isEqualTo(status);
    assertThat(result.reason().text())
        .startsWith("https://" + BEHIND + ":8443/pop: the proxy http://127.0.0.1:" + proxy.port())
        .doesNotContain("sesame");
    assertThat(proxy.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void aProxyThatDoesNotReachTheBackendIsLater(int status) throws Exception {
    proxy.script(Answer.of(status).withHeader("Retry-After", "7"));
    SubmitResult result = Post.once(secure().withProxy(address()));
    assertThat(result).isInstanceOf(Later.class);
    assertThat(((Later) result).doubt()).isEqualTo(Doubt.NONE);
    assertThat(((Later) result).notBefore()).contains(Duration.ofSeconds(7));
  }

  private String name() {
    return "the proxy http://127.0.0.1:" + proxy.port();
  }

  /** Without and with credentials, for a plain request and for a tunnel. */
  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void aProxyThatWantsCredentialsIsHeldAndSaysWhatIsMissing(boolean secure, boolean shown)
      throws Exception {
    proxy.script(Answer.of(407).withHeader("Proxy-Authenticate", "Basic realm=\"x\""));
    HttpSinkConfig config = secure ? secure() : plain();

    SubmitResult result = Post.once(config.withProxy(shown ? addressWithUser() : address()));

    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.reason().status()).isEqualTo(407);
    assertThat(result.reason().text())
        .contains(
            name()
                + (shown
                    ? " does not accept the user and password in proxy"
                    : " wants user and password; put them into proxy"))
        .doesNotContain("sesame")
        .doesNotContain("pl@yer");
    assertThat(proxy.requests()).hasSize(1);
    assertThat(proxy.requests().get(0).header("Proxy-Authorization").isPresent()).isEqualTo(shown);
  }

  private URI addressWithPassword(String password) {
    return URI.create("http://relay:" + password + "@127.0.0.1:" + proxy.port());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRenewedPasswordIsShownToTheProxyAfterA407(boolean secure) throws Exception {
    proxy.script(Answer.of(407), Answer.of(200));
    Renewable<URI> way =
        Renewable.from(addressWithPassword("old"), () -> addressWithPassword("new"));
    try (HttpSubmitter submitter = Post.with((secure ? secure() : plain()).withProxy(way))) {
      assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Held.class);
      submitter.refresh();
      assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Delivered.class);
    }
    // "relay:old" and "relay:new"
    assertThat(proxy.requests())
        .filteredOn(request -> secure == request.line().startsWith("CONNECT "))
        .extracting(request -> request.header("Proxy-Authorization").orElse(""))
        .containsExactly("Basic cmVsYXk6b2xk", "Basic cmVsYXk6bmV3");
  }

  @Test
  void aRenewedProxyIsAnotherWay() throws Exception {
    proxy.script(Answer.of(407));
    try (RogueServer other = RogueServer.start();
        HttpSubmitter submitter =
            Post.with(plain().withProxy(Renewable.from(address(), other::uri)))) {
      assertThat(submitter.submit(Post.batch(2), Post.attempt()).reason().text()).contains(name());
      submitter.refresh();
      assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Delivered.class);
      other.script(Answer.of(407));
      assertThat(submitter.submit(Post.batch(2), Post.attempt()).reason().text())
          .contains("the proxy http://127.0.0.1:" + other.port() + " wants user and password");
      assertThat(other.requests().get(0).line()).startsWith("POST http://" + BEHIND);
    }
    assertThat(proxy.requests()).hasSize(1);
  }

  /** Its file may have been read while it was being written: no refusal would come of it, ever. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRenewedProxyThatLeadsNowhereIsReadAgainAfterTheFailure(boolean isThere) throws Exception {
    try (RogueServer other = RogueServer.start(Answer.failing(Fault.CLOSE, Stage.ACCEPTED))) {
      if (!isThere) {
        other.goAway();
      }
      Iterator<URI> place = List.of(other.uri(), address()).iterator();
      try (HttpSubmitter submitter =
          Post.with(plain().withProxy(Renewable.from(address(), place::next)))) {
        submitter.refresh();
        SubmitResult lost = submitter.submit(Post.batch(2), Post.attempt());
        assertThat(lost).isInstanceOf(Later.class);
        assertThat(lost.reason().text()).contains("the proxy http://127.0.0.1:" + other.port());
        assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
    assertThat(proxy.requests()).hasSize(1);
  }

  @Test
  void aProxyThatIsReadSlowlyLeavesTheAttemptItsTime() throws Exception {
    ManualTime time = ManualTime.standing();
    try (RogueServer other = RogueServer.start()) {
      URI gone = other.uri();
      other.goAway();
      Renewable<URI> way =
          Renewable.from(
              gone,
              () -> {
                time.advance(Duration.ofHours(1));
                return address();
              });
      try (HttpSubmitter submitter = Post.with(plain().withProxy(way), time)) {
        assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Later.class);
        assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
  }

  @Test
  void aProxyThatIsNotThereAndCannotBeReadAgainIsSaid() throws Exception {
    proxy.goAway();
    Renewable<URI> way =
        Renewable.from(
            addressWithUser(),
            () -> {
              throw new IllegalStateException("the file way does not exist");
            });
    try (HttpSubmitter submitter = Post.with(plain().withProxy(way))) {
      assertThat(submitter.submit(Post.batch(2), Post.attempt()).reason().text())
          .doesNotContain("the file way");
      SubmitResult result = submitter.submit(Post.batch(2), Post.attempt());
      assertThat(result).isInstanceOf(Later.class);
      assertThat(result.reason().text())
          .contains("refuses connections")
          .endsWith(
              "; proxy could not be read again and is as before: the file way does not exist");
    }
  }

  /** A backend that is away for days must not have a file read at every attempt. */
  @Test
  void aProxyThatPassesAnAnswerOnIsNotReadAgain() throws Exception {
    proxy.script(Answer.of(503), Answer.of(502));
    Iterator<URI> none = List.<URI>of().iterator();
    Renewable<URI> way = Renewable.from(address(), none::next);
    try (HttpSubmitter submitter = Post.with(plain().withProxy(way))) {
      assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Later.class);
      assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Later.class);
    }
    assertThat(way.unread()).isEmpty();
  }

  @Test
  void aRenewedProxyThatIsNoneIsHeldUntilItIsOneAgain() throws Exception {
    Iterator<URI> place =
        List.of(URI.create("ftp://relay:sesame@127.0.0.1:1"), addressWithPassword("new"))
            .iterator();
    try (HttpSubmitter submitter =
        Post.with(plain().withProxy(Renewable.from(addressWithPassword("old"), place::next)))) {
      submitter.refresh();
      SubmitResult result = submitter.submit(Post.batch(2), Post.attempt());
      assertThat(result).isInstanceOf(Held.class);
      assertThat(result.reason().text())
          .contains("nothing was sent, for proxy \"ftp://127.0.0.1:1\" is no http:// URL")
          .doesNotContain("sesame");
      assertThat(proxy.connections()).isZero();
      submitter.refresh();
      assertThat(submitter.submit(Post.batch(2), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  @Test
  void a407WithoutAProxyIsHeldAndSaysThatThereIsOne() throws Exception {
    try (RogueServer direct = RogueServer.start(Answer.of(407))) {
      SubmitResult result = Post.once(Post.to(direct.uri()));
      assertThat(result).isInstanceOf(Held.class);
      assertThat(result.reason().text()).contains("name that proxy in proxy");
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of(Fault.HANG, Fault.RESET, Fault.CLOSE)
        .flatMap(
            fault ->
                Stream.of(Stage.ACCEPTED, Stage.REQUEST_LINE, Stage.REQUEST, Stage.ANSWER_STARTED)
                    .flatMap(
                        stage ->
                            Stream.of(
                                Arguments.of(fault, stage, false),
                                Arguments.of(fault, stage, true))));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aProxyThatHangsOrBreaksOffIsLaterAndNamed(Fault fault, Stage stage, boolean secure)
      throws Exception {
    proxy.script(Answer.failing(fault, stage));
    HttpSinkConfig config = secure ? secure() : plain();
    Duration timeout = fault == Fault.HANG ? Duration.ofMillis(250) : Post.AMPLE;

    SubmitResult result;
    try (HttpSubmitter submitter = Post.with(config.withProxy(addressWithUser()))) {
      long start = System.nanoTime();
      result = submitter.submit(Post.batch(3), Post.attempt(timeout));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(timeout.multipliedBy(20));
    }
    assertThat(result).isInstanceOf(Later.class);
    if (secure) {
      assertThat(((Later) result).doubt()).isEqualTo(Doubt.NONE);
    }
    assertThat(result.reason().text()).contains(name()).doesNotContain("sesame");
  }

  /** HttpClient would take each of these for the backend's answer, the 2xx for a confirmation. */
  @ParameterizedTest
  @ValueSource(ints = {201, 202, 203, 204, 205, 206, 299, 300, 302, 304})
  void whatIsNo200IsNoTunnelAndNotTheBackendsAnswer(int status) throws Exception {
    proxy.script(
        Answer.of(status).withHeader("Location", "http://portal.example/?t=sesame"),
        Answer.of(200));
    SubmitResult result = Post.once(secure().withProxy(addressWithUser()));
    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.reason().text())
        .contains(name() + " answered " + status)
        .contains("to CONNECT; it must allow https://" + BEHIND)
        .doesNotContain("sesame");
    assertThat(proxy.requests()).hasSize(1);
  }

  /** It would be read in the tunnel, as if the backend had said it under TLS. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "<html>please log in</html>",
        "\u0000",
      })
  void whatAProxySaysBehindItsTunnelIsNeverTheBackendsAnswer(String more) throws Exception {
    proxy.script(Answer.raw("HTTP/1.1 200 OK\r\n\r\n" + more).with(Fault.NONE, Stage.ANSWERED));
    SubmitResult result = Post.once(secure().withProxy(addressWithUser()));
    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.reason().text())
        .contains(name() + " is not HTTP/1.1 as it should be (more came behind")
        .contains("proxy must name an HTTP proxy");
    assertThat(proxy.requests()).hasSize(1);
  }

  @Test
  void garbageInsteadOfTlsBehindATunnelIsLaterAndNamesTheProxy() throws Exception {
    try (RogueServer plain =
        RogueServer.start(
            Answer.of(200).with(Fault.NONE, Stage.ANSWERED), Answer.raw("garbage\r\n\r\n"))) {
      SubmitResult result = Post.once(secure().withProxy(plain.uri()), Duration.ofMillis(500));
      assertThat(result).isInstanceOf(Later.class);
      assertThat(((Later) result).doubt()).isEqualTo(Doubt.NONE);
      assertThat(result.reason().text()).contains("the proxy " + plain.uri());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"garbage\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n"})
  void aProxyThatIsNoneIsHeldAndNamed(String greeting) throws Exception {
    proxy.script(Answer.raw(greeting.repeat(20)));
    SubmitResult result = Post.once(secure().withProxy(addressWithUser()));
    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.reason().text()).contains(name()).doesNotContain("sesame");
  }

  /** A 401 is the backend's, with and without a challenge; nothing of Java's is asked for one. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a401BehindAProxyIsAnAnswerLikeAnyOther(boolean challenges) throws Exception {
    Answer refusal = Answer.of(401, "no");
    proxy.script(
        Answer.of(200),
        challenges ? refusal.withHeader("WWW-Authenticate", "Basic realm=\"x\"") : refusal);
    SubmitResult result = Post.once(secure().withProxy(addressWithUser()));
    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.reason().status()).isEqualTo(401);
    assertThat(proxy.requests()).hasSize(2);
  }

  @Test
  void aProxyThatIsNotThereIsLaterAndNamed() throws Exception {
    proxy.goAway();
    SubmitResult result = Post.once(plain().withProxy(addressWithUser()));
    assertThat(result).isInstanceOf(Later.class);
    assertThat(result.reason().text())
        .contains("the proxy http://127.0.0.1:" + proxy.port() + " refuses connections")
        .doesNotContain("sesame");
  }

  @Test
  void theEnvironmentNamesAProxy() throws Exception {
    Map<String, String> environment = Map.of("HTTP_PROXY", "127.0.0.1:" + proxy.port());
    try (HttpSubmitter submitter = Post.with(plain(), TimeSource.system(), environment)) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
    }
    assertThat(proxy.requests()).hasSize(1);
  }

  @Test
  void aNameInNoProxyIsReachedDirectly() throws Exception {
    try (RogueServer direct = RogueServer.start()) {
      Map<String, String> environment =
          Map.of("http_proxy", address().toString(), "no_proxy", "localhost,127.0.0.0/8");
      try (HttpSubmitter submitter =
          Post.with(Post.to(direct.uri()), TimeSource.system(), environment)) {
        assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      }
      assertThat(direct.requests()).hasSize(1);
    }
    assertThat(proxy.connections()).isZero();
  }

  private static Optional<URI> chosen(String url, Map<String, String> environment) {
    return Proxies.choose(URI.create(url), null, environment);
  }

  @Test
  void theSchemeDecidesAndTheLowerCaseWins() {
    Map<String, String> all =
        Map.of(
            "HTTP_PROXY", "http://upper:1",
            "http_proxy", "http://lower:2",
            "HTTPS_PROXY", "http://secure:3");
    assertThat(chosen("http://x/", all)).contains(URI.create("http://lower:2"));
    assertThat(chosen("https://x/", all)).contains(URI.create("http://secure:3"));
    assertThat(chosen("https://x/", Map.of("HTTP_PROXY", "http://upper:1"))).isEmpty();
    assertThat(chosen("http://x/", Map.of("http_proxy", ""))).isEmpty();
  }

  @Test
  void whatIsConfiguredWinsOverTheEnvironment() {
    Map<String, String> environment = Map.of("http_proxy", "http://env:1", "no_proxy", "*");
    URI url = URI.create("http://x/");
    assertThat(Proxies.choose(url, URI.create("http://own:2"), environment))
        .contains(URI.create("http://own:2"));
    assertThat(Proxies.choose(url, URI.create(""), environment)).isEmpty();
  }

  @Test
  void aProxyOfAnotherKindIsRefusedByName() {
    Map<String, String> environment = Map.of("HTTPS_PROXY", "socks5://u:sesame@p:1080");
    assertThatThrownBy(() -> chosen("https://x/", environment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HTTPS_PROXY")
        .hasMessageContaining("socks5://p:1080")
        .hasMessageNotContaining("sesame");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://example.org/       | example.org          | true",
        "http://EXAMPLE.org./      | Example.ORG          | true",
        "http://a.example.org/     | example.org          | true",
        "http://a.example.org/     | .example.org         | true",
        "http://a.example.org/     | *.example.org        | true",
        "http://example.org/       | .example.org         | true",
        "http://badexample.org/    | example.org          | false",
        "http://example.org/       | a.example.org        | false",
        "http://example.org/       | *                    | true",
        "http://example.org/       | other, *             | true",
        "http://example.org/       | other example.org    | true",
        "http://example.org/       | example.org:80       | true",
        "https://example.org/      | example.org:80       | false",
        "https://example.org/      | example.org:443      | true",
        "http://example.org:8080/  | example.org:8080     | true",
        "http://example.org:8080/  | example.org:80       | false",
        "http://127.0.0.1/         | localhost            | false",
        "http://127.0.0.1/         | 127.0.0.1            | true",
        "http://1.127.0.0.1.x/     | 127.0.0.1            | false",
        "http://10.1.2.3/          | 10.0.0.0/8           | true",
        "http://11.1.2.3/          | 10.0.0.0/8           | false",
        "http://10.1.2.3/          | 10.1.2.2/31          | true",
        "http://10.1.2.4/          | 10.1.2.2/31          | false",
        "http://10.1.2.3/          | 0.0.0.0/0            | true",
        "http://10.1.2.3/          | 10.0.0.0/33          | false",
        "http://10.1.2.3/          | 10.0.0.0/x           | false",
        "http://ten.example/       | 10.0.0.0/8           | false",
        "http://[::1]/             | ::1                  | true",
        "http://[::1]:81/          | [::1]:81             | true",
        "http://[::1]:81/          | [::1]:82             | false",
        "http://[fd00::7]/         | fd00::/8             | true",
        "http://[fe00::7]/         | fd00::/8             | false",
        "http://example.org/       | ','                  | false",
      })
  void noProxyIsReadAsUsual(String url, String list, boolean exempt) {
    assertThat(Proxies.isExempt(URI.create(url), list)).isEqualTo(exempt);
  }
}
