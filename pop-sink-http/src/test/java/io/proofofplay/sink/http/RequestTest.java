package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.proofofplay.core.config.Secret;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.sink.http.HttpSinkConfig.Body;
import io.proofofplay.sink.http.HttpSinkConfig.Compression;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the backend gets, byte for byte. */
final class RequestTest {

  /** Spellings that no JSON library writes again as they were. */
  private static final String ODD_1 =
      "{ \"uuid\" : \"é\\u00e9\\/🎬\" ,\t\"ts\":1795339351.2160,\"n\":1E+2 ,\"z\":-0.0}";

  private static final String ODD_2 = "{\"uuid\":\"b\",\"big\":123456789012345678901234567890}";
  private static final String ODD_3 = "{\"b\":1,\"a\":[ ],\"uuid\":\"c\",\"u\":\"\u2028\u0080\"}";

  private final RogueServer server = RogueServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  private Request sent(HttpSinkConfig config, Batch batch) throws InterruptedException {
    try (HttpSubmitter submitter = Post.with(config)) {
      assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
    }
    return server.requests().get(server.requests().size() - 1);
  }

  static Stream<Arguments> forms() {
    return Stream.of(
        arguments(Body.ARRAY, "application/json", "[" + ODD_1 + "," + ODD_2 + "," + ODD_3 + "]"),
        arguments(Body.NDJSON, "application/x-ndjson", ODD_1 + "\n" + ODD_2 + "\n" + ODD_3 + "\n"),
        arguments(
            Body.ENVELOPE,
            "application/json",
            "{\"batch\":\"s-7\",\"sender\":\"lob\\\"by\\n\",\"events\":["
                + ODD_1
                + ","
                + ODD_2
                + ","
                + ODD_3
                + "]}"));
  }

  /** The server has it all by then, and has not been heard yet. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheRelayHasToDoMeanwhileIsDoneOnceTheRequestHasLeft(boolean waitsForContinue)
      throws Exception {
    List<Integer> arrived = new ArrayList<>();
    Runnable meanwhile =
        () -> {
          server.awaitRequests(1);
          arrived.add(server.requests().size());
        };
    Attempt attempt = new Attempt(Post.AMPLE, 17, meanwhile);
    HttpSinkConfig config = Post.to(server.uri()).withExpectContinue(waitsForContinue);
    try (HttpSubmitter submitter = Post.with(config)) {
      assertThat(submitter.submit(Post.batch(500, 2000), attempt)).isInstanceOf(Delivered.class);
      assertThat(arrived).containsExactly(1);
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(arrived).hasSize(1);
    }
  }

  /** Or an answer that is there would be missed, and the batch sent again. */
  @Test
  void theTimeThatTheRelayNeedsMeanwhileIsNotTakenFromTheAnswer() throws Exception {
    ManualTime time = ManualTime.standing();
    Attempt attempt = new Attempt(Post.AMPLE, 17, () -> time.advance(Duration.ofHours(1)));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()), time)) {
      assertThat(submitter.submit(Post.batch(3), attempt)).isInstanceOf(Delivered.class);
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void theEventsKeepTheirBytesInEachForm(Body form, String type, String expected) throws Exception {
    Batch batch = Post.batchOf("lob\"by\n", ODD_1, ODD_2, ODD_3);

    Request plain = sent(Post.to(server.uri()).withBody(form), batch);
    Request packed =
        sent(Post.to(server.uri()).withBody(form).withCompression(Compression.GZIP), batch);

    byte[] bytes = expected.getBytes(StandardCharsets.UTF_8);
    assertThat(plain.body()).isEqualTo(bytes);
    assertThat(plain.header("Content-Type")).contains(type);
    assertThat(plain.header("Content-Length")).contains(Integer.toString(bytes.length));
    assertThat(plain.header("Content-Encoding")).isEmpty();
    assertThat(unpacked(packed)).isEqualTo(bytes);
    assertThat(packed.header("Content-Type")).contains(type);
    assertThat(packed.header("Content-Length")).contains(Integer.toString(packed.body().length));
    assertThat(packed.header("Content-Encoding")).contains("gzip");
  }

  private static byte[] unpacked(Request request) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void aLongBatchArrivesWhole(Body form) throws Exception {
    Batch batch = Post.batch(500, 3000);
    Request request = sent(Post.to(server.uri()).withBody(form), batch);
    String all = request.text();
    batch.events().forEach(event -> assertThat(all).contains(event.json()));
    assertThat(request.header("Content-Length")).contains(Integer.toString(request.body().length));
  }

  @Test
  void anEventInTheMiddleOfAnArrayIsSentAlone() throws Exception {
    byte[] array = "xx{\"uuid\":\"a\"}yy".getBytes(StandardCharsets.US_ASCII);
    Batch batch =
        new Batch(
            Post.batch(1).id(),
            java.util.List.of(
                io.proofofplay.core.model.PopEvent.scanned(array, 2, array.length - 4, null)));
    assertThat(sent(Post.to(server.uri()), batch).text()).isEqualTo("[{\"uuid\":\"a\"}]");
  }

  @Test
  void theSenderOfAnEnvelopeIsNullWhenItIsNotKnown() throws Exception {
    HttpSinkConfig config = Post.to(server.uri()).withBody(Body.ENVELOPE);
    assertThat(sent(config, Post.batchOf(null, "{\"uuid\":\"a\"}")).text())
        .isEqualTo("{\"batch\":\"s-7\",\"sender\":null,\"events\":[{\"uuid\":\"a\"}]}");
    try (HttpSubmitter envelopes = Post.with(config);
        HttpSubmitter arrays = Post.with(Post.to(server.uri()))) {
      assertThat(envelopes.wantsOneSender()).isTrue();
      assertThat(arrays.wantsOneSender()).isFalse();
    }
  }

  @Test
  void theHeadersAreThoseOfTheContractAndNoOthers() throws Exception {
    Request request =
        sent(
            Post.to(server.uri())
                .withAuthorization(Secret.of("Bearer Ab=/ü"))
                .withHeader("X-Site", "north 7"),
            Post.batch(3));

    assertThat(request.line()).isEqualTo("POST /pop HTTP/1.1");
    assertThat(request.headers())
        .containsExactlyInAnyOrder(
            Map.entry("Authorization", "Bearer Ab=/ü"),
            Map.entry("Idempotency-Key", "s-7"),
            Map.entry("User-Agent", "pop-relay/1.2.3"),
            Map.entry("X-Pop-Events", "3"),
            Map.entry("X-Pop-Backlog", "17"),
            Map.entry("X-Site", "north 7"),
            Map.entry("Content-Type", "application/json"),
            Map.entry("Content-Length", Integer.toString(request.body().length)),
            Map.entry("Host", "127.0.0.1:" + server.port()),
            Map.entry("Connection", "keep-alive"));
  }

  @Test
  void thePathAndTheQueryAreSentAsTheyAreWritten() throws Exception {
    for (String written : new String[] {"/a%2Fb//c/?k=v%20w&k=2", "/", "/p;q=1/..%2f/x", "/?x"}) {
      HttpSinkConfig config = HttpSinkConfig.to(URI.create(server.uri() + written));
      assertThat(sent(config, Post.batch(1)).line()).isEqualTo("POST " + written + " HTTP/1.1");
    }
    assertThat(sent(HttpSinkConfig.to(server.uri()), Post.batch(1)).line())
        .isEqualTo("POST / HTTP/1.1");
  }

  @Test
  void aPathBeyondAsciiIsSentInUtf8() throws Exception {
    HttpSinkConfig config = HttpSinkConfig.to(URI.create(server.uri() + "/bücher?größe=ü%20"));
    assertThat(sent(config, Post.batch(1)).line())
        .isEqualTo("POST /b%C3%BCcher?gr%C3%B6%C3%9Fe=%C3%BC%20 HTTP/1.1");
  }

  @Test
  void aPartOfABatchHasAKeyOfItsOwn() throws Exception {
    Batch whole = Post.batch(4);
    HttpSinkConfig config = Post.to(server.uri());
    String first = sent(config, whole.part(0, 2)).header("Idempotency-Key").orElseThrow();
    String second = sent(config, whole.part(2, 4)).header("Idempotency-Key").orElseThrow();
    String all = sent(config, whole).header("Idempotency-Key").orElseThrow();
    assertThat(Stream.of(first, second, all)).doesNotHaveDuplicates();
  }

  @Test
  void twoAttemptsOfABatchSendTheSameBytesUnderTheSameKey() throws Exception {
    for (Compression compression : Compression.values()) {
      HttpSinkConfig config = Post.to(server.uri()).withCompression(compression);
      Request first = sent(config, Post.batch(40, 100));
      Request second = sent(config, Post.batch(40, 100));
      assertThat(second.body()).isEqualTo(first.body());
      assertThat(second.header("Idempotency-Key")).isEqualTo(first.header("Idempotency-Key"));
    }
  }

  @Test
  void a415SwitchesCompressionOffForGoodIsAnAnswerLikeAnyOtherAndIsSaidOnce() throws Exception {
    server.script(Answer.of(415), Answer.of(200), Answer.of(415));
    List<String> said = new ArrayList<>();
    try (HttpSubmitter submitter =
        Post.with(
            Post.to(server.uri()).withCompression(Compression.GZIP),
            TimeSource.system(),
            Map.of(),
            said::add)) {
      assertThat(submitter.submit(Post.batch(3), Post.attempt()))
          .isInstanceOfSatisfying(
              Later.class,
              later -> {
                assertThat(later.reason().status()).isEqualTo(415);
                assertThat(later.doubt()).isEqualTo(Later.Doubt.NONE);
              });
      assertThat(server.requests()).hasSize(1);
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Rejected.class);
    }
    assertThat(server.requests())
        .extracting(request -> request.header("Content-Encoding").orElse("none"))
        .containsExactly("gzip", "none", "none");
    assertThat(server.requests().get(1).header("Idempotency-Key"))
        .isEqualTo(server.requests().get(0).header("Idempotency-Key"));
    assertThat(said)
        .singleElement()
        .asString()
        .startsWith(server.uri() + "/pop: 415 ")
        .contains("compression is switched off");
  }

  @Test
  void a415ToAPlainBodyRejectsIt() throws Exception {
    server.script(Answer.of(415));
    assertThat(Post.once(Post.to(server.uri()))).isInstanceOf(Rejected.class);
  }

  @Test
  void theBodyMayWaitForTheBackendsConsent() throws Exception {
    HttpSinkConfig config = Post.to(server.uri()).withExpectContinue(true);
    Request request = sent(config, Post.batch(3));
    assertThat(request.header("Expect")).contains("100-continue");
    assertThat(request.complete()).isTrue();
  }

  @Test
  void a417EndsTheWaitForConsent() throws Exception {
    server.script(Answer.of(417).withoutReading(), Answer.of(200));
    List<String> said = new ArrayList<>();
    try (HttpSubmitter submitter =
        Post.with(
            Post.to(server.uri()).withExpectContinue(true),
            TimeSource.system(),
            Map.of(),
            said::add)) {
      assertThat(submitter.submit(Post.batch(3), Post.attempt()))
          .isInstanceOfSatisfying(
              Later.class, later -> assertThat(later.reason().status()).isEqualTo(417));
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
    }
    assertThat(server.requests().get(1).header("Expect")).isEmpty();
    assertThat(said).singleElement().asString().contains("expectContinue is switched off");
  }
}
