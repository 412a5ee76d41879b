package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.Secret;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.sink.http.HttpSinkConfig.Tls;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody leads a batch, or what it is authorized with, to another place. */
final class RedirectTest {

  private static final String TOKEN = "canary-of-the-token";

  private final RogueServer server = RogueServer.start();
  private final RogueServer elsewhere = RogueServer.start();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    server.close();
    elsewhere.close();
  }

  private HttpSinkConfig config() {
    return Post.to(server.uri()).withAuthorization(Secret.of("Bearer " + TOKEN));
  }

  /** Every place that a backend may name, with what is shown of it. */
  private List<Optional<String>> places() {
    String other = "127.0.0.1:" + elsewhere.port();
    List<Optional<String>> all = new ArrayList<>();
    all.add(Optional.empty());
    for (String place :
        List.of(
            "",
            "/elsewhere",
            "elsewhere",
            "?again",
            server.uri() + "/pop",
            "http://" + other + "/pop",
            "//" + other + "/pop",
            "https://" + other + "/pop",
            "http://localhost:" + elsewhere.port() + "/pop",
            "http://user:hidden@" + other + "/login?token=hidden#hidden",
            "http://" + other + "/login?was=" + TOKEN,
            "::no uri::?hidden=1",
            "javascript:hidden()")) {
      all.add(Optional.of(place));
    }
    return all;
  }

  static IntStream redirects() {
    return IntStream.rangeClosed(300, 308);
  }

  @ParameterizedTest
  @MethodSource("redirects")
  void aRedirectIsHeldWithItsLocationAndNeverFollowed(int status) throws Exception {
    for (Optional<String> place : places()) {
      server.forgetRequests();
      Answer answer = Answer.of(status);
      server.script(
          place.map(where -> answer.withHeader("Location", where)).orElse(answer),
          Answer.of(200, "taken"));

      SubmitResult result = Post.once(config());

      assertThat(result).as("%d to %s", status, place).isInstanceOf(Held.class);
      assertThat(result.toString()).doesNotContain("hidden").doesNotContain(TOKEN);
      String shown = place.orElse("").split("[?#]", -1)[0].replace("user:hidden@", "");
      boolean isSaid = !place.orElse("").isEmpty();
      assertThat(result.reason().text())
          .startsWith(server.uri() + "/pop: " + status)
          .contains(
              !isSaid
                  ? "url must name the right one"
                  : "with Location "
                      + (shown.startsWith("javascript") ? "javascript:…" : shown)
                      + ": a captive portal or a moved URL");
      assertThat(server.requests()).hasSize(1);
    }
    assertThat(elsewhere.connections()).isZero();
  }

  @Test
  void aRedirectFromTlsToPlainHttpIsNotFollowed() throws Exception {
    TestAuthority authority = new TestAuthority("Test Authority");
    Path ca = authority.writeCertificate(folder.resolve("ca.pem"));
    Answer down = Answer.of(302).withHeader("Location", elsewhere.uri() + "/pop");
    try (RogueServer secure =
        RogueServer.startTls(authority.server(authority.issue("backend")), false, down)) {
      HttpSinkConfig config =
          Post.to(secure.uri())
              .withTls(new Tls(ca, null, null))
              .withAuthorization(Secret.of("Bearer " + TOKEN));
      assertThat(Post.once(config)).isInstanceOf(Held.class);
      assertThat(secure.requests()).hasSize(1);
    }
    assertThat(elsewhere.connections()).isZero();
  }

  private static final Answer PORTAL =
      Answer.of(200, "<html>please log in</html>")
          .withHeader("Content-Type", "text/html; charset=utf-8");

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204})
  void aPortalsSuccessIsHeldWithAnExpectedHeaderOrText(int status) throws Exception {
    Answer portal =
        status == 204
            ? Answer.of(204).withHeader("Content-Type", "text/html")
            : Answer.of(status, "<html>ok</html>").withHeader("Content-Type", "text/html");
    server.script(portal);
    for (HttpSinkConfig config :
        List.of(
            config().withExpected("X-Pop", ""),
            config().withExpected("Content-Type: application/json", ""),
            config().withExpected("", "\"ok\":true"))) {
      SubmitResult result = Post.once(config);
      assertThat(result).isInstanceOf(Held.class);
      assertThat(result.reason().text()).contains("captive portal");
    }
  }

  @Test
  void withoutAnExpectationAPageCountsAndIsRemarked() throws Exception {
    server.script(PORTAL);
    SubmitResult result = Post.once(config());
    assertThat(result).isInstanceOf(Delivered.class);
    assertThat(result.reason().text())
        .contains("captive portal")
        .contains("expectHeader or expectBody");

    assertThat(Post.once(config().withExpected("", "please log in")).reason().text())
        .doesNotContain("captive portal");
    server.script(Answer.of(200, "{}").withHeader("Content-Type", "application/json"));
    assertThat(Post.once(config()).reason().text()).doesNotContain("captive portal");
  }
}
