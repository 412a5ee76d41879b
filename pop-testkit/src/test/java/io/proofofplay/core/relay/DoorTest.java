package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.testkit.Await;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens at the door of a lane, above all when there is no room. */
class DoorTest {

  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  private final ManualTime time = ManualTime.flowing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final BatchPolicy tens = new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ofSeconds(1));

  private Sink small(WhenFull whenFull) {
    return Sink.named("billing", backend)
        .withBatch(tens)
        .withSpool(
            SpoolPolicy.defaults()
                .withMaxBytes(ByteSize.ofKiB(16))
                .withWhenFull(whenFull, TEN_SECONDS));
  }

  private void backendIsDown() {
    backend.otherwise(b -> Later.because("down"));
  }

  private void backendIsWell() {
    backend.otherwise(b -> ScriptedSubmitter.delivered());
  }

  /** Fills the spool one event at a time; answers how many were accepted before one was not. */
  private static int fill(VirtualRelay relay) {
    int number = 0;
    while (relay.offer(List.of(Events.number(number))) == Intake.Answer.ACCEPTED) {
      number++;
    }
    return number;
  }

  @Test
  void blockWaitsForRoomOnceAndThenRefusesAtOnce() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.BLOCK));
    relay.run(Duration.ofMillis(1));
    int kept = fill(relay);
    Duration afterFirst = time.elapsed();
    assertThat(afterFirst).isGreaterThanOrEqualTo(TEN_SECONDS);
    for (int i = 0; i < 100; i++) {
      assertThat(relay.offer(List.of(Events.number(1000 + i)))).isEqualTo(Intake.Answer.FULL);
    }
    assertThat(time.elapsed()).isEqualTo(afterFirst);
    assertThat(relay.stats("billing").accepted()).isEqualTo(kept);
    assertThat(relay.stats("billing").droppedInAll()).isZero();
  }

  @Test
  void blockWaitsAgainOnceThereWasRoom() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.BLOCK));
    relay.run(Duration.ofMillis(1));
    int kept = fill(relay);
    backendIsWell();
    relay.drain("billing", Duration.ofHours(1));
    backendIsDown();
    assertThat(fill(relay)).isEqualTo(kept);
    assertThat(relay.stats("billing").delivered()).isEqualTo(kept);
  }

  /** Whoever means "for ever" writes the longest duration there is. */
  @Test
  void aWaitForEverEndsWithTheRoomThatComes() {
    backendIsDown();
    Sink small = small(WhenFull.BLOCK);
    Duration ever = Duration.ofSeconds(Long.MAX_VALUE);
    VirtualRelay relay =
        new VirtualRelay(
            time, storage, small.withSpool(small.spool().withWhenFull(WhenFull.BLOCK, ever)));
    relay.play(Events.numbered(10));
    relay.run(Duration.ofMillis(1));
    Duration aDay = Duration.ofDays(1);
    time.after(
        aDay,
        () -> {
          backendIsWell();
          deliver(relay);
        });
    for (int number = 10; time.elapsed().compareTo(aDay) < 0; number++) {
      assertThat(relay.offer(List.of(Events.number(number)))).isEqualTo(Intake.Answer.ACCEPTED);
    }
    assertThat(relay.stats("billing").delivered()).isEqualTo(10);
  }

  @Test
  void roomThatComesDuringTheWaitIsTaken() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.BLOCK));
    relay.play(Events.numbered(10));
    relay.run(Duration.ofMillis(1));
    // The sink's thread, as it were, while the source waits.
    time.after(
        Duration.ofSeconds(5),
        () -> {
          backendIsWell();
          deliver(relay);
          backendIsDown();
        });
    fill(relay);
    assertThat(time.elapsed()).isGreaterThanOrEqualTo(TEN_SECONDS.plusSeconds(5));
    assertThat(relay.stats("billing").delivered()).isEqualTo(10);
  }

  private static void deliver(VirtualRelay relay) {
    try {
      relay.lane("billing").runOnce();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsGivenUpIsCountedAndInTheLedger() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.BLOCK));
    relay.run(Duration.ofMillis(1));
    for (int i = 0; i < 200; i++) {
      relay.play(List.of(Events.number(i)));
    }
    relay.run(Duration.ofSeconds(20));
    SinkStats stats = relay.stats("billing");
    assertThat(stats.accepted()).isEqualTo(200);
    assertThat(stats.dropped().get(DropReason.FULL_BLOCKED)).isEqualTo(200 - stats.waiting());
    List<Drop> ledger = storage.drops("billing");
    assertThat(ledger.stream().mapToLong(Drop::count).sum()).isEqualTo(200 - stats.waiting());
    assertThat(ledger.get(ledger.size() - 1).lastUuid()).isEqualTo(Events.number(199).uuid());
    assertThat(ledger.get(0).firstTs())
        .isEqualTo(Events.number(Math.toIntExact(stats.waiting())).ts());
  }

  @Test
  void dropNewestLosesTheNewestAndNeverWaits() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_NEWEST));
    for (int i = 0; i < 200; i++) {
      assertThat(relay.offer(List.of(Events.number(i)))).isEqualTo(Intake.Answer.ACCEPTED);
    }
    assertThat(time.elapsed()).isZero();
    SinkStats stats = relay.stats("billing");
    assertThat(stats.dropped().get(DropReason.FULL_NEWEST)).isEqualTo(200 - stats.waiting());
    backendIsWell();
    relay.drain("billing", Duration.ofHours(1));
    assertThat(backend.deliveredEvents())
        .containsExactlyElementsOf(Events.numbered(Math.toIntExact(stats.waiting())));
  }

  @Test
  void dropOldestLosesTheOldestButNeverTheBatchInFlight() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_OLDEST));
    relay.play(List.of(Events.number(0)));
    relay.run(Duration.ofMillis(1));
    for (int i = 1; i < 300; i++) {
      assertThat(relay.offer(List.of(Events.number(i)))).isEqualTo(Intake.Answer.ACCEPTED);
    }
    SinkStats stats = relay.stats("billing");
    assertThat(stats.dropped().get(DropReason.FULL_OLDEST)).isEqualTo(300 - stats.waiting());
    backendIsWell();
    relay.drain("billing", Duration.ofHours(1));
    List<PopEvent> expected = new ArrayList<>(List.of(Events.number(0)));
    expected.addAll(Events.numbered(Math.toIntExact(300 - stats.waiting() + 1), 300));
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(expected);
    assertThat(storage.drops("billing").stream().mapToLong(Drop::count).sum())
        .isEqualTo(300 - stats.waiting());
  }

  @Test
  void aDeadSinkHoldsAHealthyOneUpOnceAndCostsItNothing() {
    ScriptedSubmitter healthy = new ScriptedSubmitter(time);
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(
            time, storage, small(WhenFull.BLOCK), Sink.named("audit", healthy).withBatch(tens));
    for (int i = 0; i < 500; i++) {
      relay.play(List.of(Events.number(i)));
      relay.run(Duration.ofMillis(10));
    }
    relay.drain("audit", Duration.ofMinutes(1));
    assertThat(healthy.deliveredEvents()).containsExactlyElementsOf(Events.numbered(500));
    assertThat(time.elapsed()).isLessThan(Duration.ofSeconds(17));
  }

  @Test
  void aListOfferedAgainIsNotKeptTwiceByTheSinkThatHadRoom() {
    ScriptedSubmitter healthy = new ScriptedSubmitter(time);
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(
            time, storage, small(WhenFull.BLOCK), Sink.named("audit", healthy).withBatch(tens));
    relay.run(Duration.ofMillis(1));
    int number = fill(relay);
    // `fill` was refused with a list of its own; this one is offered three times.
    List<PopEvent> stubborn = List.of(Events.number(5000));
    assertThat(relay.offer(stubborn)).isEqualTo(Intake.Answer.FULL);
    assertThat(relay.offer(stubborn)).isEqualTo(Intake.Answer.FULL);
    backendIsWell();
    relay.drain("billing", Duration.ofHours(1));
    assertThat(relay.offer(stubborn)).isEqualTo(Intake.Answer.ACCEPTED);
    relay.drain("audit", Duration.ofMinutes(1));
    relay.drain("billing", Duration.ofMinutes(1));
    assertThat(healthy.deliveredEvents()).hasSize(number + 2);
    assertThat(backend.deliveredEvents()).hasSize(number + 1);
  }

  @Test
  void aFilterKeepsOthersEventsOut() {
    VirtualRelay relay =
        new VirtualRelay(
            time,
            storage,
            Sink.named("billing", backend)
                .withBatch(tens)
                .withFilter(event -> event.uuid().equals(Events.number(3).uuid())));
    relay.play(Events.numbered(10));
    relay.drain("billing", Duration.ofMinutes(1));
    assertThat(backend.deliveredEvents()).containsExactly(Events.number(3));
    assertThat(relay.stats("billing").accepted()).isEqualTo(1);
  }

  @Test
  void aFullDiskRefusesAndResumesByItself() {
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(time, storage, Sink.named("billing", backend).withBatch(tens));
    relay.play(Events.numbered(25));
    storage.fill();
    assertThat(relay.offer(List.of(Events.number(25)))).isEqualTo(Intake.Answer.FULL);
    assertThat(relay.stats("billing").storing()).isFalse();
    relay.lane("billing").watch();
    assertThat(relay.heard.notes(RecordingListener.StorageTold.class))
        .singleElement()
        .satisfies(told -> assertThat(told.trouble()).get().asString().contains("no room"));
    storage.repair();
    assertThat(relay.offer(List.of(Events.number(26)))).isEqualTo(Intake.Answer.ACCEPTED);
    assertThat(relay.stats("billing").storing()).isTrue();
    backendIsWell();
    relay.drain("billing", Duration.ofHours(1));
    assertThat(backend.deliveredEvents()).hasSize(26);
  }

  @Test
  void aForceThatFailsIsNotAcceptedAndTheBooksBalance() {
    VirtualRelay relay =
        new VirtualRelay(time, storage, Sink.named("billing", backend).withBatch(tens));
    relay.play(Events.numbered(5));
    storage.failForces();
    assertThat(relay.offer(Events.numbered(5, 8))).isEqualTo(Intake.Answer.FULL);
    SinkStats stats = relay.stats("billing");
    assertThat(stats.accepted()).isEqualTo(5);
    assertThat(stats.waiting()).isEqualTo(5);
  }

  @Test
  void aClosedIntakeTakesNothing() {
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.BLOCK));
    relay.stop();
    assertThat(relay.offer(Events.numbered(1))).isEqualTo(Intake.Answer.CLOSED);
    assertThat(relay.intake("player").giveUp(Events.numbered(1))).isEqualTo(Intake.Answer.CLOSED);
  }

  @Test
  void dropOldestDoesNotGiveTheBacklogUpForADiskThatFails() {
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(
            time,
            storage,
            Sink.named("billing", backend)
                .withBatch(tens)
                .withSpool(SpoolPolicy.defaults().withWhenFull(WhenFull.DROP_OLDEST, TEN_SECONDS)));
    relay.play(Events.numbered(2000));
    relay.run(Duration.ofSeconds(1));
    storage.failForces();
    relay.play(List.of(Events.number(5000)));
    storage.repair();
    assertThat(relay.stats("billing").droppedInAll()).isLessThanOrEqualTo(11);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8})
  void roomThatComesBetweenTwoTriesCostsNoEvent(int events) throws Exception {
    Sink sink = small(WhenFull.DROP_NEWEST);
    Spool real = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    AtomicBoolean refused = new AtomicBoolean();
    Spool fullOnce =
        (Spool)
            Proxy.newProxyInstance(
                Spool.class.getClassLoader(),
                new Class<?>[] {Spool.class},
                (proxy, method, arguments) ->
                    method.getName().equals("append") && !refused.getAndSet(true)
                        ? Spool.Append.FULL
                        : method.invoke(real, arguments));

    assertThat(doorTo(sink, fullOnce, new Signal()).keep(Events.numbered(events)))
        .isEqualTo(Door.Keep.KEPT);

    assertThat(real.stats().events()).isEqualTo(events);
    assertThat(storage.drops("billing")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7, 100, 2000})
  void dropNewestKeepsTheFirstOfAListAsFarAsTheyFit(int more) throws Exception {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_NEWEST));
    int fit = 0;
    while (relay.stats("billing").droppedInAll() == 0) {
      relay.play(List.of(Events.number(fit++)));
    }
    fit--;
    VirtualRelay other =
        new VirtualRelay(time, new MemoryStorage(time), small(WhenFull.DROP_NEWEST));
    other.play(Events.numbered(fit + more));

    assertThat(other.stats("billing").waiting()).isEqualTo(fit);
    assertThat(other.stats("billing").droppedInAll()).isEqualTo(more);
    backendIsWell();
    other.drain("billing", Duration.ofHours(1));
    assertThat(backend.deliveredEvents()).isEqualTo(Events.numbered(fit));
  }

  @Test
  void dropOldestGivesABatchASecondUpForADiskThatIsFull() {
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(
            time,
            storage,
            Sink.named("billing", backend)
                .withBatch(tens)
                .withSpool(SpoolPolicy.defaults().withWhenFull(WhenFull.DROP_OLDEST, TEN_SECONDS)));
    relay.play(Events.numbered(2000));
    relay.run(Duration.ofSeconds(1));
    storage.fill();
    List<Long> dropped = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      relay.play(List.of(Events.number(5000 + 2 * i)));
      relay.play(List.of(Events.number(5001 + 2 * i)));
      dropped.add(relay.stats("billing").droppedInAll());
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(dropped)
        .as("ten of the oldest each time, and two that found no room all the same")
        .containsExactly(12L, 24L, 36L);
  }

  @Test
  void dropOldestDoesNotGiveTheBacklogUpForAnEventThatCannotFit() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_OLDEST));
    relay.play(Events.numbered(50));
    relay.run(Duration.ofSeconds(1));
    relay.play(List.of(Events.ofLength(51, 20_000)));
    SinkStats stats = relay.stats("billing");
    assertThat(stats.waiting()).isEqualTo(50);
    assertThat(stats.droppedInAll()).isEqualTo(1);
  }

  /** So small that its frame is the larger part. */
  private static PopEvent tiny(int number) {
    return PopEvent.of("{\"uuid\":\"" + number + "\"}");
  }

  private static List<PopEvent> tinies(int count) {
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(tiny(i));
    }
    return events;
  }

  @Test
  void dropOldestDoesNotGiveTheBacklogUpForAListWhoseFramesDoNotFit() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_OLDEST));
    relay.play(Events.numbered(50));
    relay.run(Duration.ofSeconds(1));
    List<PopEvent> list = tinies(520);
    assertThat(list.stream().mapToLong(PopEvent::length).sum())
        .as("less than half of the spool without their frames")
        .isLessThan(8 * 1024);

    assertThat(relay.offer(list)).isEqualTo(Intake.Answer.FULL);

    assertThat(relay.stats("billing").waiting()).isEqualTo(50);
    assertThat(relay.stats("billing").droppedInAll()).isZero();
  }

  @Test
  void ofAListThatIsTooLargeDropOldestKeepsTheNewestAsFarAsTheyFit() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_OLDEST));
    relay.play(Events.numbered(50));
    relay.run(Duration.ofSeconds(1));
    List<PopEvent> list = tinies(600);

    relay.play(list);

    SinkStats stats = relay.stats("billing");
    assertThat(stats.dropped()).containsOnlyKeys(DropReason.FULL_OLDEST);
    assertThat(ledgerCount()).isEqualTo(stats.droppedInAll());
    List<PopEvent> waiting = storage.waiting("billing");
    assertThat(waiting.subList(0, 10)).as("in flight").isEqualTo(Events.numbered(10));
    List<PopEvent> others = waiting.subList(10, waiting.size());
    assertThat(others)
        .hasSizeGreaterThan(300)
        .isEqualTo(list.subList(list.size() - others.size(), list.size()));
  }

  @Test
  void dropOldestDoesNotGiveTheBacklogUpForAnEventThatDoesNotFitBesideTheBatchInFlight() {
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(
            time,
            storage,
            small(WhenFull.DROP_OLDEST)
                .withBatch(new BatchPolicy(1, ByteSize.ofKiB(512), Duration.ofSeconds(1))));
    relay.play(List.of(Events.ofLength(0, 10_000)));
    relay.run(Duration.ofSeconds(1));
    relay.play(Events.numbered(1, 11));
    assertThat(relay.stats("billing").waiting()).isEqualTo(11);

    relay.play(List.of(Events.ofLength(51, 7_000)));

    assertThat(relay.stats("billing").waiting()).isEqualTo(11);
    assertThat(relay.stats("billing").droppedInAll()).isEqualTo(1);
  }

  @Test
  void dropOldestDoesNotGiveTheBacklogUpForAnEventThatNeedsMostOfTheSpool() {
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_OLDEST));
    relay.play(Events.numbered(50));
    relay.play(List.of(Events.ofLength(51, 10_000)));
    assertThat(relay.stats("billing").waiting()).isEqualTo(50);
    assertThat(relay.stats("billing").droppedInAll()).isEqualTo(1);
  }

  @Test
  void besideALargeBatchInFlightDropOldestStillKeepsTheNewest() {
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(
            time,
            storage,
            small(WhenFull.DROP_OLDEST)
                .withBatch(new BatchPolicy(1000, ByteSize.ofKiB(8), Duration.ofSeconds(1))));
    relay.play(tinies(200));
    relay.run(Duration.ofSeconds(1));
    for (int i = 0; i < 200; i++) {
      assertThat(relay.offer(List.of(Events.number(i)))).isEqualTo(Intake.Answer.ACCEPTED);
    }
    List<PopEvent> waiting = storage.waiting("billing");
    assertThat(waiting.subList(0, 200)).as("in flight").isEqualTo(tinies(200));
    assertThat(waiting).last().isEqualTo(Events.number(199));
  }

  @Test
  void ofAListForWhichTheDiskHasNoRoomDropOldestKeepsTheFirst() throws Exception {
    Sink sink = small(WhenFull.DROP_OLDEST);
    Spool real = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    Spool roomForThree =
        (Spool)
            Proxy.newProxyInstance(
                Spool.class.getClassLoader(),
                new Class<?>[] {Spool.class},
                (proxy, method, arguments) ->
                    method.getName().equals("append")
                            && real.stats().events() + ((List<?>) arguments[0]).size() > 3
                        ? Spool.Append.NO_SPACE
                        : method.invoke(real, arguments));

    assertThat(doorTo(sink, roomForThree, new Signal()).keepSome(Events.numbered(7)))
        .isEqualTo(Door.Keep.KEPT);

    assertThat(storage.waiting("billing")).isEqualTo(Events.numbered(3));
    assertThat(ledgerCount()).isEqualTo(4);
  }

  @Test
  void whatWasKeptIsInTheLedgerBeforeItIsTakenOut() throws Exception {
    Sink sink = small(WhenFull.DROP_OLDEST);
    Spool real = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    List<Long> noted = new ArrayList<>();
    Door door = doorTo(sink, watched(real, "evict", noted), new Signal());

    for (int i = 0; i < 300; i++) {
      assertThat(door.keep(List.of(Events.number(i)))).isEqualTo(Door.Keep.KEPT);
    }

    assertThat(noted).hasSizeGreaterThan(3);
    for (int i = 0; i < noted.size(); i++) {
      assertThat(noted.get(i)).isEqualTo(10L * (i + 1));
    }
    assertThat(ledgerCount()).isEqualTo(300 - real.stats().events());
  }

  @Test
  void whatCannotBeTakenOutIsWrittenDownOnce() throws Exception {
    Sink sink = small(WhenFull.DROP_OLDEST);
    Spool real = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    AtomicBoolean failing = new AtomicBoolean();
    Spool spool =
        (Spool)
            Proxy.newProxyInstance(
                Spool.class.getClassLoader(),
                new Class<?>[] {Spool.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("evict") && failing.get()) {
                    throw new IOException("cannot be read now");
                  }
                  return method.invoke(real, arguments);
                });
    Door door = doorTo(sink, spool, new Signal());
    int kept = 0;
    while (storage.drops("billing").isEmpty()) {
      assertThat(door.keep(List.of(Events.number(kept++)))).isEqualTo(Door.Keep.KEPT);
    }
    while (real.append(List.of(Events.number(kept))) == Spool.Append.KEPT) {
      kept++;
    }

    failing.set(true);
    for (int i = 0; i < 5; i++) {
      assertThat(door.keep(List.of(Events.number(1000)))).isEqualTo(Door.Keep.FULL);
    }
    assertThat(ledgerCount()).isEqualTo(20);
    failing.set(false);
    assertThat(door.keep(List.of(Events.number(1000)))).isEqualTo(Door.Keep.KEPT);
    assertThat(ledgerCount()).isEqualTo(20);
  }

  private long ledgerCount() {
    return storage.drops("billing").stream().mapToLong(Drop::count).sum();
  }

  /** A spool; before a call of this name it is noted how many drops the ledger has. */
  private Spool watched(Spool real, String call, List<Long> noted) {
    return (Spool)
        Proxy.newProxyInstance(
            Spool.class.getClassLoader(),
            new Class<?>[] {Spool.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(call)) {
                noted.add(ledgerCount());
              }
              return method.invoke(real, arguments);
            });
  }

  @Test
  void aListThatHasGrownSinceItWasRefusedIsANewOne() {
    ScriptedSubmitter healthy = new ScriptedSubmitter(time);
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(
            time, storage, small(WhenFull.BLOCK), Sink.named("audit", healthy).withBatch(tens));
    relay.run(Duration.ofMillis(1));
    fill(relay);
    List<PopEvent> gathered = new ArrayList<>(List.of(Events.number(5000)));
    assertThat(relay.offer(gathered)).isEqualTo(Intake.Answer.FULL);
    gathered.add(Events.number(5001));
    backendIsWell();
    relay.drain("billing", Duration.ofHours(1));
    assertThat(relay.offer(gathered)).isEqualTo(Intake.Answer.ACCEPTED);
    relay.drain("audit", Duration.ofMinutes(1));
    assertThat(healthy.deliveredEvents()).contains(Events.number(5000), Events.number(5001));
  }

  @Test
  void theBatchThatAComparisonComesFromIsNotGivenUpWhileItIsSent() {
    VirtualRelay[] relay = new VirtualRelay[1];
    List<PopEvent> bad = Events.numbered(10);
    int[] next = {100};
    backend.otherwise(
        b -> {
          if (b.events().stream().anyMatch(bad::contains)) {
            return new Later(Reason.of("500"), Optional.empty(), Later.Doubt.BYTES);
          }
          relay[0].play(Events.numbered(next[0], next[0] + 100));
          next[0] += 100;
          return ScriptedSubmitter.delivered();
        });
    relay[0] = new VirtualRelay(time, storage, small(WhenFull.DROP_OLDEST));
    relay[0].play(Events.numbered(60));
    relay[0].run(Duration.ofMinutes(30));
    assertThat(relay[0].stats("billing").delivered()).isPositive();
  }

  @Test
  void aRunOfDropsIsAFewLinesInTheLedger() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_NEWEST));
    for (int i = 0; i < 3000; i++) {
      relay.play(List.of(Events.number(i)));
      relay.run(Duration.ofMillis(20));
    }
    relay.run(Duration.ofSeconds(20));
    SinkStats stats = relay.stats("billing");
    List<Drop> ledger = storage.drops("billing");
    assertThat(ledger.stream().mapToLong(Drop::count).sum()).isEqualTo(stats.droppedInAll());
    assertThat(ledger).hasSizeLessThan(15);
  }

  @Test
  void aStopIsNoReasonToGiveAnythingUp() {
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.DROP_NEWEST));
    relay.lane("billing").close();
    assertThat(relay.intake("player").giveUp(Events.numbered(1))).isEqualTo(Intake.Answer.CLOSED);
    assertThat(storage.drops("billing")).isEmpty();
  }

  @Test
  void whatIsNotForcedYetIsNotCountedAsAcceptedAndTheCountNeverGoesDown() throws Exception {
    Sink sink = Sink.named("billing", backend).withBatch(tens);
    Spool spool = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    DropBook drops =
        new DropBook("billing", storage.openDropLedger("billing"), time, new Listeners(List.of()));
    LaneBooks books = new LaneBooks(spool, drops, new StorageWatch("billing", time), time);
    spool.append(Events.numbered(5));
    spool.sync();

    spool.append(Events.numbered(5, 8));
    expectAccepted(books, 5);
    storage.failForces();
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    expectAccepted(books, 5);
    storage.repair();
    spool.append(Events.numbered(5, 8));
    expectAccepted(books, 5);
    spool.sync();
    expectAccepted(books, 8);
  }

  private static void expectAccepted(LaneBooks books, long events) {
    LaneBooks.Balance balance = books.balance();
    assertThat(balance.accepted()).isEqualTo(events);
    assertThat(balance.waiting()).isEqualTo(events);
    assertThat(books.waiting()).isEqualTo(events);
    assertThat(balance.imbalance()).isZero();
  }

  @Test
  void aDoorThatClosesGivesNothingMoreUpToMakeRoom() {
    backendIsDown();
    AtomicReference<VirtualRelay> made = new AtomicReference<>();
    RelayListener closing =
        new RelayListener() {
          @Override
          public void dropped(String sink, Drop drop) {
            made.get().lane(sink).close();
          }
        };
    VirtualRelay relay =
        new VirtualRelay(time, storage, List.of(closing), small(WhenFull.DROP_OLDEST));
    made.set(relay);
    int kept = 0;
    while (relay.stats("billing").spoolBytes() < 15_000) {
      relay.play(List.of(Events.number(kept++)));
    }
    List<PopEvent> large = List.of(Events.ofLength(kept, 7 * 1024));

    assertThat(relay.offer(large)).isEqualTo(Intake.Answer.CLOSED);

    assertThat(relay.heard.notes(RecordingListener.Dropped.class)).hasSize(1);
    assertThat(storage.waiting("billing")).doesNotContainAnyElementsOf(large);
  }

  @Test
  void whatComesBackFromTheDeadLettersWaitsWhileTheSpoolGoesOverToOtherLimits() throws Exception {
    CountDownLatch adopting = new CountDownLatch(1);
    CountDownLatch mayAdopt = new CountDownLatch(1);
    AtomicBoolean appended = new AtomicBoolean();
    Sink sink = Sink.named("billing", backend).withBatch(tens);
    Spool real = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    Spool slow =
        (Spool)
            Proxy.newProxyInstance(
                Spool.class.getClassLoader(),
                new Class<?>[] {Spool.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("adopt")) {
                    adopting.countDown();
                    mayAdopt.await();
                  }
                  appended.compareAndSet(false, method.getName().equals("append"));
                  return method.invoke(real, arguments);
                });
    Door door = doorTo(sink, slow, new Signal());
    Thread follower =
        new Thread(
            () -> {
              try {
                door.follow(sink.withBatch(new BatchPolicy(3, ByteSize.ofKiB(4), Duration.ZERO)));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    follower.start();
    adopting.await();
    Thread desk = new Thread(() -> door.takeBack(Events.number(0)));
    desk.start();
    Await.until("the desk to wait", () -> desk.getState() == Thread.State.WAITING);

    assertThat(appended).isFalse();

    mayAdopt.countDown();
    follower.join();
    desk.join();
    assertThat(appended).isTrue();
    assertThat(storage.waiting("billing")).containsExactly(Events.number(0));
  }

  @Test
  void aDiskThatHasRoomAgainIsKnownWithoutAnEvent() {
    backendIsDown();
    VirtualRelay relay =
        new VirtualRelay(time, storage, Sink.named("billing", backend).withBatch(tens));
    relay.play(Events.numbered(25));
    storage.fill();
    relay.offer(List.of(Events.number(25)));
    relay.run(Duration.ofMinutes(3));
    assertThat(relay.stats("billing").storing()).as("while it is full").isFalse();

    storage.repair();
    relay.run(Duration.ofSeconds(6));

    assertThat(relay.stats("billing").storing()).isTrue();
    assertThat(relay.heard.notes(RecordingListener.StorageTold.class))
        .extracting(told -> told.trouble().isPresent())
        .containsExactly(true, false);
    assertThat(relay.stats("billing").waiting()).as("what was tried is nowhere").isEqualTo(25);
  }

  @Test
  void forcesThatSucceedAgainAreKnownWithoutAnEvent() {
    VirtualRelay relay =
        new VirtualRelay(time, storage, Sink.named("billing", backend).withBatch(tens));
    storage.failForces();
    assertThat(relay.offer(Events.numbered(3))).isEqualTo(Intake.Answer.FULL);
    relay.run(Duration.ofMinutes(1));
    assertThat(relay.stats("billing").storing()).isFalse();

    storage.repair();
    relay.run(Duration.ofSeconds(6));

    assertThat(relay.stats("billing").storing()).isTrue();
  }

  /** Offers an event to a full disk; answers how long that was waited for. */
  private Duration heldUp(VirtualRelay relay, int number) {
    Duration before = time.elapsed();
    assertThat(relay.offer(List.of(Events.number(number)))).isEqualTo(Intake.Answer.FULL);
    return time.elapsed().minus(before);
  }

  @Test
  void aWaitInVainIsForgottenOnceSomebodyFreesTheDisk() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.BLOCK));
    relay.play(List.of(Events.number(0)));
    storage.fill();
    assertThat(heldUp(relay, 1)).isGreaterThanOrEqualTo(TEN_SECONDS);
    assertThat(heldUp(relay, 2)).isZero();
    storage.repair();
    assertThat(relay.offer(List.of(Events.number(3)))).isEqualTo(Intake.Answer.ACCEPTED);
    storage.fill();
    assertThat(heldUp(relay, 4)).isGreaterThanOrEqualTo(TEN_SECONDS);
  }

  @Test
  void aWaitInVainIsForgottenAsWellIfTheRoomIsFoundWithoutAnEvent() {
    backendIsDown();
    VirtualRelay relay = new VirtualRelay(time, storage, small(WhenFull.BLOCK));
    storage.fill();
    assertThat(heldUp(relay, 1)).isGreaterThanOrEqualTo(TEN_SECONDS);
    assertThat(heldUp(relay, 2)).isZero();
    storage.repair();
    relay.lane("billing").chores();
    storage.fill();
    assertThat(heldUp(relay, 3)).isGreaterThanOrEqualTo(TEN_SECONDS);
  }

  @Test
  void whatIsTakenBackWakesTheDeliveryWhetherOrNotItCanBeForced() throws Exception {
    Sink sink = Sink.named("billing", backend).withBatch(tens);
    Spool spool = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    Signal delivery = new Signal();
    Door door = doorTo(sink, spool, delivery);
    assertThat(door.takeBack(Events.number(0))).isTrue();

    delivery.await(time, TEN_SECONDS.toNanos());
    assertThat(time.elapsed()).as("waited for the signal").isZero();
  }

  @Test
  void aDiskThatHasKeptAnEventSinceIsNotTried() throws Exception {
    Sink sink = Sink.named("billing", backend).withBatch(tens);
    Spool spool = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    Door door = doorTo(sink, spool, new Signal());
    storage.fill();
    assertThat(door.keep(List.of(Events.number(0)))).isEqualTo(Door.Keep.FULL);
    storage.repair();
    assertThat(door.keep(List.of(Events.number(0)))).isEqualTo(Door.Keep.KEPT);
    time.advance(Duration.ofHours(1));

    AtomicBoolean tried = new AtomicBoolean();
    door.lookForRoom(bytes -> tried.getAndSet(true));

    assertThat(tried).isFalse();
  }

  private Door doorTo(Sink sink, Spool spool, Signal delivery) throws IOException {
    DropBook drops =
        new DropBook("billing", storage.openDropLedger("billing"), time, new Listeners(List.of()));
    return new Door(
        sink,
        spool,
        new LaneBooks(spool, drops, new StorageWatch("billing", time), time),
        new StorageHealth("billing", time),
        time,
        new Doorbell(delivery));
  }
}
