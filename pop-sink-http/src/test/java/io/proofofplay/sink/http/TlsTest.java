package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.sink.http.HttpSinkConfig.Tls;
import io.proofofplay.sink.http.TestAuthority.Identity;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Stage;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whom we trust, who we are, and what is said when TLS fails. */
final class TlsTest {

  private static final TestAuthority AUTHORITY = new TestAuthority("Test Authority");
  private static final Identity WELL = AUTHORITY.issue("backend");

  @TempDir private Path folder;
  private Tls trusting;

  /** A device without a battery: the wall clock begins in 1970. */
  private static final class Epoch implements TimeSource {
    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public Instant now() {
      return Instant.EPOCH.plusSeconds(60);
    }

    @Override
    public void await(Condition condition, long nanos) throws InterruptedException {
      TimeSource.system().await(condition, nanos);
    }
  }

  @BeforeEach
  void writeAuthority() {
    trusting = new Tls(AUTHORITY.writeCertificate(folder.resolve("ca.pem")), null, null);
  }

  private static RogueServer serving(Identity identity, Answer... script) {
    return RogueServer.startTls(AUTHORITY.server(identity), false, script);
  }

  private SubmitResult post(RogueServer server) throws InterruptedException {
    return Post.once(Post.to(server.uri()).withTls(trusting));
  }

  private static String assertLater(SubmitResult result) {
    assertThat(result).isInstanceOf(Later.class);
    assertThat(((Later) result).doubt()).isEqualTo(Doubt.NONE);
    return result.reason().text();
  }

  @Test
  void aTrustedBackendGetsTheBatchOverOneKeptConnection() throws Exception {
    try (RogueServer server = serving(WELL);
        HttpSubmitter submitter = Post.with(Post.to(server.uri()).withTls(trusting))) {
      for (int i = 0; i < 20; i++) {
        assertThat(submitter.submit(Post.batch(40, 3000), Post.attempt()))
            .isInstanceOf(Delivered.class);
      }
      assertThat(server.connections()).isEqualTo(1);
      assertThat(server.requests().get(19).complete()).isTrue();
    }
  }

  @Test
  void anUnknownAuthorityIsLaterAndNamed() throws Exception {
    try (RogueServer server = serving(WELL)) {
      assertThat(assertLater(Post.once(Post.to(server.uri()))))
          .startsWith(server.uri().toString())
          .contains("authority that is not trusted here (CN=Test Authority)")
          .contains("tls.caFile")
          .contains("99 days left");
    }
  }

  @Test
  void anotherAuthorityIsNotTrusted() throws Exception {
    Path other = new TestAuthority("Other").writeCertificate(folder.resolve("other.pem"));
    try (RogueServer server = serving(WELL)) {
      assertLater(Post.once(Post.to(server.uri()).withTls(new Tls(other, null, null))));
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void anExpiredCertificateIsLaterWithItsDates() throws Exception {
    try (RogueServer server = serving(AUTHORITY.issue("old", -40, -12, "127.0.0.1"))) {
      assertThat(assertLater(post(server)))
          .contains("the certificate of 127.0.0.1 has expired")
          .contains("12 days ago");
    }
  }

  @Test
  void aCertificateOfTheFutureIsLater() throws Exception {
    try (RogueServer server = serving(AUTHORITY.issue("new", 9, 90, "127.0.0.1"))) {
      assertThat(assertLater(post(server)))
          .contains("not yet valid")
          .doesNotContain("system clock");
    }
  }

  @Test
  void aClockThatCannotBeRightIsNamed() throws Exception {
    try (RogueServer server = serving(AUTHORITY.issue("new", 9, 90, "127.0.0.1"));
        HttpSubmitter submitter = Post.with(Post.to(server.uri()).withTls(trusting), new Epoch())) {
      assertThat(assertLater(submitter.submit(Post.batch(1), Post.attempt())))
          .contains("not yet valid")
          .contains("the system clock looks wrong, it shows 1970-01-01");
    }
  }

  @Test
  void aCertificateForAnotherHostIsLaterAndSaysForWhich() throws Exception {
    Identity other = AUTHORITY.issue("other", -1, 9, "api.example.org", "10.0.0.1");
    try (RogueServer server = serving(other)) {
      assertThat(assertLater(post(server)))
          .contains("for another host (api.example.org, 10.0.0.1)")
          .contains("8 days left");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void theNameInTheUrlIsWhatCounts() throws Exception {
    try (RogueServer server = serving(AUTHORITY.issue("named", -1, 9, "localhost"))) {
      URI named = URI.create("https://localhost:" + server.port() + "/pop");
      assertThat(Post.once(HttpSinkConfig.to(named).withTls(trusting)))
          .isInstanceOf(Delivered.class);
      assertLater(post(server));
    }
  }

  @Test
  void aClientCertificateIsShown() throws Exception {
    Identity client = AUTHORITY.issue("player 7");
    Tls ours =
        new Tls(
            trusting.caFile(),
            client.writeCertificate(folder.resolve("client.pem")),
            client.writeKey(folder.resolve("client.key")));
    try (RogueServer server = RogueServer.startTls(AUTHORITY.server(WELL), true)) {
      assertThat(Post.once(Post.to(server.uri()).withTls(ours))).isInstanceOf(Delivered.class);
      SubmitResult without = post(server);
      assertThat(without).isInstanceOf(Later.class);
    }
  }

  @Test
  void replacedFilesAreUsedByTheNextConnection() throws Exception {
    TestAuthority other = new TestAuthority("Other");
    Path ca = other.writeCertificate(folder.resolve("rotated.pem"));
    try (RogueServer server = serving(WELL);
        HttpSubmitter submitter =
            Post.with(Post.to(server.uri()).withTls(new Tls(ca, null, null)))) {
      assertLater(submitter.submit(Post.batch(1), Post.attempt()));

      Files.writeString(ca, "rubbish");
      assertThat(assertLater(submitter.submit(Post.batch(1), Post.attempt())))
          .contains("the files were replaced, but the new ones are not used: tls.caFile");

      AUTHORITY.writeCertificate(ca);
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  @Test
  void aReplacedClientCertificateIsShownAfterARefresh() throws Exception {
    Identity first = new TestAuthority("Unknown").issue("first");
    Path certificate = first.writeCertificate(folder.resolve("client.pem"));
    Path key = first.writeKey(folder.resolve("client.key"));
    try (RogueServer server = RogueServer.startTls(AUTHORITY.server(WELL), true);
        HttpSubmitter submitter =
            Post.with(
                Post.to(server.uri()).withTls(new Tls(trusting.caFile(), certificate, key)))) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Later.class);

      Identity second = AUTHORITY.issue("second");
      second.writeCertificate(certificate);
      second.writeKey(key);
      submitter.refresh();
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  @Test
  void filesThatAreHalfWrittenAreNotUsedAndTheOldOnesStay() throws Exception {
    Identity first = AUTHORITY.issue("first");
    Path certificate = first.writeCertificate(folder.resolve("client.pem"));
    Path key = first.writeKey(folder.resolve("client.key"));
    Path ca = trusting.caFile();
    String whole = Files.readString(ca);
    List<String> notices = new ArrayList<>();
    try (RogueServer server = RogueServer.startTls(AUTHORITY.server(WELL), true, CLOSING);
        HttpSubmitter submitter =
            Post.with(
                Post.to(server.uri()).withTls(new Tls(ca, certificate, key)),
                TimeSource.system(),
                Map.of(),
                notices::add)) {
      Batch batch = Post.batch(1);
      assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(notices).isEmpty();

      // The certificate is new, its key not yet there.
      Identity second = AUTHORITY.issue("second");
      second.writeCertificate(certificate);
      for (int i = 0; i < 3; i++) {
        assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
      }
      assertThat(notices).hasSize(1);
      assertThat(notices.get(0))
          .startsWith(server.uri() + "/pop: the files were replaced, but the new ones are not used")
          .contains("tls.keyFile: " + key + " is not the key of the first certificate");

      second.writeKey(key);
      assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);

      for (String half : List.of("", whole.substring(0, whole.length() / 2), "rubbish")) {
        Files.writeString(ca, half);
        assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
        assertThat(notices.get(notices.size() - 1)).contains("not used: tls.caFile: " + ca);
      }
      Files.delete(ca);
      assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(notices.get(notices.size() - 1)).contains(ca + " does not exist");

      // What is in force is the new pair: a backend that trusts others alone now refuses it.
      new TestAuthority("Other").writeCertificate(ca);
      assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Later.class);
      Files.writeString(ca, whole);
      assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  private static final Answer CLOSING = Answer.of(200).withHeader("Connection", "close");

  @Test
  void aRotationInTheMiddleOfAnOutageEndsIt() throws Exception {
    TestAuthority next = new TestAuthority("Next Authority");
    Path ca = trusting.caFile();
    try (RogueServer server =
            RogueServer.startTls(next.server(next.issue("backend")), false, CLOSING);
        HttpSubmitter submitter =
            Post.with(Post.to(server.uri()).withTls(new Tls(ca, null, null)))) {
      Batch batch = Post.batch(1);
      assertLater(submitter.submit(batch, Post.attempt()));
      server.goAway();
      assertLater(submitter.submit(batch, Post.attempt()));
      next.writeCertificate(ca);
      assertLater(submitter.submit(batch, Post.attempt()));
      server.comeBack();
      assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  /** Real time, and as much more on the monotonic clock as a test says. */
  private static final class Shifted implements TimeSource {
    private long shift;

    @Override
    public long nanos() {
      return System.nanoTime() + shift;
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public void await(Condition condition, long nanos) throws InterruptedException {
      TimeSource.system().await(condition, nanos);
    }
  }

  @Test
  void aCertificateThatExpiresSoonIsToldOfOnceADay() throws Exception {
    Identity client = AUTHORITY.issue("player 7", -10, 13, "player");
    Path certificate = client.writeCertificate(folder.resolve("client.pem"));
    Tls ours =
        new Tls(trusting.caFile(), certificate, client.writeKey(folder.resolve("client.key")));
    Shifted time = new Shifted();
    List<String> notices = new ArrayList<>();
    Identity soon = AUTHORITY.issue("soon", -10, 2, "127.0.0.1");
    try (RogueServer server = RogueServer.startTls(AUTHORITY.server(soon), true, CLOSING);
        HttpSubmitter submitter =
            Post.with(Post.to(server.uri()).withTls(ours), time, Map.of(), notices::add)) {
      for (int i = 0; i < 5; i++) {
        assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      }
      assertThat(notices).hasSize(2);
      assertThat(notices.get(0))
          .startsWith(server.uri() + "/pop: the certificate of 127.0.0.1 expires in 1 day (")
          .endsWith("the backend needs a new one");
      assertThat(notices.get(1))
          .startsWith(server.uri() + "/pop: our certificate " + certificate + " expires in 12 days")
          .endsWith("replace tls.certFile and tls.keyFile, no restart is needed");

      time.shift = Duration.ofHours(25).toNanos();
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(notices).hasSize(4);
    }
  }

  @Test
  void aCertificateThatIsValidForLongIsNotToldOf() throws Exception {
    List<String> notices = new ArrayList<>();
    try (RogueServer server = serving(AUTHORITY.issue("long", -10, 16, "127.0.0.1"));
        HttpSubmitter submitter =
            Post.with(
                Post.to(server.uri()).withTls(trusting),
                TimeSource.system(),
                Map.of(),
                notices::add)) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void aRefusalOfOurCertificateSaysWhenItExpired() throws Exception {
    Identity client = AUTHORITY.issue("player 7", -40, -12, "player");
    Tls ours =
        new Tls(
            trusting.caFile(),
            client.writeCertificate(folder.resolve("client.pem")),
            client.writeKey(folder.resolve("client.key")));
    List<String> notices = new ArrayList<>();
    try (RogueServer server = RogueServer.startTls(AUTHORITY.server(WELL), true);
        HttpSubmitter submitter =
            Post.with(
                Post.to(server.uri()).withTls(ours), TimeSource.system(), Map.of(), notices::add)) {
      assertLaterAnyDoubt(submitter.submit(Post.batch(1), Post.attempt()));
      assertThat(notices.toString()).contains("has expired 12 days ago");
    }
  }

  private static void assertLaterAnyDoubt(SubmitResult result) {
    assertThat(result).isInstanceOf(Later.class);
  }

  @Test
  void plainHttpWhereTlsIsExpectedIsSaid() throws Exception {
    try (RogueServer plain = RogueServer.start(Answer.raw("HTTP/1.1 400 Bad\r\n\r\n"))) {
      URI https = URI.create("https://127.0.0.1:" + plain.port() + "/pop");
      // What it reads of our hello is no line; it hangs up or waits for one.
      SubmitResult result =
          Post.once(HttpSinkConfig.to(https).withTls(trusting), Duration.ofMillis(500));
      assertLater(result);
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of(Fault.HANG, Fault.RESET, Fault.CLOSE)
        .flatMap(
            fault ->
                Stream.of(
                        Stage.ACCEPTED,
                        Stage.REQUEST_HEAD,
                        Stage.REQUEST,
                        Stage.ANSWER_STARTED,
                        Stage.ANSWER_BODY)
                    .map(stage -> arguments(fault, stage)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultUnderTlsIsLaterInTimeToo(Fault fault, Stage stage) throws Exception {
    Duration timeout = fault == Fault.HANG ? Duration.ofMillis(500) : Post.AMPLE;
    for (int filling : new int[] {0, 100_000}) {
      try (RogueServer server = serving(WELL, Answer.failing(fault, stage));
          HttpSubmitter submitter = Post.with(Post.to(server.uri()).withTls(trusting))) {
        Batch batch = Post.batch(40, filling);
        long start = System.nanoTime();
        assertThat(submitter.submit(batch, Post.attempt(timeout))).isInstanceOf(Later.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isLessThan(timeout.multipliedBy(20));
        server.script(Answer.of(200));
        assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
  }

  @Test
  void aConnectionThatTheServerClosesAfterEachAnswerCostsNoAttempt() throws Exception {
    try (RogueServer server = serving(WELL, Answer.failing(Fault.CLOSE, Stage.ANSWERED));
        HttpSubmitter submitter = Post.with(Post.to(server.uri()).withTls(trusting))) {
      for (int i = 0; i < 60; i++) {
        assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
      }
      assertThat(server.requests()).hasSize(60);
    }
  }

  @Test
  void anEarly413UnderTlsIsTooLargeOrCastsDoubtOnTheSize() throws Exception {
    try (RogueServer server = serving(WELL, Answer.of(413).withoutReading())) {
      for (int i = 0; i < 10; i++) {
        SubmitResult result =
            Post.once(Post.to(server.uri()).withTls(trusting), Duration.ofSeconds(10));
        assertThat(result)
            .satisfiesAnyOf(
                any -> assertThat(any).isInstanceOf(TooLarge.class),
                any -> assertThat(((Later) any).doubt()).isEqualTo(Doubt.SIZE));
      }
    }
  }

  @Test
  void closingEndsAHandshakeThatHangs() throws Exception {
    try (RogueServer server = serving(WELL, Answer.failing(Fault.HANG, Stage.ACCEPTED))) {
      HttpSubmitter submitter = Post.with(Post.to(server.uri()).withTls(trusting));
      Thread closing =
          new Thread(
              () -> {
                server.awaitFaults(1);
                submitter.close();
              });
      closing.start();
      assertThat(submitter.submit(Post.batch(1), Post.attempt(Duration.ofMinutes(5))))
          .isInstanceOf(Later.class);
      closing.join();
    }
  }
}
