package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract's table of answers. */
final class HttpVerdictTest {

  private final RogueServer server = RogueServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  private static Class<? extends SubmitResult> contract(int status) {
    if (status < 300) {
      return Delivered.class;
    }
    if (status < 400 || Set.of(401, 403, 404, 405, 407, 410, 421, 451).contains(status)) {
      return Held.class;
    }
    if (Set.of(408, 425, 429).contains(status) || status >= 500) {
      return Later.class;
    }
    return status == 413 ? TooLarge.class : Rejected.class;
  }

  @Test
  void everyFinalStatusHasTheVerdictOfTheContract() throws Exception {
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      for (int status = 200; status <= 599; status++) {
        boolean hasBody = status != 204 && status != 304;
        server.script(Answer.of(status, hasBody ? "said " + status : ""));

        SubmitResult result = submitter.submit(Post.batch(2), Post.attempt());

        assertThat(result).as("status %d", status).isInstanceOf(contract(status));
        assertThat(result.reason().status()).isEqualTo(status);
        assertThat(result.reason().answer()).isEqualTo(hasBody ? "said " + status : "");
        assertThat(result.reason().text())
            .startsWith(server.uri() + "/pop: " + status)
            .doesNotContain("\n");
      }
    }
    assertThat(server.requests()).hasSize(400);
  }

  @Test
  void interimAnswersAreNotTheAnswer() throws Exception {
    server.script(Answer.of(422, "bad").after(100, 102, 103, 199));

    assertThat(Post.once(Post.to(server.uri())))
        .isInstanceOf(Rejected.class)
        .extracting(result -> result.reason().answer())
        .isEqualTo("bad");
  }

  @ParameterizedTest
  @ValueSource(ints = {600, 799, 999})
  void aStatusThatIsNoneIsHeld(int status) throws Exception {
    server.script(Answer.of(status));

    assertThat(Post.once(Post.to(server.uri()))).isInstanceOf(Held.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n", "220 mail ready\r\n"})
  void whatIsNotHttpIsHeld(String greeting) throws Exception {
    server.script(Answer.raw(greeting.repeat(20)));

    SubmitResult result = Post.once(Post.to(server.uri()));

    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.reason().text()).contains("another service");
  }

  @Test
  void aServerErrorCastsDoubtOnTheBytesUnlessTheServerIsBusy() throws Exception {
    for (int status : new int[] {500, 501, 502, 503, 504, 507, 599}) {
      server.script(Answer.of(status));
      assertThat(later(Post.once(Post.to(server.uri()))).doubt()).isEqualTo(Doubt.BYTES);
      server.script(Answer.of(status).withHeader("Retry-After", "3"));
      Later asked = later(Post.once(Post.to(server.uri())));
      assertThat(asked.doubt()).isEqualTo(status == 503 ? Doubt.NONE : Doubt.BYTES);
      assertThat(asked.notBefore()).contains(Duration.ofSeconds(3));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429})
  void aBusyBackendCastsNoDoubtOnTheBatch(int status) throws Exception {
    server.script(Answer.of(status));
    assertThat(later(Post.once(Post.to(server.uri()))).doubt()).isEqualTo(Doubt.NONE);
  }

  @Test
  void aRedirectIsNotFollowedToItself() throws Exception {
    server.script(
        Answer.of(307).withHeader("Location", server.uri() + "/pop"), Answer.of(200, "taken"));

    assertThat(Post.once(Post.to(server.uri()))).isInstanceOf(Held.class);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void nothingIsSentTwiceByItself() throws Exception {
    for (int status : new int[] {401, 407, 408, 425, 429, 500, 502, 503, 504}) {
      int before = server.requests().size();
      server.script(
          Answer.of(status)
              .withHeader("WWW-Authenticate", "Basic realm=\"x\"")
              .withHeader("Proxy-Authenticate", "Basic realm=\"x\"")
              .withHeader("Set-Cookie", "a=b"),
          Answer.of(200));
      assertThat(Post.once(Post.to(server.uri()))).isNotInstanceOf(Delivered.class);
      assertThat(server.requests()).as("status %d", status).hasSize(before + 1);
    }
  }

  @Test
  void aPortalsPageIsNotTheBackend() throws Exception {
    Answer portal = Answer.of(200, "<html>please log in</html>");
    Answer backend = Answer.of(200, "{\"ok\":true}").withHeader("x-pop", "taken");
    HttpSinkConfig config = Post.to(server.uri());

    server.script(portal);
    assertThat(Post.once(config.withExpected("X-Pop", ""))).isInstanceOf(Held.class);
    assertThat(Post.once(config.withExpected("X-Pop: taken", ""))).isInstanceOf(Held.class);
    assertThat(Post.once(config.withExpected("", "\"ok\":true")).reason().text())
        .contains("captive portal");
    server.script(backend);
    assertThat(Post.once(config.withExpected("X-Pop", ""))).isInstanceOf(Delivered.class);
    assertThat(Post.once(config.withExpected("X-Pop: taken", ""))).isInstanceOf(Delivered.class);
    assertThat(Post.once(config.withExpected("X-Pop: other", ""))).isInstanceOf(Held.class);
    assertThat(Post.once(config.withExpected("", "\"ok\":true"))).isInstanceOf(Delivered.class);
  }

  @Test
  void theExpectedTextMustStandInTheFirst64KiB() throws Exception {
    HttpSinkConfig config = Post.to(server.uri()).withExpected("", "\"ok\"");
    server.script(Answer.of(200, " ".repeat(60_000) + "\"ok\""));
    assertThat(Post.once(config)).isInstanceOf(Delivered.class);
    server.script(Answer.of(200, " ".repeat(70_000) + "\"ok\""));
    assertThat(Post.once(config)).isInstanceOf(Held.class);
  }

  @Test
  void anAnswerIsKeptUpTo1024Characters() throws Exception {
    server.script(Answer.of(422, "é".repeat(5000)));
    assertThat(Post.once(Post.to(server.uri())).reason().answer()).isEqualTo("é".repeat(1024));
  }

  @Test
  void anAnswerCannotSteerATerminal() throws Exception {
    server.script(Answer.of(422, "a\u001b[2Jb\u0000\n\tc"));
    assertThat(Post.once(Post.to(server.uri())).reason().answer()).isEqualTo("a?[2Jb?\n\tc");
    server.script(Answer.of(422, "a\u007fb\u009b2J"));
    assertThat(Post.once(Post.to(server.uri())).reason().answer()).isEqualTo("a?b?2J");
    server.script(Answer.of(422, "a\u009b2Jb"));
    assertThat(Post.once(Post.to(server.uri())).reason().answer()).isEqualTo("a?2Jb");
  }

  private static Later later(SubmitResult result) {
    assertThat(result).isInstanceOf(Later.class);
    return (Later) result;
  }
}
