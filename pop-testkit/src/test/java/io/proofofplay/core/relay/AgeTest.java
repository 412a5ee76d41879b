package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How long events wait: what is told of it, and the bound that a policy may set. */
class AgeTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final ManualTime time = ManualTime.flowing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final BatchPolicy tens = new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ofSeconds(10));

  private Sink sink(SpoolPolicy spool) {
    return Sink.named("billing", backend).withBatch(tens).withSpool(spool);
  }

  private Sink dailySink() {
    return sink(SpoolPolicy.defaults().withMaxAge(DAY));
  }

  private void down() {
    backend.otherwise(b -> Later.because("down"));
  }

  private void well() {
    backend.otherwise(b -> ScriptedSubmitter.delivered());
  }

  /** Plays one event a minute; answers the number behind the last. */
  private static int play(VirtualRelay relay, int from, Duration span) {
    int number = from;
    for (long minutes = span.toMinutes(); minutes > 0; minutes--) {
      relay.play(List.of(Events.number(number++)));
      relay.run(Duration.ofMinutes(1));
    }
    return number;
  }

  private VirtualRelay relay(Sink sink) {
    VirtualRelay relay = new VirtualRelay(time, storage, sink);
    relay.longestStep = Duration.ofSeconds(20);
    return relay;
  }

  @Test
  void nothingIsGivenUpForItsAgeUnlessThePolicySaysSo() {
    down();
    VirtualRelay relay = relay(sink(SpoolPolicy.defaults()));
    relay.longestStep = HOUR;
    relay.play(Events.numbered(100));
    relay.run(Duration.ofDays(5));
    assertThat(relay.stats("billing").waiting()).isEqualTo(100);
    assertThat(relay.stats("billing").droppedInAll()).isZero();
  }

  @Test
  void whatWaitsLongerThanTheBoundIsGivenUpOldestFirstAndIsInTheLedger() {
    down();
    VirtualRelay relay = relay(dailySink());
    int played = play(relay, 0, Duration.ofDays(2));
    SinkStats stats = relay.stats("billing");
    long kept = stats.waiting();
    // A day's, and at most the quarter more that a batch may span.
    assertThat(kept).isBetween(24L * 60, 30L * 60 + 20);
    assertThat(stats.dropped()).containsOnlyKeys(DropReason.TOO_OLD);
    assertThat(stats.oldestWaiting().orElseThrow()).isBetween(DAY, Duration.ofHours(31));
    well();
    relay.drain("billing", DAY);
    relay.run(Duration.ofMinutes(1));
    int first = Math.toIntExact(played - kept);
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(first, played));
    List<Drop> ledger = storage.drops("billing");
    assertThat(ledger.stream().mapToLong(Drop::count).sum()).isEqualTo(first);
    assertThat(ledger.get(0).firstUuid()).isEqualTo(Events.number(0).uuid());
    assertThat(ledger.get(ledger.size() - 1).lastUuid()).isEqualTo(Events.number(first - 1).uuid());
    assertThat(ledger).extracting(Drop::reason).containsOnly(DropReason.TOO_OLD);
  }

  @Test
  void noEventIsGivenUpBeforeItsTime() {
    down();
    VirtualRelay relay = relay(dailySink());
    play(relay, 0, Duration.ofHours(3));
    relay.run(Duration.ofHours(20));
    assertThat(relay.stats("billing").droppedInAll()).isZero();
    // A batch of few events, of which the first is a day old and the last is not.
    relay.run(Duration.ofMinutes(65));
    assertThat(relay.stats("billing").waiting()).isGreaterThanOrEqualTo(115);
    relay.run(Duration.ofHours(10));
    assertThat(relay.stats("billing").waiting()).isZero();
    assertThat(relay.stats("billing").dropped()).containsEntry(DropReason.TOO_OLD, 180L);
  }

  @Test
  void aBatchThatIsTriedAgainAndAgainIsGivenUpAsWell() {
    down();
    VirtualRelay relay = relay(dailySink());
    relay.play(Events.numbered(5));
    relay.run(DAY.plus(HOUR));
    assertThat(backend.submissions()).isNotEmpty();
    assertThat(relay.stats("billing").waiting()).isZero();
    assertThat(storage.waiting("billing")).isEmpty();
    relay.play(Events.numbered(5, 8));
    well();
    relay.drain("billing", HOUR);
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(5, 8));
  }

  @Test
  void theEventsOfABatchThatWereDeliveredAreNotCountedAsGivenUp() {
    PopEvent third = Events.number(3);
    backend.otherwise(
        b ->
            b.events().contains(third)
                ? new Later(Reason.of("reset"), Optional.empty(), Later.Doubt.SIZE)
                : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(dailySink());
    relay.play(Events.numbered(4));
    relay.run(DAY.plus(HOUR));
    SinkStats stats = relay.stats("billing");
    assertThat(stats.delivered()).isEqualTo(3);
    assertThat(stats.dropped()).isEqualTo(Map.of(DropReason.TOO_OLD, 1L));
    assertThat(storage.drops("billing").get(0).firstUuid()).isEqualTo(third.uuid());
  }

  @Test
  void aWallClockThatJumpsGivesNothingUpAndSavesNothing() {
    down();
    VirtualRelay relay = relay(dailySink());
    int played = play(relay, 0, Duration.ofHours(2));
    time.jumpWall(Duration.ofDays(50 * 365));
    relay.run(HOUR);
    time.jumpWall(Duration.ofDays(-100 * 365));
    relay.run(HOUR);
    assertThat(relay.stats("billing").waiting()).isEqualTo(played);
    assertThat(relay.stats("billing").oldestWaiting().orElseThrow())
        .isBetween(Duration.ofMinutes(230), Duration.ofMinutes(241));
    relay.run(Duration.ofHours(32));
    assertThat(relay.stats("billing").waiting()).isZero();
  }

  @Test
  void whatAnEarlierLifeLeftHasItsWholeTimeAgain() {
    down();
    VirtualRelay first = relay(dailySink());
    first.play(Events.numbered(25));
    first.run(Duration.ofHours(23));
    first.stop();
    time.jumpWall(Duration.ofDays(50 * 365));
    VirtualRelay second = relay(dailySink());
    second.run(Duration.ofHours(23));
    assertThat(second.stats("billing").waiting()).isEqualTo(25);
    second.run(Duration.ofHours(2));
    assertThat(second.stats("billing").dropped()).containsEntry(DropReason.TOO_OLD, 25L);
  }

  @Test
  void theOldestAgeGrowsThroughAnOutageAndIsGoneWithIt() {
    down();
    VirtualRelay relay = relay(sink(SpoolPolicy.defaults()));
    relay.longestStep = Duration.ofMinutes(10);
    assertThat(relay.stats("billing").oldestWaiting()).isEmpty();
    relay.play(Events.numbered(1));
    for (int day = 1; day <= 10; day++) {
      relay.play(Events.numbered(day * 10, day * 10 + 10));
      relay.run(DAY);
      assertThat(relay.stats("billing").oldestWaiting().orElseThrow())
          .isBetween(Duration.ofDays(day), Duration.ofDays(day));
    }
    well();
    relay.drain("billing", DAY);
    assertThat(relay.stats("billing").oldestWaiting()).isEmpty();
  }

  @Test
  void theOldestAgeIsThatOfTheOldestEventLeftToASixtiethOfTheOutage() {
    VirtualRelay relay = relay(sink(SpoolPolicy.defaults()));
    down();
    play(relay, 0, Duration.ofHours(50));
    // Each answer is good for one batch of ten minutes.
    for (int taken = 1; taken < 250; taken++) {
      backend.answering(ScriptedSubmitter.delivered());
      Duration longest = Duration.ofMinutes(5);
      int before = backend.deliveredEvents().size();
      while (backend.deliveredEvents().size() == before) {
        relay.run(longest.dividedBy(10));
      }
      down();
      long waited = time.elapsed().toMinutes() - backend.deliveredEvents().size();
      assertThat(relay.stats("billing").oldestWaiting().orElseThrow().toMinutes())
          .as("after %s batches", taken)
          .isBetween(waited - 52, waited + 1);
    }
  }

  @Test
  void theOldestAgeIncludesWhatIsOnItsWay() {
    VirtualRelay relay = relay(sink(SpoolPolicy.defaults()));
    Duration[] seen = {Duration.ZERO};
    backend.then(
        b -> {
          time.advance(Duration.ofSeconds(25));
          seen[0] = relay.stats("billing").oldestWaiting().orElseThrow();
          return ScriptedSubmitter.delivered();
        });
    relay.play(Events.numbered(10));
    relay.run(Duration.ofSeconds(1));
    assertThat(seen[0]).isEqualTo(Duration.ofSeconds(25));
  }

  @Test
  void whatIsEvictedForRoomIsNotCountedForItsAgeToo() {
    down();
    SpoolPolicy small =
        SpoolPolicy.defaults()
            .withMaxBytes(ByteSize.ofKiB(16))
            .withWhenFull(WhenFull.DROP_OLDEST, Duration.ZERO)
            .withMaxAge(DAY);
    VirtualRelay relay = relay(sink(small));
    int played = play(relay, 0, Duration.ofHours(20));
    SinkStats full = relay.stats("billing");
    assertThat(full.dropped()).containsOnlyKeys(DropReason.FULL_OLDEST);
    relay.run(Duration.ofHours(32));
    SinkStats old = relay.stats("billing");
    assertThat(old.waiting()).isZero();
    assertThat(old.dropped())
        .isEqualTo(
            Map.of(
                DropReason.FULL_OLDEST,
                full.droppedInAll(),
                DropReason.TOO_OLD,
                played - full.droppedInAll()));
  }

  @Test
  void whatWasDeliveredOutOfItsTurnIsNotGivenUpWithItsBatch() {
    PopEvent first = Events.number(0);
    Later broken = new Later(Reason.of("answered 500"), Optional.empty(), Later.Doubt.BYTES);
    backend.otherwise(b -> b.events().contains(first) ? broken : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(dailySink());
    relay.play(Events.numbered(10));
    while (relay.stats("billing").delivered() == 0) {
      relay.run(Duration.ofMillis(10));
    }
    down();
    relay.run(DAY.plus(HOUR));
    SinkStats stats = relay.stats("billing");
    assertThat(stats.waiting()).isZero();
    assertThat(stats.delivered()).isPositive();
    assertThat(stats.dropped()).isEqualTo(Map.of(DropReason.TOO_OLD, 10 - stats.delivered()));
  }

  @Test
  void whatWasDeliveredOfTheBatchBehindIsNotGivenUpWithIt() {
    Set<PopEvent> bad = Set.copyOf(Events.numbered(10));
    Later broken = new Later(Reason.of("answered 500"), Optional.empty(), Later.Doubt.BYTES);
    backend.otherwise(
        b -> b.events().stream().anyMatch(bad::contains) ? broken : ScriptedSubmitter.delivered());
    VirtualRelay relay = relay(dailySink());
    relay.play(Events.numbered(20));
    while (relay.stats("billing").delivered() == 0) {
      relay.run(Duration.ofSeconds(1));
    }
    down();
    relay.run(DAY.plus(HOUR));
    SinkStats stats = relay.stats("billing");
    assertThat(stats.waiting()).isZero();
    assertThat(stats.dropped())
        .isEqualTo(Map.of(DropReason.TOO_OLD, 20 - stats.delivered() - stats.dead()));
    assertThat(storage.drops("billing").stream().mapToLong(Drop::count).sum())
        .isEqualTo(stats.droppedInAll());
  }

  @Test
  void aLargeBatchThatGathersWhileAnotherIsTriedIsSealedBeforeItSpansTooLong() {
    down();
    BatchPolicy large = new BatchPolicy(10_000, ByteSize.ofMiB(8), Duration.ofSeconds(10));
    VirtualRelay relay = relay(dailySink().withBatch(large));
    play(relay, 0, Duration.ofHours(47));
    assertThat(relay.stats("billing").oldestWaiting().orElseThrow())
        .isBetween(DAY, Duration.ofHours(31));
  }

  @Test
  void theBatchThatIsTriedIsGivenUpForItsAgeAlthoughYoungerOnesWereEvicted() {
    down();
    SpoolPolicy small =
        SpoolPolicy.defaults()
            .withMaxBytes(ByteSize.ofKiB(16))
            .withWhenFull(WhenFull.DROP_OLDEST, Duration.ZERO)
            .withMaxAge(DAY);
    VirtualRelay relay = relay(sink(small));
    relay.play(Events.numbered(10));
    relay.run(Duration.ofMinutes(1));
    play(relay, 10, Duration.ofHours(25));
    assertThat(relay.stats("billing").dropped()).containsEntry(DropReason.TOO_OLD, 10L);
  }

  @Test
  void nothingIsTakenOffASpoolThatWasLetGo() throws Exception {
    Spool spool = storage.openSpool("billing", dailySink().spool(), dailySink().batch(), false);
    LaneBooks books = booksOf(spool);
    assertThat(spool.append(Events.numbered(10))).isEqualTo(Spool.Append.KEPT);
    books.sample();
    time.advance(DAY.plus(HOUR));
    books.release();
    assertThat(books.expire(DAY)).isEqualTo(LaneBooks.Expiry.NOTHING);
    assertThat(books.evictOldest()).isFalse();
    assertThat(storage.waiting("billing")).hasSize(10);
  }

  @Test
  void whatIsTooOldIsInTheLedgerBeforeItIsRemoved() throws Exception {
    Spool real = storage.openSpool("billing", dailySink().spool(), dailySink().batch(), false);
    List<Long> noted = new ArrayList<>();
    Spool spool =
        (Spool)
            Proxy.newProxyInstance(
                Spool.class.getClassLoader(),
                new Class<?>[] {Spool.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("remove")) {
                    noted.add(storage.drops("billing").stream().mapToLong(Drop::count).sum());
                  }
                  return method.invoke(real, arguments);
                });
    LaneBooks books = booksOf(spool);
    assertThat(spool.append(Events.numbered(30))).isEqualTo(Spool.Append.KEPT);
    books.sample();
    time.advance(DAY.plus(HOUR));
    while (books.expire(DAY) != LaneBooks.Expiry.NOTHING) {
      assertThat(noted).hasSizeLessThan(10);
    }
    assertThat(noted).containsExactly(10L, 20L, 30L);
  }

  private LaneBooks booksOf(Spool spool) throws IOException {
    DropBook drops =
        new DropBook("billing", storage.openDropLedger("billing"), time, new Listeners(List.of()));
    return new LaneBooks(spool, drops, new StorageWatch("billing", time), time);
  }

  @Test
  void whatIsTooOldGoesABatchAtATimeSoThatNobodyWaitsForAllOfIt() throws Exception {
    Spool spool = storage.openSpool("billing", dailySink().spool(), dailySink().batch(), false);
    LaneBooks books = booksOf(spool);
    spool.append(Events.numbered(30));
    spool.sync();
    books.sample();
    time.advance(DAY.plus(HOUR));

    for (long left : new long[] {20, 10, 0}) {
      assertThat(books.expire(DAY)).isEqualTo(LaneBooks.Expiry.BATCH);
      assertThat(books.waiting()).isEqualTo(left);
    }

    assertThat(books.expire(DAY)).isEqualTo(LaneBooks.Expiry.NOTHING);
  }

  /** Each batch takes a slow card a second; all of them far longer than a loop is waited for. */
  @Test
  void aBacklogThatIsTooOldIsGivenUpInTurnsOfWhichNoneLooksLikeAStandstill() throws Exception {
    Sink sink = dailySink();
    Spool real = storage.openSpool("billing", sink.spool(), sink.batch(), false);
    List<Standstill> seen = new ArrayList<>();
    Lane[] lane = new Lane[1];
    Spool slow =
        (Spool)
            Proxy.newProxyInstance(
                Spool.class.getClassLoader(),
                new Class<?>[] {Spool.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("remove")) {
                    time.advance(Duration.ofSeconds(1));
                    lane[0].standstill(false).ifPresent(seen::add);
                  }
                  return method.invoke(real, arguments);
                });
    Listeners none = new Listeners(List.of());
    lane[0] =
        new Lane(
            sink,
            storage,
            slow,
            storage.openDeadLetters("billing"),
            new DropBook("billing", storage.openDropLedger("billing"), time, none),
            time,
            () -> 0.5,
            none);
    real.append(Events.numbered(6_000));
    real.sync();
    lane[0].chores();
    time.advance(DAY.plus(HOUR));
    // When nothing is left and the loop would wait for ever.
    time.after(HOUR, lane[0]::close);

    lane[0].run();

    assertThat(storage.drops("billing").stream().mapToLong(Drop::count).sum()).isEqualTo(6_000);
    assertThat(storage.waiting("billing")).isEmpty();
    assertThat(seen).isEmpty();
  }

  @Test
  void forcesThatFailForLongMakeWhatWaitsNoYounger() {
    VirtualRelay relay =
        relay(dailySink().withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), DAY)));
    relay.play(Events.numbered(10));
    relay.run(Duration.ofSeconds(1));
    relay.play(Events.numbered(10, 15));
    storage.failForces();
    for (int i = 0; i < 60; i++) {
      assertThat(relay.offer(List.of(Events.number(15)))).isEqualTo(Intake.Answer.FULL);
      relay.run(Duration.ofMinutes(1));
    }
    assertThat(relay.stats("billing").waiting()).isEqualTo(5);
    assertThat(relay.stats("billing").oldestWaiting().orElseThrow())
        .isBetween(HOUR, HOUR.plus(HOUR));
  }

  @Test
  void aBatchIsYoungAsLongAsOneOfItsEventsIs() throws Exception {
    Spool spool = storage.openSpool("billing", dailySink().spool(), dailySink().batch(), false);
    LaneBooks books = booksOf(spool);
    spool.append(Events.numbered(5));
    spool.sync();
    books.sample();
    time.advance(DAY.minus(HOUR));
    spool.append(Events.numbered(5, 10));
    spool.sync();
    books.sample();
    time.advance(HOUR.plus(HOUR));

    assertThat(books.expire(DAY)).isEqualTo(LaneBooks.Expiry.NOTHING);

    assertThat(storage.waiting("billing")).hasSize(10);
    time.advance(DAY);
    assertThat(books.expire(DAY)).isEqualTo(LaneBooks.Expiry.BATCH);
  }

  @Test
  void aYoungBatchInThePlaceOfADamagedOneIsNotGivenUpForTheOthersAge() throws Exception {
    Spool spool = storage.openSpool("billing", dailySink().spool(), dailySink().batch(), false);
    LaneBooks books = booksOf(spool);
    spool.append(Events.numbered(10));
    spool.sync();
    assertThat(books.takeHead()).isPresent();
    books.sample();
    time.advance(DAY.plus(HOUR));
    spool.append(Events.numbered(10, 20));
    spool.sync();
    storage.damageOldest("billing");

    assertThat(books.expire(DAY)).isEqualTo(LaneBooks.Expiry.NOTHING);

    assertThat(storage.waiting("billing")).isEqualTo(Events.numbered(10, 20));
  }

  /** A spool of which only the books are asked for. */
  private static Spool spoolWith(SpoolStats stats) {
    return (Spool)
        Proxy.newProxyInstance(
            Spool.class.getClassLoader(),
            new Class<?>[] {Spool.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("stats");
              return stats;
            });
  }

  private static SpoolStats aBatchThatNobodyCounted(Optional<Instant> begun) {
    return new SpoolStats(0, 0, 0, 1, 4096, begun, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void whatCouldNotBeReadAtTheStartHasAnAgeThoughNobodyCountedIt() throws Exception {
    Optional<Instant> begun = Optional.of(time.now().minus(HOUR));
    LaneBooks books = booksOf(spoolWith(aBatchThatNobodyCounted(begun)));
    time.advance(HOUR);

    assertThat(books.balance().oldestAge()).contains(HOUR.plus(HOUR));
    assertThat(books.balance().waiting()).isZero();
    assertThat(books.balance().imbalance()).isZero();
  }

  @Test
  void ifNothingSaysWhenItBeganItIsAsOldAsTheStart() throws Exception {
    LaneBooks unknown = booksOf(spoolWith(aBatchThatNobodyCounted(Optional.empty())));
    Instant later = time.now().plus(DAY);
    LaneBooks wrong = booksOf(spoolWith(aBatchThatNobodyCounted(Optional.of(later))));
    time.advance(HOUR);

    assertThat(unknown.balance().oldestAge()).contains(HOUR);
    assertThat(wrong.balance().oldestAge()).contains(HOUR);
  }

  @Test
  void anEmptySpoolHasNoAge() throws Exception {
    LaneBooks books =
        booksOf(spoolWith(new SpoolStats(0, 0, 0, 0, 0, Optional.empty(), 7, 0, 0, 0, 0, 0)));
    time.advance(HOUR);

    assertThat(books.balance().oldestAge()).isEmpty();
  }
}
