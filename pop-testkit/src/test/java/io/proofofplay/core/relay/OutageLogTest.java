package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.LogLines;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import io.proofofplay.testkit.TallyRun;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an outage writes into the log. */
class OutageLogTest {

  private static final Duration HOUR = Duration.ofHours(1);

  /** The first, one a minute, the last. */
  private static final int MOST = 62;

  /** What has gone wrong beside the outage is said as well: once when it begins, once an hour. */
  private static final int MOST_BESIDE = 2;

  private static final Later DOWN = Later.because("http://backend: connection refused");

  private final LogLines heard = LogLines.of("io.proofofplay");
  private final ManualTime time = ManualTime.flowing();
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final VirtualRelay relay =
      new VirtualRelay(
          time,
          new MemoryStorage(time),
          Sink.named("billing", backend)
              .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ofSeconds(1))));

  @AfterEach
  void stopListening() {
    heard.close();
  }

  private static TallyRun tally(String test) {
    return TallyRun.of("OutageLogTest." + test, "an hour of outage on virtual time, and its log");
  }

  /** An hour of this, five events a minute; answers how many lines that were. */
  private int hourOf(TallyRun run, Function<Batch, SubmitResult> answers) {
    int before = backend.deliveredEvents().size();
    long deadBefore = relay.stats("billing").dead();
    long[] faults = {0};
    backend.otherwise(
        batch -> {
          faults[0]++;
          SubmitResult result = answers.apply(batch);
          faults[0] -= result instanceof Delivered ? 1 : 0;
          return result;
        });
    for (int minute = 0; minute < 60; minute++) {
      relay.play(Events.numbered(minute * 5, minute * 5 + 5));
      relay.run(Duration.ofMinutes(1));
    }
    int said = heard.lines().size();
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    relay.drain("billing", HOUR);
    relay.run(Duration.ofMinutes(3));
    List<PopEvent> all = backend.deliveredEvents();
    List<PopEvent> delivered = all.subList(before, all.size());
    int distinct = new HashSet<>(delivered).size();
    long dead = relay.stats("billing").dead() - deadBefore;
    run.round(faults[0]);
    run.events(300, Math.max(0, 300 - distinct - dead), delivered.size() - distinct);
    return said;
  }

  private void expectAnHoursLines() {
    assertThat(heard.lines()).hasSizeBetween(3, MOST);
    assertThat(heard.lines().get(0)).startsWith("sink billing: does not deliver: ");
    assertThat(heard.lines().get(heard.lines().size() - 1))
        .matches("sink billing: delivers again after .* wait");
  }

  @Test
  void anOutageIsALineAtItsStartOneAMinuteAndOneAtItsEnd() {
    try (TallyRun run = tally("anOutageIsALineAtItsStartOneAMinuteAndOneAtItsEnd")) {
      hourOf(run, b -> DOWN);
      expectAnHoursLines();
      assertThat(heard.lines().get(0)).contains("connection refused").endsWith("; 5 events wait");
      assertThat(heard.lines()).hasSizeGreaterThanOrEqualTo(60);
      for (String line : heard.lines().subList(1, heard.lines().size() - 1)) {
        assertThat(line)
            .matches(
                "sink billing: has not delivered for (1h|(\\d+m)?(\\d+s)?), \\d+ attempts; last: .* refused;"
                    + " \\d+ events wait");
      }
      assertThat(heard.lines().get(59)).contains("for 59m").contains("295 events wait");
      assertThat(heard.lines().get(heard.lines().size() - 1)).contains("after 1h");
      run.held();
    }
  }

  @Test
  void aHoldIsNoLouder() {
    try (TallyRun run = tally("aHoldIsNoLouder")) {
      hourOf(run, b -> new Held(Reason.of("answered 401")));
      expectAnHoursLines();
      run.held();
    }
  }

  @Test
  void resetsAreNoLouder() {
    try (TallyRun run = tally("resetsAreNoLouder")) {
      hourOf(run, b -> new Later(Reason.of("reset"), Optional.empty(), Doubt.SIZE));
      expectAnHoursLines();
      run.held();
    }
  }

  @Test
  void serverErrorsAreNoLouder() {
    try (TallyRun run = tally("serverErrorsAreNoLouder")) {
      hourOf(run, b -> new Later(Reason.of("answered 500"), Optional.empty(), Doubt.BYTES));
      expectAnHoursLines();
      run.held();
    }
  }

  @Test
  void aSubmitterThatThrowsIsNoLouder() {
    try (TallyRun run = tally("aSubmitterThatThrowsIsNoLouder")) {
      hourOf(
          run,
          b -> {
            throw new IllegalStateException("bug");
          });
      assertThat(heard.lines()).hasSizeLessThanOrEqualTo(MOST + MOST_BESIDE);
      assertThat(heard.lines()).filteredOn(line -> line.contains("threw")).hasSizeBetween(1, 2);
      run.held();
    }
  }

  @Test
  void aDestinationThatRejectsEverythingIsNoLouder() {
    try (TallyRun run = tally("aDestinationThatRejectsEverythingIsNoLouder")) {
      relay.play(Events.numbered(1000, 1010));
      relay.drain("billing", HOUR);
      hourOf(run, b -> new Rejected(Reason.of("answered 422")));
      assertThat(heard.lines()).hasSizeLessThanOrEqualTo(MOST + MOST_BESIDE);
      assertThat(heard.lines()).anyMatch(line -> line.contains("rejects everything"));
      run.held();
    }
  }

  @Test
  void aBackendThatComesAndGoesIsNoLouder() {
    try (TallyRun run = tally("aBackendThatComesAndGoesIsNoLouder")) {
      for (int period : new int[] {1, 5, 20, 45, 61, 70, 130}) {
        heard.clear();
        long began = time.nanos();
        int said =
            hourOf(
                run,
                b -> {
                  long second = Duration.ofNanos(time.nanos() - began).toSeconds();
                  return second % (2L * period) < period ? DOWN : ScriptedSubmitter.delivered();
                });
        assertThat(said)
            .as("lines, for every %s seconds: %s", period, heard.lines())
            .isBetween(3, MOST);
        assertThat(heard.lines()).last().asString().contains("delivers again");
      }
      run.held();
    }
  }

  @Test
  void aShortOutageIsToldWithItsBacklog() {
    backend.otherwise(b -> DOWN);
    relay.play(Events.numbered(40));
    relay.run(Duration.ofSeconds(30));
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    relay.drain("billing", HOUR);
    relay.run(Duration.ofSeconds(10));
    assertThat(heard.lines()).hasSize(2);
    assertThat(heard.lines().get(1))
        .matches("sink billing: delivers again after \\d+s and \\d failed.*");
  }

  @Test
  void theProblemIsGoneWithTheFirstDeliveryAndTheLastWordIsSaidAtAStop() {
    assertThat(relay.stats("billing").problem()).isEmpty();
    backend.otherwise(b -> DOWN);
    relay.play(Events.numbered(40));
    relay.run(Duration.ofSeconds(30));
    assertThat(relay.stats("billing").problem()).contains(DOWN.reason().text());
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    while (relay.stats("billing").delivered() == 0) {
      relay.run(Duration.ofMillis(100));
    }
    assertThat(relay.stats("billing").problem()).isEmpty();
    assertThat(heard.lines()).hasSize(1);
    relay.stop();
    assertThat(heard.lines()).hasSize(2);
    assertThat(heard.lines().get(1)).contains("delivers again");
  }

  @Test
  void aStopInAnOutageDoesNotSayThatItIsOver() {
    backend.otherwise(b -> DOWN);
    relay.play(Events.numbered(40));
    relay.run(Duration.ofSeconds(30));
    relay.stop();
    assertThat(heard.lines()).hasSize(1);
  }

  @Test
  void aSecondOutageIsToldLikeTheFirst() {
    for (int i = 0; i < 3; i++) {
      heard.clear();
      backend.otherwise(b -> DOWN);
      relay.play(Events.numbered(i * 10, i * 10 + 10));
      relay.run(Duration.ofSeconds(30));
      assertThat(heard.lines()).hasSize(1);
      backend.otherwise(b -> ScriptedSubmitter.delivered());
      relay.drain("billing", HOUR);
      relay.run(Duration.ofMinutes(5));
      assertThat(heard.lines()).hasSize(2);
    }
  }
}
