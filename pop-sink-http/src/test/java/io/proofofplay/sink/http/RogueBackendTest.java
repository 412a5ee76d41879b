package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Stage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A backend that misbehaves gets the verdict that loses nothing, in time. */
final class RogueBackendTest {

  private static final Duration SHORT = Duration.ofMillis(400);

  private final RogueServer server = RogueServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  private static final class Timed {
    private SubmitResult result;
    private Duration took;
  }

  private static Timed timed(HttpSubmitter submitter, Batch batch, Duration timeout)
      throws InterruptedException {
    Timed timed = new Timed();
    long start = System.nanoTime();
    timed.result = submitter.submit(batch, Post.attempt(timeout));
    timed.took = Duration.ofNanos(System.nanoTime() - start);
    return timed;
  }

  private Timed timed(Batch batch) throws InterruptedException {
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      return timed(submitter, batch, SHORT);
    }
  }

  private static void assertInTime(Timed timed) {
    assertThat(timed.took).isLessThan(SHORT.plusSeconds(1));
  }

  @ParameterizedTest
  @EnumSource(
      value = Stage.class,
      names = {"ANSWERED"},
      mode = EnumSource.Mode.EXCLUDE)
  void silenceEndsWithTheTimeoutAndIsLater(Stage stage) throws Exception {
    server.script(Answer.failing(Fault.HANG, stage));

    Timed timed = timed(Post.batch(3));

    assertThat(timed.result).isInstanceOf(Later.class);
    assertThat(((Later) timed.result).doubt()).isEqualTo(Doubt.NONE);
    assertThat(timed.result.reason().text()).startsWith(server.uri() + "/pop: ").contains("400 ms");
    assertThat(timed.took).isGreaterThanOrEqualTo(SHORT);
    assertInTime(timed);
  }

  @ParameterizedTest
  @EnumSource(
      value = Stage.class,
      names = {"ACCEPTED", "REQUEST_LINE", "REQUEST_HEAD"})
  void aBackendThatReadsNoFurtherEndsALongRequestInTimeAndCastsDoubtOnItsSize(Stage stage)
      throws Exception {
    server.script(Answer.failing(Fault.HANG, stage));

    Timed timed = timed(Post.batch(40, 500_000));

    assertThat(timed.result).isInstanceOf(Later.class);
    assertThat(((Later) timed.result).doubt()).isEqualTo(Doubt.SIZE);
    assertThat(timed.result.reason().text()).contains("could not be sent");
    assertInTime(timed);
  }

  @Test
  void aDrippingAnswerEndsWithTheTimeout() throws Exception {
    server.script(Answer.of(200, "taken").dripping(Duration.ofMillis(20)));
    Timed timed = timed(Post.batch(3));
    assertThat(timed.result).isInstanceOf(Later.class);
    assertInTime(timed);
  }

  @Test
  void aDrippingBodyOfARefusalDoesNotHideItsStatus() throws Exception {
    server.script(Answer.of(422, "x".repeat(60_000)).with(Fault.HANG, Stage.ANSWER_BODY));
    Timed timed = timed(Post.batch(3));
    assertThat(timed.result).isInstanceOf(Rejected.class);
    assertThat(timed.result.reason().answer()).hasSize(1024);
    assertInTime(timed);
  }

  @Test
  void endlessInterimAnswersEndWithTheTimeout() throws Exception {
    Integer[] many = Stream.generate(() -> 102).limit(5000).toArray(Integer[]::new);
    server.script(Answer.of(200).after(many).dripping(Duration.ofMillis(1)));
    Timed timed = timed(Post.batch(3));
    assertThat(timed.result).isInstanceOf(Later.class);
    assertInTime(timed);
  }

  static Stream<Arguments> broken() {
    return Stream.of(Fault.RESET, Fault.CLOSE)
        .flatMap(
            fault ->
                Stream.of(
                    arguments(fault, Stage.REQUEST_LINE, Doubt.SIZE),
                    arguments(fault, Stage.REQUEST_HEAD, Doubt.SIZE),
                    arguments(fault, Stage.REQUEST, Doubt.SIZE),
                    arguments(fault, Stage.ANSWER_STARTED, Doubt.SIZE),
                    arguments(fault, Stage.ANSWER_BODY, Doubt.NONE),
                    arguments(fault, Stage.LAST_BYTE, Doubt.NONE)));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void aConnectionThatBreaksOffIsLaterAndTheNextAttemptIsDelivered(
      Fault fault, Stage stage, Doubt doubt) throws Exception {
    server.script(Answer.failing(fault, stage), Answer.of(200));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      SubmitResult result = submitter.submit(Post.batch(3), Post.attempt());

      assertThat(result).isInstanceOf(Later.class);
      assertThat(((Later) result).doubt()).isEqualTo(doubt);
      assertThat(result.reason().text()).contains("broke off");
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
    }
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void aResetOnAcceptIsLater() throws Exception {
    server.script(Answer.failing(Fault.RESET, Stage.ACCEPTED));
    Timed timed = timed(Post.batch(3));
    assertThat(timed.result).isInstanceOf(Later.class);
    assertInTime(timed);
  }

  @Test
  void aHalfClosedAnswerIsLater() throws Exception {
    server.script(Answer.failing(Fault.HALF_CLOSE, Stage.REQUEST));
    assertThat(timed(Post.batch(3)).result).isInstanceOf(Later.class);
  }

  @Test
  void aHalfCloseAfterTheWholeAnswerIsDelivered() throws Exception {
    server.script(Answer.failing(Fault.HALF_CLOSE, Stage.ANSWERED), Answer.of(200));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  @Test
  void anEarly413IsHeardThoughTheConnectionIsResetBehindIt() throws Exception {
    server.script(Answer.of(413, "too much").withoutReading());
    Batch large = Post.batch(40, 100_000);
    for (int i = 0; i < 50; i++) {
      SubmitResult result = Post.once(Post.to(server.uri()));
      assertThat(result).isInstanceOf(TooLarge.class);
    }
    int heard = 0;
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      for (int i = 0; i < 50; i++) {
        SubmitResult result = submitter.submit(large, Post.attempt());
        // The kernel may throw the answer away with the reset: then the doubt is the size.
        if (result instanceof Later later) {
          assertThat(later.doubt()).isEqualTo(Doubt.SIZE);
        } else {
          assertThat(result).isInstanceOf(TooLarge.class);
          heard++;
        }
      }
    }
    assertThat(heard).isPositive();
  }

  @Test
  void anEarly413IsAlwaysHeardWithExpectContinue() throws Exception {
    server.script(Answer.of(413, "too much").withoutReading());
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()).withExpectContinue(true))) {
      for (int i = 0; i < 20; i++) {
        assertThat(submitter.submit(Post.batch(4, 100_000), Post.attempt()))
            .isInstanceOf(TooLarge.class);
      }
    }
  }

  @Test
  void aSuccessThatDidNotTakeTheWholeRequestConfirmsNothing() throws Exception {
    server.script(Answer.of(200, "taken").withoutReading());
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      SubmitResult result = submitter.submit(Post.batch(40, 500_000), Post.attempt());
      assertThat(result).isInstanceOf(Later.class);
      assertThat(((Later) result).doubt()).isEqualTo(Doubt.SIZE);
    }
  }

  @Test
  void anEndlessBodyIsCutAndItsConnectionClosed() throws Exception {
    server.script(Answer.of(200, "").endless(), Answer.of(422, "").endless());
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Rejected.class);
      server.awaitNoConnection();
    }
  }

  @Test
  void endlessHeadersAreHeld() throws Exception {
    server.script(Answer.of(200).withHeader("X-Long", "x".repeat(1_000_000)));
    assertThat(timed(Post.batch(3)).result).isInstanceOf(Held.class);
    Answer many = Answer.of(200);
    for (int i = 0; i < 1000; i++) {
      many = many.withHeader("X-Many-" + i, "x");
    }
    server.script(many);
    assertThat(timed(Post.batch(3)).result).isInstanceOf(Held.class);
  }

  @Test
  void aDestinationThatIsNotThereIsLater() throws Exception {
    server.goAway();
    SubmitResult result = Post.once(Post.to(server.uri()));
    assertThat(result).isInstanceOf(Later.class);
    assertThat(result.reason().text()).contains("refuses connections");
  }

  static Stream<Arguments> waits() {
    return Stream.of(Stage.values())
        .filter(stage -> stage != Stage.ANSWERED)
        .flatMap(stage -> Stream.of(arguments(stage, 0), arguments(stage, 500_000)));
  }

  @ParameterizedTest
  @MethodSource("waits")
  void closingEndsARunningAttempt(Stage stage, int filling) throws Exception {
    server.script(Answer.failing(Fault.HANG, stage));
    HttpSubmitter submitter = Post.with(Post.to(server.uri()));
    Batch batch = Post.batch(40, filling);
    AtomicReference<SubmitResult> result = new AtomicReference<>();
    Thread posting =
        new Thread(
            () -> {
              try {
                result.set(submitter.submit(batch, Post.attempt(Duration.ofMinutes(5))));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    posting.start();
    server.awaitFaults(1);

    long start = System.nanoTime();
    submitter.close();
    posting.join(20_000);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    assertThat(result.get()).isInstanceOf(Later.class);
    assertThat(result.get().reason().text()).contains("closed");
    submitter.close();
    assertThat(submitter.submit(batch, Post.attempt())).isInstanceOf(Later.class);
  }

  @Test
  void anInterruptEndsARunningAttempt() throws Exception {
    server.script(Answer.failing(Fault.HANG, Stage.REQUEST));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      AtomicReference<Exception> thrown = new AtomicReference<>();
      Thread posting =
          new Thread(
              () -> {
                try {
                  submitter.submit(Post.batch(3), Post.attempt(Duration.ofMinutes(5)));
                } catch (InterruptedException e) {
                  thrown.set(e);
                }
              });
      posting.start();
      server.awaitFaults(1);
      posting.interrupt();
      posting.join(20_000);
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);

      server.script(Answer.of(200));
      assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }
}
