package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Stage;
import io.proofofplay.testkit.TallyRun;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attempts that are ended from outside, and what one run of {@link RogueTableTest} may miss. */
final class RogueBackendTest {

  private final RogueServer server = RogueServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  /** Of these backends none takes anything. */
  private static TallyRun tally(String test, String what) {
    return TallyRun.of(
        "RogueBackendTest." + test, what + "; lost: said to be delivered, and not there");
  }

  /** One attempt of a batch that no backend has taken. */
  private static SubmitResult counted(TallyRun run, int events, SubmitResult result) {
    run.round(1);
    run.events(events, result instanceof Delivered ? events : 0, 0);
    return result;
  }

  @Test
  void anEarly413IsHeardThoughTheConnectionIsResetBehindIt() throws Exception {
    try (TallyRun run =
        tally(
            "anEarly413IsHeardThoughTheConnectionIsResetBehindIt",
            "413 before the body, then a reset")) {
      hearEarly413s(run);
      run.held();
    }
  }

  private void hearEarly413s(TallyRun run) throws Exception {
    server.script(Answer.of(413, "too much").withoutReading());
    Batch large = Post.batch(40, 100_000);
    for (int i = 0; i < 50; i++) {
      SubmitResult result = counted(run, 3, Post.once(Post.to(server.uri())));
      assertThat(result).isInstanceOf(TooLarge.class);
    }
    int heard = 0;
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      for (int i = 0; i < 50; i++) {
        SubmitResult result = counted(run, 40, submitter.submit(large, Post.attempt()));
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
    try (TallyRun run =
            tally(
                "anEarly413IsAlwaysHeardWithExpectContinue",
                "413 before the body, which waits for it");
        HttpSubmitter submitter = Post.with(Post.to(server.uri()).withExpectContinue(true))) {
      for (int i = 0; i < 20; i++) {
        assertThat(counted(run, 4, submitter.submit(Post.batch(4, 100_000), Post.attempt())))
            .isInstanceOf(TooLarge.class);
      }
      run.held();
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
    try (TallyRun run =
        tally("closingEndsARunningAttempt", "closed in the middle of an attempt that hangs")) {
      closeInTheMiddle(run, stage, filling);
      run.held();
    }
  }

  private void closeInTheMiddle(TallyRun run, Stage stage, int filling) throws Exception {
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

    // A second is the promise; the rest is for a machine that has other things to do.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    assertThat(counted(run, 40, result.get())).isInstanceOf(Later.class);
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
