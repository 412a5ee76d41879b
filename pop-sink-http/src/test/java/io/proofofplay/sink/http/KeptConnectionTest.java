package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.RogueServer.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One connection is kept, and its end costs nothing. */
final class KeptConnectionTest {

  private final RogueServer server = RogueServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  /** Real time, and as much more as a test says. */
  private static final class ShiftedTime implements TimeSource {

    private final AtomicLong shift = new AtomicLong();

    @Override
    public long nanos() {
      return shift.get();
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
  void allRequestsShareOneConnection() throws Exception {
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      for (int i = 0; i < 100; i++) {
        assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
    assertThat(server.connections()).isEqualTo(1);
    server.awaitNoConnection();
  }

  @Test
  void aRefusalKeepsTheConnectionToo() throws Exception {
    server.script(Answer.of(503, "busy"));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      for (int i = 0; i < 10; i++) {
        assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Later.class);
      }
    }
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void aConnectionThatTheServerClosesAfterEachAnswerCostsNoAttempt() throws Exception {
    server.script(Answer.failing(Fault.CLOSE, Stage.ANSWERED));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      for (int i = 0; i < 400; i++) {
        assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
    assertThat(server.requests()).hasSize(400);
  }

  @Test
  void aConnectionThatTheServerResetsAfterEachAnswerCostsNoAttempt() throws Exception {
    server.script(
        Answer.of(204, "").with(Fault.RESET, Stage.ANSWERED), Answer.of(204, ""), Answer.of(204));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      for (int i = 0; i < 3; i++) {
        assertThat(submitter.submit(Post.batch(3), Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
  }

  @Test
  void aRequestThatDiesOnAKeptConnectionIsSentOnceMoreOnAFreshOne() throws Exception {
    server.script(
        Answer.of(200), Answer.failing(Fault.RESET, Stage.REQUEST), Answer.of(200, "again"));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(submitter.submit(Post.batch(3), Post.attempt()).reason().answer())
          .isEqualTo("again");
    }
    List<Request> requests = server.requests();
    assertThat(requests).hasSize(3);
    assertThat(requests.get(2).connection()).isEqualTo(1);
    assertThat(requests.get(2).body()).isEqualTo(requests.get(1).body());
    assertThat(requests.get(2).header("Idempotency-Key"))
        .isEqualTo(requests.get(1).header("Idempotency-Key"))
        .contains("s-7");
  }

  @Test
  void itIsSentOnceMoreOnlyOnce() throws Exception {
    Answer dies = Answer.failing(Fault.CLOSE, Stage.REQUEST);
    server.script(Answer.of(200), dies, dies, Answer.of(200));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Later.class);
    }
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void aRequestThatDiesOnAFreshConnectionIsNotSentAgain() throws Exception {
    server.script(Answer.failing(Fault.CLOSE, Stage.REQUEST), Answer.of(200));
    assertThat(Post.once(Post.to(server.uri()))).isInstanceOf(Later.class);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aRequestWhoseAnswerHadBegunIsNotSentAgain() throws Exception {
    server.script(
        Answer.of(200), Answer.failing(Fault.RESET, Stage.ANSWER_STARTED), Answer.of(200));
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Later.class);
    }
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void aConnectionIsNotKeptLongerThanServersDo() throws Exception {
    ShiftedTime time = new ShiftedTime();
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()), time)) {
      submitter.submit(Post.batch(1), Post.attempt());
      time.shift.addAndGet(Duration.ofSeconds(3).toNanos());
      submitter.submit(Post.batch(1), Post.attempt());
      assertThat(server.connections()).isEqualTo(1);
      time.shift.addAndGet(Duration.ofSeconds(5).toNanos());
      submitter.submit(Post.batch(1), Post.attempt());
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void aServerMaySayHowLongItKeepsAConnection() throws Exception {
    server.script(Answer.of(200).withHeader("Keep-Alive", "timeout=60, max=100"));
    ShiftedTime time = new ShiftedTime();
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()), time)) {
      submitter.submit(Post.batch(1), Post.attempt());
      time.shift.addAndGet(Duration.ofSeconds(50).toNanos());
      submitter.submit(Post.batch(1), Post.attempt());
      assertThat(server.connections()).isEqualTo(1);
      time.shift.addAndGet(Duration.ofSeconds(60).toNanos());
      submitter.submit(Post.batch(1), Post.attempt());
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void refreshingLetsGoOfTheConnection() throws Exception {
    try (HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
      submitter.submit(Post.batch(1), Post.attempt());
      submitter.refresh();
      submitter.submit(Post.batch(1), Post.attempt());
    }
    assertThat(server.connections()).isEqualTo(2);
  }
}
