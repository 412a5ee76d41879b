package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.ContractStatus;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import io.proofofplay.testkit.ScriptedSubmitter;
import io.proofofplay.testkit.ScriptedSubmitter.Submission;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What follows from each verdict. */
class DeliveryTest {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Later RESET = new Later(Reason.of("reset"), Optional.empty(), Doubt.SIZE);
  private static final Later ERROR_500 =
      new Later(new Reason("answered 500", 500, ""), Optional.empty(), Doubt.BYTES);
  private static final Later DOWN = Later.because("refused");
  private static final Rejected BAD = new Rejected(new Reason("answered 422", 422, "bad field x"));
  private static final TooLarge LARGE = new TooLarge(new Reason("answered 413", 413, ""));
  private static final Held FORBIDDEN = new Held(new Reason("answered 401", 401, ""));

  private static final List<PopEvent> STATUS_EVENTS = Events.numbered(310);

  private final ManualTime time = ManualTime.flowing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final Sink sink =
      Sink.named("billing", backend)
          .withBatch(new BatchPolicy(100, ByteSize.ofKiB(512), Duration.ofSeconds(10)));

  private VirtualRelay relay(Sink... sinks) {
    return new VirtualRelay(time, storage, sinks);
  }

  private static Predicate<Batch> holds(PopEvent... bad) {
    Set<PopEvent> wanted = Set.of(bad);
    return batch -> batch.events().stream().anyMatch(wanted::contains);
  }

  private List<PopEvent> dead() {
    return storage.dead("billing").stream().map(DeadLetter::event).toList();
  }

  private void expectDeliveredOnceInOrder(List<PopEvent> events) {
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(events);
  }

  private static List<PopEvent> without(List<PopEvent> events, PopEvent... bad) {
    List<PopEvent> rest = new ArrayList<>(events);
    rest.removeAll(List.of(bad));
    return rest;
  }

  @Test
  void fullBatchesGoAtOnceAndTheRestAfterTheInterval() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(250));
    relay.run(Duration.ofSeconds(9));
    assertThat(backend.submissions()).extracting(s -> s.batch().size()).containsExactly(100, 100);
    relay.run(Duration.ofSeconds(2));
    assertThat(backend.submissions())
        .extracting(s -> s.batch().size())
        .containsExactly(100, 100, 50);
    expectDeliveredOnceInOrder(Events.numbered(250));
  }

  @Test
  void whileAnAnswerIsAwaitedTheNextBatchIsReadAndWhatIsOnItsWayIsTold() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(250));
    relay.drain("billing", DAY);

    assertThat(relay.heard.notes(RecordingListener.Submitting.class))
        .extracting(RecordingListener.Submitting::batch)
        .containsExactlyElementsOf(backend.submissions().stream().map(Submission::batch).toList());
    assertThat(storage.readAheads("billing")).isEqualTo(3);
    expectDeliveredOnceInOrder(Events.numbered(250));
  }

  /** As when the batch behind was read while the last answer was waited for. */
  @Test
  void whatIsFoundDamagedAtTheLastMomentIsInTheLedgerWhenTheSinkIsShut() throws IOException {
    backend.otherwise(batch -> DOWN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(250));
    relay.run(MINUTE);
    storage.damageOldest("billing");

    relay.lane("billing").release();

    assertThat(storage.drops("billing"))
        .extracting(Drop::reason, Drop::count)
        .containsExactly(tuple(DropReason.DAMAGED, 100L));
  }

  /** There is time enough, and the next batch would be in memory for nothing. */
  @Test
  void inAnOutageNothingIsReadAhead() {
    backend.answering(DOWN, ERROR_500, DOWN, FORBIDDEN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(30));
    relay.drain("billing", DAY);

    assertThat(backend.submissions()).hasSize(5);
    assertThat(relay.heard.notes(RecordingListener.Submitting.class)).hasSize(1);
    assertThat(storage.readAheads("billing")).isEqualTo(1);
  }

  @Test
  void submissionsOfBatchesThatAreNotFullKeepTheInterval() {
    VirtualRelay relay = relay(sink);
    for (int i = 0; i < 120; i++) {
      relay.play(List.of(Events.number(i)));
      relay.run(Duration.ofSeconds(1));
    }
    List<Submission> all = backend.submissions();
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i).nanos() - all.get(i - 1).nanos())
          .isGreaterThanOrEqualTo(Duration.ofSeconds(10).toNanos());
    }
    relay.run(Duration.ofSeconds(10));
    expectDeliveredOnceInOrder(Events.numbered(120));
  }

  @Test
  void aLastEventDoesNotWaitForAnother() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    relay.run(Duration.ofSeconds(1));
    relay.play(List.of(Events.number(100)));
    relay.run(Duration.ofSeconds(10));
    expectDeliveredOnceInOrder(Events.numbered(101));
  }

  @Test
  void aRetrySendsTheSameBytesUnderTheSameId() {
    backend.answering(DOWN, ERROR_500, DOWN, FORBIDDEN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(30));
    relay.drain("billing", DAY);
    assertThat(backend.submissions()).hasSize(5);
    assertThat(backend.submissions())
        .extracting(s -> s.batch().id())
        .containsOnly(backend.submissions().get(0).batch().id());
    assertThat(backend.submissions())
        .extracting(s -> s.batch().events())
        .containsOnly(Events.numbered(30));
  }

  @Test
  @Tag("long")
  void anOutageOfThirtyDaysLosesNothingAndIsProbedByOneBatchAtATime() {
    time.after(Duration.ofDays(30), () -> backend.otherwise(b -> ScriptedSubmitter.delivered()));
    backend.otherwise(b -> DOWN);
    VirtualRelay relay = relay(sink);
    relay.longestStep = MINUTE;
    int events = 30 * 24 * 12;
    for (int i = 0; i < events; i++) {
      relay.play(List.of(Events.number(i)));
      relay.run(MINUTE.multipliedBy(5));
    }
    List<Submission> probes = backend.submissions();
    assertThat(probes).extracting(s -> s.batch().id()).containsOnly(probes.get(0).batch().id());
    for (int i = 10; i < probes.size(); i++) {
      assertThat(probes.get(i).nanos() - probes.get(i - 1).nanos())
          .isBetween(Duration.ofSeconds(30).toNanos(), Duration.ofSeconds(62).toNanos());
    }
    relay.run(Duration.ofDays(1));
    relay.drain("billing", DAY);
    expectDeliveredOnceInOrder(Events.numbered(events));
    assertThat(relay.stats("billing").dead()).isZero();
  }

  @Test
  void theDrainAfterAnOutageStartsGently() {
    backend.answering(DOWN, DOWN, DOWN, DOWN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1000));
    relay.drain("billing", DAY);
    List<Submission> all = backend.submissions();
    assertThat(all.get(5).nanos() - all.get(4).nanos())
        .isGreaterThanOrEqualTo(Duration.ofMillis(250).toNanos());
    assertThat(all.get(13).nanos() - all.get(12).nanos())
        .isLessThan(Duration.ofMillis(10).toNanos());
    expectDeliveredOnceInOrder(Events.numbered(1000));
  }

  @Test
  void aFailureOfAMomentIsNotFollowedByAGentleDrain() {
    backend.answering(DOWN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1000));
    relay.drain("billing", MINUTE);
    List<Submission> all = backend.submissions();
    assertThat(all).hasSize(11);
    assertThat(all.get(10).nanos() - all.get(1).nanos())
        .isLessThan(Duration.ofMillis(100).toNanos());
  }

  @Test
  void aDestinationThatAsksForAPauseGetsIt() {
    backend.answering(
        new Later(Reason.of("answered 429"), Optional.of(Duration.ofMinutes(20)), Doubt.NONE));
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10));
    relay.run(Duration.ofMinutes(19));
    assertThat(backend.submissions()).hasSize(1);
    relay.run(Duration.ofMinutes(4));
    expectDeliveredOnceInOrder(Events.numbered(10));
  }

  @Test
  void aPauseOfNothingIsNoLeaveToHammer() {
    backend.otherwise(b -> new Later(Reason.of("503"), Optional.of(Duration.ZERO), Doubt.NONE));
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10));
    relay.run(MINUTE);
    assertThat(backend.submissions()).hasSizeLessThan(121);
  }

  @Test
  void aSignOfLifeEndsABackOffEarly() {
    backend.otherwise(b -> DOWN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10));
    relay.run(Duration.ofMinutes(30));
    int before = backend.submissions().size();
    relay.intake("player").connected("p");
    relay.run(Duration.ofSeconds(2));
    assertThat(backend.submissions().size() - before).isEqualTo(1);
  }

  @Test
  void aPlayerThatComesAndGoesDoesNotTurnTheBackOffIntoAHammer() {
    backend.otherwise(b -> DOWN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10));
    relay.run(Duration.ofMinutes(10));
    int before = backend.submissions().size();
    for (int i = 0; i < 300; i++) {
      relay.intake("player").connected("p");
      relay.run(Duration.ofSeconds(2));
    }
    assertThat(backend.submissions().size() - before).isLessThan(35);
  }

  @Test
  void heldIsRetriedSlowlyAfterReadingTheSecretAgainAndNothingIsDropped() {
    backend.otherwise(b -> FORBIDDEN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(500));
    relay.run(Duration.ofHours(10));
    assertThat(relay.lane("billing").stats().state()).isEqualTo(SinkState.HELD);
    assertThat(backend.submissions().size()).isBetween(600, 1200);
    assertThat(backend.refreshes()).isEqualTo(backend.submissions().size() - 1);
    assertThat(relay.stats("billing").waiting()).isEqualTo(500);
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    relay.drain("billing", DAY);
    expectDeliveredOnceInOrder(Events.numbered(500));
    assertThat(dead()).isEmpty();
  }

  @Test
  void tooLargeIsHalvedUntilItFitsAndTheSizeIsRemembered() {
    backend.otherwise(b -> b.bytes() > 8_000 ? LARGE : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(400));
    relay.drain("billing", MINUTE);
    expectDeliveredOnceInOrder(Events.numbered(400));
    long refused =
        backend.submissions().stream().filter(s -> s.result() instanceof TooLarge).count();
    assertThat(refused).isLessThanOrEqualTo(4);
    assertThat(dead()).isEmpty();
  }

  @Test
  void theRememberedSizeIsForgottenAfterAWhile() {
    backend.answering(LARGE, LARGE);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    relay.drain("billing", MINUTE);
    relay.run(Duration.ofHours(2));
    relay.play(Events.numbered(100, 200));
    relay.drain("billing", MINUTE);
    Submission last = backend.submissions().get(backend.submissions().size() - 1);
    assertThat(last.batch().size()).isEqualTo(100);
  }

  @Test
  void aSingleEventThatIsTooLargeIsADeadLetterAndTheOthersPass() {
    PopEvent huge = Events.ofLength(50, 20_000);
    List<PopEvent> all = new ArrayList<>(Events.numbered(100));
    all.set(50, huge);
    backend.otherwise(b -> b.bytes() > 10_000 ? LARGE : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(all);
    relay.drain("billing", MINUTE);
    assertThat(dead()).containsExactly(huge);
    expectDeliveredOnceInOrder(without(all, huge));
  }

  @Test
  void aPoisonIsFoundAloneAndAllOthersAreDeliveredOnceInOrder() {
    PopEvent poison = Events.number(637);
    backend.otherwise(b -> holds(poison).test(b) ? BAD : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1000));
    relay.drain("billing", MINUTE);
    assertThat(dead()).containsExactly(poison);
    assertThat(storage.dead("billing").get(0).reason().answer()).isEqualTo("bad field x");
    expectDeliveredOnceInOrder(without(Events.numbered(1000), poison));
    assertThat(backend.submissions()).hasSizeLessThan(10 + 16);
  }

  @Test
  void whatWasDividedToFindOneBadEventIsNotPutTogetherAgainForTheNext() {
    PopEvent late = Events.number(60);
    Predicate<Batch> bad = holds(Events.number(10), late);
    backend.otherwise(b -> bad.test(b) ? BAD : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    relay.drain("billing", DAY);
    assertThat(dead()).containsExactly(Events.number(10), late);
    // The whole, its half, and the halves of that: none of it in a larger part again.
    assertThat(backend.submissions())
        .filteredOn(s -> holds(late).test(s.batch()))
        .extracting(s -> s.batch().size())
        .containsExactly(100, 50, 25, 12, 6, 3, 2, 1);
  }

  @Test
  void oneKeyNeverStandsForTwoBodies() {
    Random random = new Random(7);
    backend.otherwise(
        b -> {
          int dice = random.nextInt(10);
          return dice < 2
              ? BAD
              : dice < 3
                  ? LARGE
                  : dice < 5 ? ERROR_500 : dice < 6 ? RESET : ScriptedSubmitter.delivered();
        });
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(2000));
    relay.drain("billing", Duration.ofDays(10));
    Set<String> ids = new HashSet<>();
    Set<String> bodies = new HashSet<>();
    for (Submission s : backend.submissions()) {
      ids.add(s.batch().id().toString());
      bodies.add(s.batch().id() + "=" + s.batch().events().hashCode());
    }
    assertThat(bodies).hasSameSizeAs(ids);
  }

  @Test
  void whenEverythingIsRejectedAtMostTenBecomeDeadLettersAndTheSinkHolds() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10_000, 10_100));
    relay.drain("billing", MINUTE);
    backend.otherwise(b -> BAD);
    relay.play(Events.numbered(1000));
    relay.run(Duration.ofDays(3));
    assertThat(dead()).hasSize(Delivery.BRAKE_AFTER);
    SinkStats stats = relay.stats("billing");
    assertThat(stats.state()).isEqualTo(SinkState.BRAKED);
    assertThat(stats.problem()).get().asString().contains("rejects everything");
    assertThat(stats.waiting()).isEqualTo(990);
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    relay.drain("billing", DAY);
    assertThat(backend.deliveredEvents().subList(100, 1090))
        .containsExactlyInAnyOrderElementsOf(Events.numbered(10, 1000));
  }

  @Test
  void restartsBeforeARejectingDestinationGiveUpOneEventEachAtMost() {
    backend.otherwise(b -> BAD);
    VirtualRelay first = relay(sink);
    first.play(Events.numbered(300));
    first.run(Duration.ofHours(1));
    first.stop();
    for (int i = 1; i < 5; i++) {
      ScriptedSubmitter again = new ScriptedSubmitter(time).otherwise(b -> BAD);
      VirtualRelay next =
          new VirtualRelay(time, storage, Sink.named("billing", again).withBatch(sink.batch()));
      next.run(Duration.ofHours(1));
      next.stop();
    }
    assertThat(dead()).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void whenEverythingIsTooLargeAtMostTenBecomeDeadLetters() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10_000, 10_100));
    relay.drain("billing", MINUTE);
    backend.otherwise(b -> LARGE);
    relay.play(Events.numbered(300));
    relay.run(DAY);
    assertThat(dead()).hasSize(Delivery.BRAKE_AFTER);
    assertThat(relay.stats("billing").waiting()).isEqualTo(290);
  }

  @Test
  void theBrakeComesOffWhenTheNextBatchIsTakenAlthoughThisOneIsBadThroughout() {
    Set<PopEvent> bad = Set.copyOf(Events.numbered(100));
    backend.otherwise(
        b -> b.events().stream().anyMatch(bad::contains) ? BAD : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(300));
    relay.drain("billing", DAY);
    assertThat(dead()).containsExactlyInAnyOrderElementsOf(Events.numbered(100));
    assertThat(backend.deliveredEvents())
        .containsExactlyInAnyOrderElementsOf(Events.numbered(100, 300));
  }

  @Test
  void anEventThatBreaksTheServerIsFoundWhileOthersPass() {
    PopEvent poison = Events.number(437);
    backend.otherwise(b -> holds(poison).test(b) ? ERROR_500 : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1000));
    relay.drain("billing", DAY);
    assertThat(dead()).containsExactly(poison);
    expectDeliveredOnceInOrder(without(Events.numbered(1000), poison));
  }

  @Test
  void anEventThatBreaksTheServerIsFoundWhereverItStands() {
    for (int at : new int[] {0, 1, 99, 100, 199}) {
      ManualTime clock = ManualTime.flowing();
      MemoryStorage place = new MemoryStorage(clock);
      ScriptedSubmitter server = new ScriptedSubmitter(clock);
      PopEvent poison = Events.number(at);
      server.otherwise(b -> holds(poison).test(b) ? ERROR_500 : ScriptedSubmitter.delivered());
      VirtualRelay relay =
          new VirtualRelay(clock, place, Sink.named("billing", server).withBatch(sink.batch()));
      relay.play(Events.numbered(200));
      relay.run(Duration.ofHours(1));
      // The last event has no neighbours until others are played.
      for (int i = 200; i < 210; i++) {
        relay.play(List.of(Events.number(i)));
        relay.run(MINUTE);
      }
      relay.drain("billing", DAY);
      assertThat(place.dead("billing")).extracting(DeadLetter::event).containsExactly(poison);
      assertThat(server.deliveredEvents())
          .containsExactlyElementsOf(without(Events.numbered(210), poison));
    }
  }

  @Test
  void aLonelyEventThatBreaksTheServerDoesNotStopTheOnesBehindIt() {
    PopEvent poison = Events.number(3);
    backend.otherwise(b -> holds(poison).test(b) ? ERROR_500 : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    for (int i = 0; i < 60; i++) {
      relay.play(List.of(Events.number(i)));
      relay.run(Duration.ofSeconds(15));
    }
    relay.drain("billing", DAY);
    assertThat(dead()).containsExactly(poison);
    expectDeliveredOnceInOrder(without(Events.numbered(60), poison));
  }

  @Test
  @Tag("long")
  void aServerThatBreaksOnEverythingForAWeekCostsNoEvent() {
    time.after(Duration.ofDays(7), () -> backend.otherwise(b -> ScriptedSubmitter.delivered()));
    backend.otherwise(b -> ERROR_500);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1000));
    relay.run(Duration.ofDays(7));
    relay.drain("billing", DAY);
    assertThat(dead()).isEmpty();
    assertThat(backend.deliveredEvents())
        .containsExactlyInAnyOrderElementsOf(Events.numbered(1000));
  }

  @Test
  @Tag("long")
  void everyServerErrorForAMinuteThenWellLosesNothing() {
    try (TallyRun run =
        TallyRun.of(
            "DeliveryTest.everyServerErrorForAMinuteThenWellLosesNothing",
            "every status from 300 to 599 for a minute, then 200")) {
      for (int status = 300; status < 600; status++) {
        answerForAMinute(run, status);
      }
      run.held();
    }
  }

  private void answerForAMinute(TallyRun run, int status) {
    ManualTime clock = ManualTime.flowing();
    MemoryStorage place = new MemoryStorage(clock);
    ScriptedSubmitter server = new ScriptedSubmitter(clock);
    SubmitResult verdict = ContractStatus.verdict(status);
    VirtualRelay relay =
        new VirtualRelay(clock, place, Sink.named("billing", server).withBatch(sink.batch()));
    relay.longestStep = Duration.ofSeconds(5);
    // A delivery before, which is when most may be given up.
    relay.play(STATUS_EVENTS.subList(300, 310));
    relay.drain("billing", MINUTE);
    clock.after(MINUTE, () -> server.otherwise(b -> ScriptedSubmitter.delivered()));
    server.otherwise(b -> verdict);
    relay.play(STATUS_EVENTS.subList(0, 300));
    relay.run(MINUTE);
    relay.drain("billing", DAY);
    List<PopEvent> dead = place.dead("billing").stream().map(DeadLetter::event).toList();
    run.round(
        server.submissions().stream()
            .filter(each -> !(each.result() instanceof Delivered))
            .count());
    run.events(
        STATUS_EVENTS.size(),
        missing(STATUS_EVENTS, server.deliveredEvents(), dead),
        repeated(server.deliveredEvents()));
    boolean mayBeGivenUp = verdict instanceof Rejected || verdict instanceof TooLarge;
    assertThat(dead.size()).as("dead letters for %s", status).isEqualTo(mayBeGivenUp ? 10 : 0);
    List<PopEvent> all = new ArrayList<>(server.deliveredEvents());
    all.addAll(dead);
    assertThat(all).as("status %s", status).containsExactlyInAnyOrderElementsOf(STATUS_EVENTS);
  }

  private static int missing(List<PopEvent> played, List<PopEvent> delivered, List<PopEvent> dead) {
    Set<PopEvent> missing = new HashSet<>(played);
    delivered.forEach(missing::remove);
    dead.forEach(missing::remove);
    return missing.size();
  }

  private static int repeated(List<PopEvent> delivered) {
    return delivered.size() - new HashSet<>(delivered).size();
  }

  @Test
  void repeatedResetsOfOneBatchMeanTryHalf() {
    backend.otherwise(b -> b.size() > 30 ? RESET : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    relay.drain("billing", Duration.ofHours(1));
    expectDeliveredOnceInOrder(Events.numbered(100));
    assertThat(dead()).isEmpty();
  }

  @Test
  void aSubmitterThatThrowsIsCountedAndTriedAgain() {
    backend.then(
        b -> {
          throw new IllegalStateException("bug");
        });
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10));
    relay.drain("billing", MINUTE);
    assertThat(relay.stats("billing").bugs()).isEqualTo(1);
    expectDeliveredOnceInOrder(Events.numbered(10));
  }

  @Test
  void aDeadLetterThatCannotBeWrittenKeepsTheEventWaiting() {
    backend.otherwise(b -> holds(Events.number(5)).test(b) ? BAD : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    storage.failForces();
    relay.run(Duration.ofHours(1));
    assertThat(dead()).isEmpty();
    assertThat(relay.stats("billing").waiting()).isEqualTo(95);
    assertThat(relay.stats("billing").storing()).isFalse();
    storage.repair();
    relay.drain("billing", MINUTE);
    assertThat(dead()).containsExactly(Events.number(5));
  }

  @Test
  void aSpoolThatCannotBeReadIsTriedAgain() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(250));
    storage.failReads();
    relay.run(MINUTE);
    assertThat(backend.submissions()).isEmpty();
    assertThat(relay.stats("billing").state()).isEqualTo(SinkState.STORAGE_TROUBLE);
    storage.repair();
    relay.drain("billing", MINUTE);
    expectDeliveredOnceInOrder(Events.numbered(250));
  }

  @Test
  void damageIsBookedAndTheRestIsDelivered() {
    backend.otherwise(b -> DOWN);
    VirtualRelay relay = relay(sink);
    relay.run(Duration.ofSeconds(1));
    relay.play(Events.numbered(300));
    storage.damageOldest("billing");
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    relay.drain("billing", Duration.ofHours(1));
    expectDeliveredOnceInOrder(Events.numbered(100, 300));
    assertThat(relay.stats("billing").droppedInAll()).isEqualTo(100);
    assertThat(storage.drops("billing")).hasSize(1);
    assertThat(storage.drops("billing").get(0).count()).isEqualTo(100);
  }

  @Test
  void theSubmitterIsToldTheBacklog() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(250));
    relay.run(Duration.ofSeconds(11));
    assertThat(backend.submissions())
        .extracting(s -> s.attempt().backlog())
        .containsExactly(250L, 150L, 50L);
  }

  @Test
  void whatWasDeliveredOutOfItsTurnIsNoBacklog() {
    PopEvent poison = Events.number(0);
    backend.otherwise(b -> holds(poison).test(b) ? ERROR_500 : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    relay.drain("billing", DAY);
    assertThat(dead()).containsExactly(poison);
    int last = 0;
    for (int i = 0; i < backend.submissions().size(); i++) {
      last = holds(poison).test(backend.submissions().get(i).batch()) ? i : last;
    }
    long waiting = 100;
    for (int i = 0; i < backend.submissions().size(); i++) {
      Submission each = backend.submissions().get(i);
      assertThat(each.attempt().backlog()).isEqualTo(waiting);
      // With its last attempt the poison is a dead letter.
      boolean gone = each.result() instanceof Delivered || i == last;
      waiting -= gone ? each.batch().size() : 0;
    }
  }

  @Test
  void aCleanRestartInTheMiddleOfABatchSendsNothingTwice() {
    backend.otherwise(b -> b.bytes() > 8_000 ? LARGE : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    try {
      for (int i = 0; i < 4; i++) {
        relay.lane("billing").runOnce();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    int before = backend.deliveredEvents().size();
    assertThat(before).isBetween(1, 99);
    relay.stop();

    ScriptedSubmitter second = new ScriptedSubmitter(time);
    VirtualRelay next =
        new VirtualRelay(time, storage, Sink.named("billing", second).withBatch(sink.batch()));
    next.drain("billing", MINUTE);
    List<PopEvent> all = new ArrayList<>(backend.deliveredEvents());
    all.addAll(second.deliveredEvents());
    assertThat(all).containsExactlyElementsOf(Events.numbered(100));
  }

  /** A request that a stop cuts off may look like anything. */
  @Test
  void whatAnAttemptCameToThatAStopHasCutShortIsNoVerdict() throws Exception {
    VirtualRelay relay = relay(sink);
    backend.otherwise(
        b -> {
          relay.lane("billing").close();
          return BAD;
        });
    relay.play(Events.numbered(1));
    relay.lane("billing").runOnce();

    assertThat(backend.submissions()).hasSize(1);
    assertThat(dead()).isEmpty();
    assertThat(relay.stats("billing").waiting()).isEqualTo(1);
  }

  @Test
  void clockJumpsOfTheWallChangeNothing() {
    backend.otherwise(b -> DOWN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(50));
    relay.run(Duration.ofMinutes(10));
    int before = backend.submissions().size();
    time.jumpWall(Duration.ofDays(365 * 50));
    relay.run(Duration.ofMinutes(10));
    int after = backend.submissions().size();
    time.jumpWall(Duration.ofDays(-365 * 100));
    relay.run(Duration.ofMinutes(10));
    assertThat(after - before).isBetween(9, 25);
    assertThat(backend.submissions().size() - after).isBetween(9, 25);
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    relay.drain("billing", DAY);
    expectDeliveredOnceInOrder(Events.numbered(50));
    assertThat(dead()).isEmpty();
  }

  @Test
  void onFailureKeepsInMemoryUntilASubmissionFails() {
    Sink lazy = sink.withSpool(SpoolPolicy.defaults().withDurability(Durability.ON_FAILURE));
    backend.answering(DOWN);
    VirtualRelay relay = relay(lazy);
    relay.play(Events.numbered(10));
    relay.run(Duration.ofMillis(1));
    storage.kill();
    ScriptedSubmitter second = new ScriptedSubmitter(time);
    VirtualRelay next =
        new VirtualRelay(
            time,
            storage,
            Sink.named("billing", second).withBatch(sink.batch()).withSpool(lazy.spool()));
    next.drain("billing", MINUTE);
    assertThat(second.deliveredEvents()).containsExactlyElementsOf(Events.numbered(10));
  }

  @Test
  void aRejectedComparisonDoesNotKeepTheEventInDoubtFromItsTurn() {
    PopEvent bad = Events.number(1);
    boolean[] well = {false};
    backend.otherwise(
        b -> holds(bad).test(b) ? BAD : well[0] ? ScriptedSubmitter.delivered() : ERROR_500);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(2));
    relay.run(Duration.ofHours(1));
    well[0] = true;
    relay.drain("billing", Duration.ofHours(2));
    assertThat(backend.deliveredEvents()).containsExactly(Events.number(0));
    assertThat(dead()).containsExactly(bad);
    assertThat(backend.submissions()).hasSizeLessThan(400);
  }

  @Test
  void aBackendOfWhichOneNodeInTwoIsDownCostsHardlyAnEvent() {
    Random coin = new Random(11);
    backend.otherwise(b -> coin.nextBoolean() ? ERROR_500 : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.longestStep = Duration.ofSeconds(10);
    for (int i = 0; i < 2000; i++) {
      relay.play(List.of(Events.number(i)));
      relay.run(Duration.ofSeconds(15));
    }
    relay.drain("billing", DAY);
    assertThat(dead().size()).isLessThanOrEqualTo(2);
  }

  @Test
  void anEventThatBreaksTheServerIsFoundInTheRestOfABatchThatARestartHasLeft() {
    backend.answering(LARGE, ScriptedSubmitter.delivered());
    backend.otherwise(b -> DOWN);
    VirtualRelay first = relay(sink);
    first.play(Events.numbered(10));
    first.run(Duration.ofSeconds(1));
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(5));
    first.stop();

    PopEvent poison = Events.number(5);
    ScriptedSubmitter again = new ScriptedSubmitter(time);
    again.otherwise(b -> holds(poison).test(b) ? ERROR_500 : ScriptedSubmitter.delivered());
    VirtualRelay second =
        new VirtualRelay(time, storage, Sink.named("billing", again).withBatch(sink.batch()));
    second.drain("billing", DAY);
    assertThat(dead()).containsExactly(poison);
    assertThat(again.deliveredEvents()).containsExactlyElementsOf(Events.numbered(6, 10));
  }

  @Test
  void whatWasSeenBeforeAHoldIsNoEvidenceAfterIt() {
    PopEvent event = Events.number(0);
    SubmitResult[] answer = {ERROR_500};
    backend.otherwise(b -> holds(event).test(b) ? answer[0] : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1));
    relay.run(Duration.ofSeconds(40));
    relay.play(Events.numbered(1, 8));
    // One failure more, and it would be to blame.
    while (backend.deliveredEvents().size() < 3) {
      relay.run(Duration.ofMillis(10));
    }
    assertThat(dead()).isEmpty();
    answer[0] = FORBIDDEN;
    relay.run(DAY);
    answer[0] = ERROR_500;
    relay.run(Duration.ofMinutes(2));
    assertThat(relay.stats("billing").state()).isEqualTo(SinkState.BACKING_OFF);
    assertThat(dead()).isEmpty();
  }

  @Test
  void anEventThatResetsTheConnectionIsFoundAsWell() {
    PopEvent poison = Events.number(3);
    backend.otherwise(b -> holds(poison).test(b) ? RESET : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    relay.drain("billing", DAY);
    assertThat(dead()).containsExactly(poison);
    expectDeliveredOnceInOrder(without(Events.numbered(100), poison));
  }

  @Test
  void aDrainThatFailsBeginsGentlyAgain() {
    backend.answering(DOWN, DOWN, DOWN, DOWN, ScriptedSubmitter.delivered(), DOWN);
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1000));
    relay.drain("billing", DAY);
    List<Submission> all = backend.submissions();
    assertThat(all.get(7).nanos() - all.get(6).nanos())
        .isGreaterThanOrEqualTo(Duration.ofMillis(250).toNanos());
  }

  @Test
  void anHourThatWasAskedForIsFollowedByAGentleDrainToo() {
    backend.answering(
        new Later(Reason.of("503"), Optional.of(Duration.ofDays(400_000_000L)), Doubt.NONE));
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(1000));
    relay.run(Duration.ofMinutes(59));
    assertThat(backend.submissions()).hasSize(1);
    relay.drain("billing", DAY);
    List<Submission> all = backend.submissions();
    assertThat(all.get(2).nanos() - all.get(1).nanos())
        .isGreaterThanOrEqualTo(Duration.ofMillis(250).toNanos());
  }

  @Test
  void aVerdictWithoutAReasonIsTheSubmittersFaultAndCostsNothing() {
    backend.then(b -> new Held(null));
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(10));
    relay.drain("billing", MINUTE);
    assertThat(relay.stats("billing").bugs()).isEqualTo(1);
  }

  @Test
  void healthComesBackWithWhatHadFailed() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(250));
    storage.failReads();
    relay.run(MINUTE);
    assertThat(relay.stats("billing").storing()).isFalse();
    storage.repair();
    relay.drain("billing", MINUTE);
    assertThat(relay.stats("billing").storing()).isTrue();
  }

  /** What a power cut leaves of ten events that have come, and that nothing was done with since. */
  private int leftAfter(SpoolPolicy keeping, Duration interval, Duration span) {
    ManualTime clock = ManualTime.flowing();
    MemoryStorage place = new MemoryStorage(clock);
    Sink slow =
        sink.withSpool(keeping).withBatch(new BatchPolicy(100, ByteSize.ofKiB(512), interval));
    VirtualRelay relay = new VirtualRelay(clock, place, slow);
    relay.play(Events.numbered(10));
    relay.lane("billing").chores();
    clock.advance(span);
    relay.lane("billing").chores();
    place.kill();
    return place.waiting("billing").size();
  }

  @Test
  void nothingIsInTheWayAnyMoreWhenWhatCouldNotBeReadWaitsNoLonger() {
    VirtualRelay relay = relay(sink);
    relay.play(Events.numbered(100));
    storage.failReads();
    relay.run(MINUTE);
    assertThat(relay.stats("billing").storing()).isFalse();
    storage.repair();
    storage.damageOldest("billing");
    relay.run(MINUTE);
    assertThat(relay.stats("billing").waiting()).isZero();
    assertThat(relay.stats("billing").storing()).isTrue();
  }

  @Test
  void onFailureDoesNotKeepInMemoryWhatWaitsLongerThanTheInterval() {
    SpoolPolicy lazy = SpoolPolicy.defaults().withDurability(Durability.ON_FAILURE);
    assertThat(leftAfter(lazy, Duration.ofSeconds(10), Duration.ofSeconds(9))).isZero();
    assertThat(leftAfter(lazy, Duration.ofSeconds(10), Duration.ofSeconds(11))).isEqualTo(10);
    assertThat(leftAfter(lazy, Duration.ZERO, Duration.ofMillis(900))).isZero();
    assertThat(leftAfter(lazy, Duration.ZERO, Duration.ofMillis(1100))).isEqualTo(10);
  }

  @Test
  void byIntervalWhatCameIsForcedOnceAnInterval() {
    SpoolPolicy keeping = SpoolPolicy.defaults().withDurability(Durability.INTERVAL);
    Duration interval = keeping.interval();
    Duration little = interval.dividedBy(10);
    assertThat(leftAfter(keeping, MINUTE, interval.minus(little))).isZero();
    assertThat(leftAfter(keeping, MINUTE, interval.plus(little))).isEqualTo(10);
  }

  @Test
  void onFailureAForceThatFailsIsSaidAsWell() {
    backend.otherwise(b -> DOWN);
    VirtualRelay relay =
        relay(sink.withSpool(SpoolPolicy.defaults().withDurability(Durability.ON_FAILURE)));
    relay.play(Events.numbered(150));
    storage.failForces();
    assertThat(relay.stats("billing").storing()).isTrue();
    try {
      relay.lane("billing").runOnce();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(relay.stats("billing").storing()).isFalse();
  }

  @Test
  void aForceByIntervalThatFailsIsSaidUntilOneIsMade() {
    VirtualRelay relay =
        relay(sink.withSpool(SpoolPolicy.defaults().withDurability(Durability.INTERVAL)));
    storage.failForces();
    relay.play(Events.numbered(10));
    time.advance(MINUTE);
    relay.lane("billing").chores();
    assertThat(relay.stats("billing").storing()).isFalse();
    storage.repair();
    time.advance(MINUTE);
    relay.lane("billing").chores();
    assertThat(relay.stats("billing").storing()).isTrue();
  }
}
