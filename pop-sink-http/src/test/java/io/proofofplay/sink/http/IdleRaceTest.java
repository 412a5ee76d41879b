package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.RogueServer.Stage;
import io.proofofplay.testkit.TallyRun;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A server closes its idle connection at the very moment at which the next request is sent. Whether
 * it is seen before the request leaves, while it is written or while its answer is awaited is
 * chance; none of it may cost an attempt.
 */
final class IdleRaceTest {

  private static final int POSTS =
      Integer.getInteger("pop.idleRaces", Boolean.getBoolean("pop.torture") ? 10_000 : 3_000);

  /** The post comes so long after the answer, and the close up to half of it earlier or later. */
  private static final int WINDOW_MICROS = 300;

  /** About one request in so many is taken, and its connection reset instead of an answer. */
  private static final int DIES_IN = 40;

  /** What the server does, and what it remembers of it. */
  private static final class Closing {

    private final Random random = new Random(7);
    private final Set<Integer> keptConnections = new HashSet<>();
    private final Map<String, Integer> timesTaken = new HashMap<>();
    private final Set<String> unanswered = new HashSet<>();
    private int taken;

    synchronized Answer answer(Request request) {
      String key = request.header("Idempotency-Key").orElse("");
      timesTaken.merge(key, 1, Integer::sum);
      taken++;
      // A fresh connection that dies is an outage; only a kept one may be the idle close.
      boolean isKept = !keptConnections.add(request.connection());
      if (isKept && taken % DIES_IN == 0) {
        unanswered.add(key);
        return Answer.failing(Fault.RESET, Stage.REQUEST);
      }
      int micros = WINDOW_MICROS / 2 + random.nextInt(WINDOW_MICROS);
      return Answer.of(200).closingIdleAfter(Duration.of(micros, ChronoUnit.MICROS));
    }
  }

  @Test
  void aConnectionThatIsClosedAtTheMomentOfTheNextPostCostsNoAttempt() throws Exception {
    try (TallyRun run =
        TallyRun.of(
            "IdleRaceTest.aConnectionThatIsClosedAtTheMomentOfTheNextPostCostsNoAttempt",
            "posts at the moment of an idle close")) {
      Closing closing = new Closing();
      int outages = 0;
      int faults;
      try (RogueServer server = RogueServer.deciding(closing::answer);
          HttpSubmitter submitter = Post.with(Post.to(server.uri()))) {
        for (int i = 0; i < POSTS; i++) {
          spin(WINDOW_MICROS * 1000L);
          SubmitResult result = submitter.submit(batch(i), Post.attempt());
          outages += result instanceof Delivered ? 0 : 1;
          server.forgetRequests();
        }
        faults = server.idleCloses() + closing.unanswered.size();
      }
      int lost = 0;
      for (int i = 0; i < POSTS; i++) {
        lost += closing.timesTaken.containsKey("s-" + i) ? 0 : 1;
      }
      Set<String> twice = new HashSet<>();
      closing.timesTaken.forEach(
          (key, times) -> {
            if (times > 1) {
              twice.add(key);
            }
          });
      run.rounds(POSTS, faults);
      run.events(POSTS, lost, twice.size());

      assertThat(outages).as("attempts that were not delivered").isZero();
      assertThat(lost).as("posts that the server never took").isZero();
      assertThat(twice).as("taken twice").isEqualTo(closing.unanswered);
      assertThat(closing.unanswered).isNotEmpty();
      assertThat(faults).as("idle closes and resets").isGreaterThan(POSTS / 10);
      run.held();
    }
  }

  private static void spin(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  private static Batch batch(int number) {
    return new Batch(
        BatchId.of("s", number), List.of(PopEvent.of("{\"uuid\":\"u" + number + "\"}")));
  }
}
