package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.RogueServer.Stage;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is secret is sent, and seen nowhere else. */
final class SecretsTest {

  private static final String CANARY = "canary";

  // "player:canary/pass+word"
  private static final String BASIC = "Basic cGxheWVyOmNhbmFyeS9wYXNzK3dvcmQ=";

  private final RogueServer server =
      RogueServer.deciding(request -> Answer.of(422, everythingIn(request)));

  @AfterEach
  void close() {
    server.close();
  }

  /** What a debug page says: the request line and all headers, also as JSON and PHP write them. */
  private static String everythingIn(Request request) {
    String all =
        request.line()
            + "\n"
            + request.headers().stream()
                .map(header -> header.getKey() + ": " + header.getValue())
                .collect(Collectors.joining("\n"));
    return all + "\n" + all.replace("/", "\\/") + "\n player:canary/pass+word";
  }

  @Test
  void whatTheBackendEchoesIsHidden() throws Exception {
    HttpSinkConfig config =
        HttpSinkConfig.to(URI.create(server.uri() + "/pop?token=canary-in-query&a=1"))
            .withAuthorization(Secret.of(BASIC))
            .withHeader("X-Api-Key", "canary-in-header")
            .withProxy(URI.create("http://u:canary-of-proxy@127.0.0.1:" + server.port()));

    SubmitResult result = Post.once(config);

    assertThat(result.reason().answer()).contains("Authorization: ***").contains("X-Api-Key: ***");
    assertThat(result.toString())
        .doesNotContain(CANARY)
        .doesNotContain("cGxheWVyOmNhbmFyeS9")
        .doesNotContain("dTpjYW5hcnktb2YtcHJveHk");
    assertThat(config.toString()).doesNotContain(CANARY).doesNotContain("cGxheWVy");
  }

  @Test
  void aTokenThatIsEchoedWithoutItsSchemeIsHidden() throws Exception {
    server.close();
    try (RogueServer echoing =
        RogueServer.start(Answer.of(401, "bad token canary.abc").withHeader("X", "y"))) {
      SubmitResult result =
          Post.once(Post.to(echoing.uri()).withAuthorization(Secret.of("Bearer canary.abc")));
      assertThat(result.reason().answer()).isEqualTo("bad token ***");
    }
  }

  @Test
  void noFailureShowsASecret() throws Exception {
    for (Answer answer :
        List.of(
            Answer.failing(Fault.RESET, Stage.REQUEST),
            Answer.failing(Fault.HANG, Stage.REQUEST),
            Answer.raw("HTTP/1.1 canary.abc\r\n\r\n"),
            Answer.of(302).withHeader("Location", "http://u:canary.abc@x/?t=canary.abc"))) {
      try (RogueServer rogue = RogueServer.start(answer)) {
        HttpSinkConfig config =
            HttpSinkConfig.to(URI.create(rogue.uri() + "/pop?t=canary.abc"))
                .withAuthorization(Secret.of("Bearer canary.abc"));
        assertThat(Post.once(config, Duration.ofMillis(300)).toString()).doesNotContain(CANARY);
      }
    }
  }

  @Test
  void aRenewedSecretIsSentAfterARefresh() throws Exception {
    Iterator<String> place = List.of("old", "new").iterator();
    try (RogueServer guarded = RogueServer.start(Answer.of(401), Answer.of(200));
        HttpSubmitter submitter =
            Post.with(Post.to(guarded.uri()).withAuthorization(Secret.from(place::next)))) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Held.class);
      submitter.refresh();
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(guarded.requests())
          .extracting(request -> request.header("Authorization").orElse(""))
          .containsExactly("old", "new");
    }
  }

  @Test
  void aRenewedSecretThatNoHeaderCanCarryIsHeldAndNotSent() throws Exception {
    Iterator<String> place = List.of("good", "canary\nX: y").iterator();
    try (RogueServer guarded = RogueServer.start();
        HttpSubmitter submitter =
            Post.with(Post.to(guarded.uri()).withAuthorization(Secret.from(place::next)))) {
      submitter.refresh();
      SubmitResult result = submitter.submit(Post.batch(1), Post.attempt());
      assertThat(result).isInstanceOf(Held.class);
      assertThat(result.reason().text())
          .contains("authorization holds a line break")
          .doesNotContain(CANARY);
      assertThat(guarded.connections()).isZero();
    }
  }

  @Test
  void aRenewedHeaderIsSentAfterARefresh() throws Exception {
    try (RogueServer guarded = RogueServer.start(Answer.of(403), Answer.of(200));
        HttpSubmitter submitter =
            Post.with(
                Post.to(guarded.uri())
                    .withHeader("X-Api-Key", Renewable.from("old", () -> "new"))
                    .withHeader("X-Site", "lobby"))) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Held.class);
      submitter.refresh();
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(guarded.requests())
          .extracting(request -> request.header("X-Api-Key").orElse(""))
          .containsExactly("old", "new");
      assertThat(guarded.requests())
          .allSatisfy(request -> assertThat(request.header("X-Site")).contains("lobby"));
    }
  }

  @Test
  void aRenewedHeaderThatCannotBeSentIsHeldAndNotSent() throws Exception {
    try (RogueServer guarded = RogueServer.start();
        HttpSubmitter submitter =
            Post.with(
                Post.to(guarded.uri())
                    .withHeader("X-Api-Key", Renewable.from("good", () -> "canary\nX: y")))) {
      submitter.refresh();
      SubmitResult result = submitter.submit(Post.batch(1), Post.attempt());
      assertThat(result).isInstanceOf(Held.class);
      assertThat(result.reason().text())
          .contains("headers.X-Api-Key holds a line break")
          .doesNotContain(CANARY);
      assertThat(guarded.connections()).isZero();
    }
  }

  /** What is hidden is what is sent by now. */
  @Test
  void whatTheBackendEchoesOfARenewedSecretIsHidden() throws Exception {
    HttpSinkConfig config =
        HttpSinkConfig.to(URI.create("http://backend.behind.invalid/pop"))
            .withAuthorization(Secret.from(List.of("Bearer before", BASIC).iterator()::next))
            .withHeader("X-Api-Key", Renewable.from("key-before", () -> "canary-in-header"))
            .withProxy(
                Renewable.from(
                    URI.create("http://u:before@127.0.0.1:" + server.port()),
                    () -> URI.create("http://u:canary-of-proxy@127.0.0.1:" + server.port())));
    try (HttpSubmitter submitter = Post.with(config)) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt()).toString())
          .doesNotContain("before");
      submitter.refresh();
      SubmitResult result = submitter.submit(Post.batch(1), Post.attempt());
      assertThat(result.reason().answer())
          .contains("Authorization: ***")
          .contains("X-Api-Key: ***")
          .contains("Proxy-Authorization: ***");
      assertThat(result.toString())
          .doesNotContain(CANARY)
          .doesNotContain("cGxheWVyOmNhbmFyeS9")
          .doesNotContain("dTpjYW5hcnktb2YtcHJveHk");
    }
  }

  @Test
  void aSecretThatCannotBeReadAgainIsSaidWithTheNextRefusal() throws Exception {
    Iterator<String> place = List.of("Bearer canary").iterator();
    Secret gone =
        Secret.from(
            () -> {
              if (place.hasNext()) {
                return place.next();
              }
              throw new IllegalStateException("the file t held Bearer canary, and is gone");
            });
    Renewable<String> key =
        Renewable.from(
            "canary-key",
            () -> {
              throw new IllegalStateException("the file k\nmay not be read; canary-key");
            });
    try (RogueServer guarded = RogueServer.start(Answer.of(401), Answer.of(401), Answer.of(200));
        HttpSubmitter submitter =
            Post.with(
                Post.to(guarded.uri()).withAuthorization(gone).withHeader("X-Api-Key", key))) {
      SubmitResult first = submitter.submit(Post.batch(1), Post.attempt());
      assertThat(first.reason().text()).endsWith("renew it");
      submitter.refresh();
      SubmitResult second = submitter.submit(Post.batch(1), Post.attempt());
      assertThat(second).isInstanceOf(Held.class);
      assertThat(second.reason().status()).isEqualTo(401);
      assertThat(second.reason().text())
          .startsWith(first.reason().text())
          .endsWith(
              "; authorization could not be read again and is as before: the file t held ***, and"
                  + " is gone; headers.X-Api-Key could not be read again and is as before: the file"
                  + " k may not be read; ***");
      submitter.refresh();
      assertThat(submitter.submit(Post.batch(1), Post.attempt()))
          .as("what was known stays in force")
          .isInstanceOf(Delivered.class);
    }
  }
}
