package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.testkit.Await;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the relay says of its own loops, with its real threads on clocks that a test moves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StandstillTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final ManualTime time = ManualTime.standing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSource player = new ScriptedSource();
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final CountDownLatch over = new CountDownLatch(1);

  private Relay relay;

  private void start(Storage kept, RelayListener listener) throws IOException {
    start(kept, listener, TIMEOUT);
  }

  private void start(Storage kept, RelayListener listener, Duration timeout) throws IOException {
    Sink sink =
        Sink.named("billing", backend)
            .withTimeout(timeout)
            .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ZERO));
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
    start(storage, new RelayListener() {}, Duration.ofSeconds(Long.MAX_VALUE));
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

  @Test
  void choresThatHangAreOne() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    Storage kept =
        (Storage)
            Proxy.newProxyInstance(
                Storage.class.getClassLoader(),
                new Class<?>[] {Storage.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("loss")) {
                    hangs.countDown();
                    hang();
                  }
                  return method.invoke(storage, arguments);
                });
    start(kept, new RelayListener() {});
    hangs.await();

    pass(2, Pulse.AMPLE);
    awaitAllWell();
    pass(2, Duration.ofSeconds(1));

    awaitStandstill("pop-chores");
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
    CountDownLatch inside = new CountDownLatch(1);
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
