package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import io.proofofplay.testkit.ScriptedSubmitter.Submission;
import io.proofofplay.testkit.TallyRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A wall clock that is wrong, and jumps. The same story is played with a clock that is right and
 * with one that jumps at each single point of it: everything but the stamps must be the same.
 */
class ClockTest {

  private static final Duration YEARS = Duration.ofDays(50 * 365);
  private static final List<Duration> JUMPS =
      List.of(Duration.ofHours(1), Duration.ofHours(-1), YEARS, YEARS.negated());

  private static final Reason REASON = Reason.of("scripted");

  /** The story's answers in order; then all is well. */
  private static final List<SubmitResult> ANSWERS =
      List.of(
          ScriptedSubmitter.delivered(),
          Later.because("down"),
          Later.because("down"),
          new Later(REASON, Optional.of(Duration.ofSeconds(90)), Doubt.NONE),
          ScriptedSubmitter.delivered(),
          new TooLarge(REASON),
          ScriptedSubmitter.delivered(),
          new Held(REASON),
          new Held(REASON),
          ScriptedSubmitter.delivered(),
          new Rejected(REASON),
          new Rejected(REASON),
          new Rejected(REASON),
          new Rejected(REASON),
          new Rejected(REASON),
          new Later(REASON, Optional.empty(), Doubt.BYTES),
          new Later(REASON, Optional.empty(), Doubt.SIZE));

  /** One telling of the story. */
  private static final class Story {

    private final ManualTime time;
    private final MemoryStorage storage;
    private final ScriptedSubmitter backend;
    private final VirtualRelay relay;
    private final List<String> seen = new ArrayList<>();
    private final int jumpAt;
    private final Duration jump;
    private int point;
    private int answered;
    private int played;

    Story(Instant wall, int jumpAt, Duration jump) {
      this.jumpAt = jumpAt;
      this.jump = jump;
      time = ManualTime.flowing().startingAt(wall, Duration.ofSeconds(3).toNanos());
      storage = new MemoryStorage(time);
      backend = new ScriptedSubmitter(time);
      backend.otherwise(this::answer);
      relay =
          new VirtualRelay(
              time,
              storage,
              new SplittableRandom(5)::nextDouble,
              Sink.named("billing", backend)
                  .withBatch(new BatchPolicy(8, ByteSize.ofKiB(512), Duration.ofSeconds(10)))
                  .withSpool(
                      SpoolPolicy.defaults()
                          .withMaxBytes(ByteSize.ofKiB(16))
                          .withWhenFull(WhenFull.DROP_OLDEST, Duration.ZERO)
                          .withMaxAge(Duration.ofHours(2))));
      relay.longestStep = Duration.ofSeconds(20);
    }

    private void point() {
      if (point++ == jumpAt) {
        time.jumpWall(jump);
      }
    }

    private SubmitResult answer(Batch batch) {
      time.advance(Duration.ofMillis(700));
      point();
      time.advance(Duration.ofMillis(700));
      return answered < ANSWERS.size() ? ANSWERS.get(answered++) : ScriptedSubmitter.delivered();
    }

    Story told() {
      point();
      for (int i = 0; i < 16; i++) {
        play(i * 5, i * 5 + 5);
        run(Duration.ofSeconds(45));
      }
      // A sink that is dead until its events are too old, then well again.
      backend.otherwise(b -> Later.because("down"));
      for (int i = 0; i < 8; i++) {
        play(500 + i * 15, 515 + i * 15);
        run(Duration.ofMinutes(20));
      }
      backend.otherwise(this::answer);
      run(Duration.ofMinutes(10));
      run(Duration.ofMinutes(10));
      for (Submission each : backend.submissions()) {
        seen.add(
            each.nanos() + " " + each.batch().id() + " " + each.batch().events() + each.result());
      }
      return this;
    }

    private void play(int from, int to) {
      relay.play(Events.numbered(from, to));
      played += to - from;
    }

    /** What became of all that was played, by what the backend and the dead letters have of it. */
    void count(TallyRun run, int jumps) {
      List<PopEvent> delivered = backend.deliveredEvents();
      Set<PopEvent> seen = new HashSet<>(delivered);
      int repeated = delivered.size() - seen.size();
      storage.dead("billing").stream().map(DeadLetter::event).forEach(seen::add);
      SinkStats stats = relay.stats("billing");
      long inTheLedger = stats.dropped().values().stream().mapToLong(Long::longValue).sum();
      run.round(jumps);
      run.events(
          played, Math.max(0, played - seen.size() - inTheLedger - stats.waiting()), repeated);
    }

    private void run(Duration span) {
      point();
      relay.run(span);
      SinkStats stats = relay.stats("billing");
      stats
          .oldestWaiting()
          .ifPresent(
              age -> assertThat(age).as("the oldest age").isGreaterThanOrEqualTo(Duration.ZERO));
      seen.add(
          stats.state()
              + " "
              + stats.waiting()
              + " "
              + stats.dead()
              + " "
              + stats.dropped()
              + stats.oldestWaiting()
              + stats.submissions());
    }
  }

  @Test
  void noJumpAtAnyPointChangesWhatIsSentOrWhen() {
    Story right = new Story(ManualTime.START, -1, Duration.ZERO).told();
    // The story has what it is told for.
    assertThat(right.seen.toString())
        .contains("HELD", "BACKING_OFF", "TooLarge", "Rejected", "FULL_OLDEST", "TOO_OLD");
    try (TallyRun run =
        TallyRun.of(
            "ClockTest.noJumpAtAnyPointChangesWhatIsSentOrWhen",
            "a clock that jumps once, anywhere in three hours of answers of all kinds")) {
      right.count(run, 0);
      for (Duration jump : JUMPS) {
        for (int at = 0; at < right.point; at++) {
          Story wrong = new Story(ManualTime.START, at, jump).told();
          wrong.count(run, 1);
          assertThat(wrong.seen).as("a jump of %s at point %s", jump, at).isEqualTo(right.seen);
        }
      }
      run.held();
    }
  }

  @Test
  void aDeviceThatBootsIn1970AndHearsTheTimeLaterSendsTheSame() {
    Story right = new Story(ManualTime.START, -1, Duration.ZERO).told();
    try (TallyRun run =
        TallyRun.of(
            "ClockTest.aDeviceThatBootsIn1970AndHearsTheTimeLaterSendsTheSame",
            "a clock that begins at 1970 and is put right somewhere")) {
      for (int at = 0; at < right.point; at += 3) {
        Duration toTheRightTime = Duration.between(Instant.EPOCH, ManualTime.START);
        Story wrong = new Story(Instant.EPOCH, at, toTheRightTime).told();
        wrong.count(run, 1);
        assertThat(wrong.seen).as("the time is heard at point %s", at).isEqualTo(right.seen);
      }
      run.held();
    }
  }

  @Test
  void whatAnEarlierLifeLeftIsNeverOfANegativeAge() {
    for (Duration jump : JUMPS) {
      ManualTime time = ManualTime.flowing();
      MemoryStorage storage = new MemoryStorage(time);
      ScriptedSubmitter down = new ScriptedSubmitter(time).otherwise(b -> Later.because("down"));
      VirtualRelay first = new VirtualRelay(time, storage, Sink.named("billing", down));
      first.play(Events.numbered(20));
      first.run(Duration.ofMinutes(5));
      first.stop();
      time.jumpWall(jump);
      ScriptedSubmitter second = new ScriptedSubmitter(time).otherwise(b -> Later.because("down"));
      VirtualRelay next = new VirtualRelay(time, storage, Sink.named("billing", second));
      Duration atFirst = next.stats("billing").oldestWaiting().orElseThrow();
      assertThat(atFirst).isGreaterThanOrEqualTo(Duration.ZERO);
      time.jumpWall(jump.negated());
      next.run(Duration.ofMinutes(5));
      assertThat(next.stats("billing").oldestWaiting()).contains(atFirst.plusMinutes(5));
      second.otherwise(b -> ScriptedSubmitter.delivered());
      next.drain("billing", Duration.ofHours(1));
      assertThat(second.deliveredEvents()).containsExactlyElementsOf(Events.numbered(20));
    }
  }
}
