package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.testkit.Await;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import io.proofofplay.testkit.RecordingListener.StorageTold;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the relay says of its own loops, with its real threads on clocks that a test moves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StandstillTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final ManualTime time = ManualTime.standing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSource player = new ScriptedSource();
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final CountDownLatch inside = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);

  private Relay relay;

  private void start(Storage kept, RelayListener listener) throws IOException {
    start(kept, listener, sink -> sink);
  }

  private void start(Storage kept, RelayListener listener, UnaryOperator<Sink> with)
      throws IOException {
    Sink sink =
        with.apply(
            Sink.named("billing", backend)
                .withTimeout(TIMEOUT)
                .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ZERO)));
    relay =
        Relay.builder()
            .time(time)
            .storage(kept)
            .source("player", player)
            .sink(sink)
            .listener(listener)
            .build();
    relay.start();
  }

  private void start() throws IOException {
    start(storage, new RelayListener() {});
  }

  @AfterEach
  void nothingIsLeftHanging() {
    over.countDown();
    storage.goOn("billing");
    backend.release();
    relay.stop(Duration.ZERO);
  }

  private void hang() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Moves the clock.
   *
   * @param waiting how many loops are to wait for it before, so that none begins its wait after
   */
  private void pass(int waiting, Duration span) throws InterruptedException {
    time.awaitWaiting(waiting);
    time.advance(span);
  }

  private void awaitAllWell() throws Exception {
    Await.until("every loop to come round", () -> relay.standstill().isEmpty());
  }

  private Standstill awaitStandstill(String thread) throws Exception {
    Await.until(
        thread + " to be the one that stands still",
        () -> relay.standstill().filter(found -> found.thread().equals(thread)).isPresent());
    return relay.standstill().orElseThrow();
  }

  @Test
  void aRelayWithNothingToDoStandsStillNowhere() throws Exception {
    start();
    player.emit(Events.numbered(10));
    backend.awaitDelivered(10);
    pass(3, Duration.ofDays(30));
    awaitAllWell();
  }

  @Test
  void aBackendThatIsAwayForADayIsNoStandstill() throws Exception {
    backend.otherwise(batch -> Later.because("away"));
    start();
    player.emit(Events.numbered(10));
    backend.awaitSubmissions(1);
    for (int hour = 0; hour < 24; hour++) {
      pass(3, Duration.ofHours(1));
      awaitAllWell();
    }
    assertThat(relay.stats().sinks().get("billing").waiting()).isEqualTo(10);
  }

  @Test
  void aSubmitterThatNeverReturnsIsOneOnceItsTimeoutIsLongOver() throws Exception {
    backend.hangStubbornly();
    start();
    player.emit(Events.numbered(10));
    backend.awaitInside();

    pass(2, TIMEOUT.plus(Pulse.AMPLE));
    awaitAllWell();
    pass(2, Duration.ofSeconds(1));

    Standstill found = awaitStandstill("pop-sink-billing");
    assertThat(found.toString())
        .isEqualTo("pop-sink-billing should have come round 5m1s ago, and stands still");
    assertThat(found.where())
        .extracting(StackTraceElement::getClassName)
        .contains(ScriptedSubmitter.class.getName());
    backend.release();
    awaitAllWell();
  }

  /** Whoever means for ever writes the longest time there is. */
  @Test
  void aTimeoutForEverKeepsTheRelayFromNothing() throws Exception {
    Duration ever = Duration.ofSeconds(Long.MAX_VALUE);
    start(storage, new RelayListener() {}, sink -> sink.withTimeout(ever));
    player.emit(Events.numbered(10));
    backend.awaitDelivered(10);
    backend.hangStubbornly();
    player.emit(Events.numbered(10, 20));
    backend.awaitInside();

    pass(2, Duration.ofDays(365));

    awaitAllWell();
    assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
    backend.release();
    backend.awaitDelivered(20);
  }

  /** What a listener does is no call to the storage. */
  @Test
  void choresThatHangAreOne() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    backend.otherwise(
        batch -> new Later(Reason.of("away"), Optional.of(Duration.ofHours(1)), Later.Doubt.NONE));
    start(
        storage,
        new RelayListener() {
          @Override
          public void dropped(String sink, Drop drop) {
            if (Thread.currentThread().getName().equals("pop-chores")) {
              told.countDown();
              hang();
            }
          }
        });
    player.emit(Events.numbered(10));
    backend.awaitSubmissions(1);
    time.awaitWaiting(3);
    storage.damageOldest("billing");
    time.advance(Duration.ofSeconds(1));
    told.await();

    pass(2, Pulse.AMPLE);
    awaitAllWell();
    pass(2, Duration.ofSeconds(1));

    awaitStandstill("pop-chores");
  }

  /** The storage, of which one kind of call never returns, save the first ones. */
  private Storage hangingAt(String call, int wellBefore) {
    AtomicInteger calls = new AtomicInteger();
    return hanging(
        Storage.class,
        storage,
        method -> method.equals(call) && calls.incrementAndGet() > wellBefore);
  }

  private <T> T hanging(Class<T> type, T real, Predicate<String> hangs) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (hangs.test(method.getName())) {
                inside.countDown();
                hang();
              }
              Object answer = method.invoke(real, arguments);
              if (answer instanceof DropLedger ledger) {
                return hanging(DropLedger.class, ledger, hangs);
              }
              return answer instanceof DeadLetters letters
                  ? hanging(DeadLetters.class, letters, hangs)
                  : answer;
            }));
  }

  /** After half a minute it is a trouble, and after an hour a standstill. */
  private void expectAnHourFor(String thread, String asked, RecordingListener heard)
      throws Exception {
    inside.await();
    pass(2, Duration.ofSeconds(31));
    Await.until("the trouble to be told", () -> heard.notes(StorageTold.class).size() == 1);
    assertThat(heard.notes(StorageTold.class).get(0).trouble().orElseThrow())
        .isEqualTo("the spool has not answered for 31s, asked to " + asked);
    pass(2, Duration.ofMinutes(59).minusSeconds(31));
    awaitAllWell();
    pass(2, Duration.ofMinutes(1));
    assertThat(awaitStandstill(thread).why())
        .isEqualTo(
            "stands still: sink billing: the spool has not answered for 1h, asked to " + asked);
  }

  /** What the chores ask for beside the events is on the same disk. */
  @ParameterizedTest
  @CsvSource({
    "loss, see whether it is still there",
    "request, follow what is asked about its dead letters",
  })
  void choresThatHangWithTheDiskAreOneOnlyAfterAnHour(String call, String asked) throws Exception {
    RecordingListener heard = new RecordingListener();
    start(hangingAt(call, 0), heard);
    expectAnHourFor("pop-chores", asked, heard);
  }

  /** The first drop is written by the source, those that follow it by the chores. */
  @ParameterizedTest
  @CsvSource({
    "0, pop-source-player, write down what is given up",
    "1, pop-chores, write down what was given up",
  })
  void aLedgerThatHangsIsOneOnlyAfterAnHour(int wellBefore, String thread, String asked)
      throws Exception {
    RecordingListener heard = new RecordingListener();
    backend.otherwise(batch -> Later.because("away"));
    SpoolPolicy small =
        SpoolPolicy.defaults()
            .withMaxBytes(ByteSize.ofKiB(16))
            .withWhenFull(WhenFull.DROP_NEWEST, Duration.ZERO);
    start(hangingAt("record", wellBefore), heard, sink -> sink.withSpool(small));
    player.emit(Events.numbered(200));
    if (wellBefore > 0) {
      player.emit(Events.numbered(200, 210)).awaitAnswers(2);
      pass(3, Duration.ofSeconds(1));
    }
    expectAnHourFor(thread, asked, heard);
  }

  @Test
  void aListenerThatHoldsTheWatchIsOne() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    start(
        storage,
        new RelayListener() {
          @Override
          public void storage(String sink, Optional<String> trouble) {
            told.countDown();
            hang();
          }
        });
    time.awaitWaiting(3);
    storage.hang("billing");
    player.emit(Events.numbered(1));
    storage.awaitHanging("billing");
    time.advance(Duration.ofSeconds(31));
    told.await();

    pass(2, Pulse.AMPLE.plusSeconds(2));

    awaitStandstill("pop-watch");
  }

  /** It may come back, and what is in memory alone is lost by a restart. */
  @Test
  void aDiskThatHangsIsOneOnlyAfterAnHour() throws Exception {
    start();
    time.awaitWaiting(3);
    storage.hang("billing");
    player.emit(Events.numbered(1));
    storage.awaitHanging("billing");

    pass(3, Duration.ofMinutes(59));
    awaitAllWell();
    pass(3, Duration.ofMinutes(1));

    assertThat(awaitStandstill("pop-source-player").why())
        .contains("sink billing", "the spool has not answered for 1h", "asked to keep events");
    storage.goOn("billing");
    awaitAllWell();
  }

  /** What a listener writes down is on the same disk. */
  @Test
  void whoHangsWithADiskOfAnotherSinkIsExcusedToo() throws Exception {
    ScriptedSubmitter other = new ScriptedSubmitter(time);
    relay =
        Relay.builder()
            .time(time)
            .storage(storage)
            .source("player", player)
            .sink(
                Sink.named("billing", backend)
                    .withTimeout(TIMEOUT)
                    .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ZERO)))
            .sink(
                Sink.named("audit", other)
                    .withTimeout(TIMEOUT)
                    .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ZERO)))
            .listener(
                new RelayListener() {
                  @Override
                  public void submitted(
                      String sink, Batch batch, SubmitResult result, Duration took) {
                    if (sink.equals("audit")) {
                      inside.countDown();
                      hang();
                    }
                  }
                })
            .build();
    relay.start();
    time.awaitWaiting(4);
    player.emit(Events.numbered(10));
    inside.await();
    storage.hang("billing");
    player.emit(Events.numbered(11));
    storage.awaitHanging("billing");

    pass(2, Duration.ofMinutes(20));
    awaitAllWell();
  }

  @Test
  void aRelayThatHasStoppedIsNotJudged() throws Exception {
    backend.hangStubbornly();
    start();
    player.emit(Events.numbered(10));
    backend.awaitInside();
    pass(2, Duration.ofHours(1));
    awaitStandstill("pop-sink-billing");

    relay.stop(Duration.ZERO);
    time.advance(Duration.ofHours(1));

    assertThat(relay.standstill()).isEmpty();
  }
}
