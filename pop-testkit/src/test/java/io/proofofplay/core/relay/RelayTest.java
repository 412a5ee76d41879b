package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Await;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a relay, with its real threads. */
@Timeout(60)
class RelayTest {

  private static final Duration GRACE = Duration.ofMillis(200);

  /** The longest that a stop may last, whatever hangs. */
  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

  private final TimeSource time = TimeSource.system();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSource player = new ScriptedSource();
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final Sink sink =
      Sink.named("billing", backend)
          .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ZERO));

  private Relay relay;

  /** Whether the machine has no thread any more. */
  private volatile boolean exhausted;

  private Relay started(Sink with) throws IOException {
    relay = Relay.builder().storage(storage).source("player", player).sink(with).build();
    relay.start();
    return relay;
  }

  @AfterEach
  void nothingIsLeftRunning() {
    if (relay != null) {
      relay.stop(Duration.ZERO);
    }
  }

  private void expectAQuickStop() {
    long began = System.nanoTime();
    relay.stop(GRACE);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(FIVE_SECONDS);
    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    assertThat(relay.stats().imbalance()).isZero();
  }

  @Test
  void eventsTravelFromTheSourceToTheSink() throws Exception {
    started(sink);
    player.emit(Events.numbered(95));
    backend.awaitDelivered(95);
    player.awaitAnswers(1);
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(95));
    assertThat(relay.stats().sources().get("player").accepted()).isEqualTo(95);
    expectAQuickStop();
    assertThat(relay.stats().sinks().get("billing").delivered()).isEqualTo(95);
  }

  @Test
  void everySourceIsCountedBeforeTheStart() throws Exception {
    Relay unstarted = Relay.builder().storage(storage).source("player", player).sink(sink).build();
    SourceStats stats = unstarted.stats().sources().get("player");
    assertThat(stats.connected()).isFalse();
    assertThat(stats.accepted()).isZero();
    unstarted.stop(Duration.ZERO);
  }

  @Test
  void anIdleRelayStopsAtOnce() throws Exception {
    started(sink);
    expectAQuickStop();
    assertThat(backend.isClosed()).isTrue();
  }

  @Test
  void aRequestInFlightGetsTheGraceAndIsThenCancelled() throws Exception {
    started(sink);
    backend.hang();
    player.emit(Events.numbered(10));
    backend.awaitInside();
    expectAQuickStop();
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(10));
  }

  @Test
  void aRequestThatEndsWithinTheGraceCounts() throws Exception {
    started(sink);
    backend.hang();
    player.emit(Events.numbered(10));
    backend.awaitInside();
    Thread stopper = new Thread(() -> relay.stop(Duration.ofSeconds(3)));
    stopper.start();
    Await.until("the stop to begin", () -> relay.state() != RelayState.RUNNING);
    backend.release();
    stopper.join();
    assertThat(storage.waiting("billing")).isEmpty();
    assertThat(relay.stats().sinks().get("billing").delivered()).isEqualTo(10);
  }

  @Test
  void aSubmitterThatIgnoresItsCloseDoesNotHoldTheStopUp() throws Exception {
    started(sink);
    backend.hangStubbornly();
    player.emit(Events.numbered(10));
    backend.awaitInside();
    expectAQuickStop();
    backend.release();
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(10));
  }

  @Test
  void aRelayThatBacksOffStopsAtOnce() throws Exception {
    backend.otherwise(b -> Later.because("down"));
    started(sink);
    player.emit(Events.numbered(10));
    backend.awaitSubmissions(1);
    expectAQuickStop();
  }

  @Test
  void aRelayThatIsHeldStopsAtOnce() throws Exception {
    backend.otherwise(b -> new Held(Reason.of("401")));
    started(sink);
    player.emit(Events.numbered(10));
    backend.awaitSubmissions(1);
    expectAQuickStop();
  }

  @Test
  void aSourceThatWaitsForRoomIsLetGo() throws Exception {
    backend.otherwise(b -> Later.because("down"));
    started(
        sink.withSpool(
            SpoolPolicy.defaults()
                .withMaxBytes(new ByteSize(4096))
                .withWhenFull(WhenFull.BLOCK, Duration.ofHours(1))));
    for (int i = 0; i < 100; i++) {
      player.emit(List.of(Events.number(i)));
    }
    backend.awaitSubmissions(1);
    expectAQuickStop();
  }

  @Test
  void aFullDiskDoesNotHoldTheStopUp() throws Exception {
    backend.otherwise(b -> Later.because("down"));
    started(sink);
    player.emit(Events.numbered(10));
    backend.awaitSubmissions(1);
    storage.fill();
    player.emit(Events.numbered(10, 20));
    expectAQuickStop();
  }

  @Test
  void aLoopThatDiesMakesTheRelayFail() throws Exception {
    relay =
        Relay.builder()
            .storage(storage)
            .source(
                "broken",
                new EventSource() {
                  @Override
                  public void run(Intake intake) {
                    throw new IllegalStateException("bug");
                  }

                  @Override
                  public void close() {}
                })
            .sink(sink)
            .build();
    relay.start();
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.FAILED);
    assertThat(backend.isClosed()).isTrue();
  }

  /** A relay whose machine has threads for its start, and none after. */
  private Relay startedOnAMachineWithoutMoreThreads(Sink with) throws IOException {
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", player)
            .sink(with)
            .starting(
                thread -> {
                  if (exhausted) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  thread.start();
                })
            .build();
    relay.start();
    exhausted = true;
    return relay;
  }

  @Test
  void aLoopThatDiesMakesTheRelayFailAlsoWithoutAThreadToBeHad() throws Exception {
    backend.otherwise(
        batch -> {
          throw new OutOfMemoryError("unable to create native thread");
        });
    startedOnAMachineWithoutMoreThreads(sink);
    player.emit(Events.numbered(10));
    Await.until("the end", () -> relay.state() == RelayState.FAILED);
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.FAILED);
    assertThat(backend.isClosed()).isTrue();
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(10));
  }

  @Test
  void aStopEndsAlsoWithoutAThreadToBeHad() throws Exception {
    backend.hang();
    startedOnAMachineWithoutMoreThreads(
        sink.withSpool(SpoolPolicy.defaults().withDurability(Durability.ON_FAILURE)));
    player.emit(Events.numbered(15)).awaitAnswers(1);
    backend.awaitInside();
    expectAQuickStop();
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.STOPPED);
    storage.kill();
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(15));
  }

  @Test
  void aChangeWithoutAThreadForItsSinkFailsAndEnds() throws Exception {
    startedOnAMachineWithoutMoreThreads(sink);
    ScriptedSubmitter one = new ScriptedSubmitter(time);
    ScriptedSubmitter two = new ScriptedSubmitter(time);
    relay.change(
        Change.nothing().withSink(Sink.named("one", one)).withSink(Sink.named("two", two)), GRACE);
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.FAILED);
    assertThat(List.of(backend, one, two)).allMatch(ScriptedSubmitter::isClosed);
  }

  @Test
  void aPartThatBreaksOffAtAStopKeepsNoOtherFromItsEnd() throws Exception {
    Submitter broken =
        new Submitter() {
          @Override
          public SubmitResult submit(Batch batch, Attempt attempt) {
            return ScriptedSubmitter.delivered();
          }

          @Override
          public void close() {
            throw new LinkageError("bug");
          }
        };
    relay =
        Relay.builder()
            .storage(storage)
            .sink(Sink.named("broken", broken))
            .sink(sink)
            .starting(
                thread -> {
                  if (exhausted) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  thread.start();
                })
            .build();
    relay.start();
    exhausted = true;
    relay.stop(GRACE);
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.STOPPED);
    assertThat(backend.isClosed()).isTrue();
    // It would be in use if the lane had not let go of it.
    storage.openSpool("broken", sink.spool(), sink.batch(), false).close();
  }

  @Test
  void anErrorOfASourceMakesTheRelayFail() throws Exception {
    relay =
        Relay.builder()
            .storage(storage)
            .source(
                "broken",
                new EventSource() {
                  @Override
                  public void run(Intake intake) {
                    throw new LinkageError("bug");
                  }

                  @Override
                  public void close() {}
                })
            .sink(sink)
            .build();
    relay.start();
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.FAILED);
    assertThat(backend.isClosed()).isTrue();
  }

  @Test
  void anErrorOfASubmitterMakesTheRelayFailAndKeepsWhatItWasToSend() throws Exception {
    backend.otherwise(
        batch -> {
          throw new LinkageError("bug");
        });
    started(sink);
    player.emit(Events.numbered(10));
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.FAILED);
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(10));
  }

  /** A start needs four: the sink's, the source's and two of the relay's own. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aStartWithTooFewThreadsToBeHadFailsAndLetsGoOfEverything(int threads) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", player)
            .sink(sink)
            .starting(
                thread -> {
                  if (asked.incrementAndGet() > threads) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  thread.start();
                })
            .build();
    assertThatThrownBy(relay::start)
        .isInstanceOf(IOException.class)
        .hasMessage("the machine has no room for 4 threads");
    assertThat(relay.state()).isEqualTo(RelayState.FAILED);
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.FAILED);
    assertThat(backend.isClosed()).isTrue();
    storage.openSpool("billing", sink.spool(), sink.batch(), false).close();
  }

  @Test
  void aStorageThatHangsAsItIsOpenedDoesNotHoldTheStopUp() throws Exception {
    CountDownLatch opens = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Storage hanging =
        (Storage)
            Proxy.newProxyInstance(
                Storage.class.getClassLoader(),
                new Class<?>[] {Storage.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("openSpool")) {
                    opens.countDown();
                    awaitQuietly(goOn);
                  }
                  return method.invoke(storage, arguments);
                });
    relay = Relay.builder().storage(hanging).source("player", player).sink(sink).build();
    Thread starter = new Thread(this::startQuietly);
    starter.start();
    opens.await();
    expectAQuickStop();

    goOn.countDown();
    starter.join();
    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    assertThat(backend.isClosed()).isTrue();
    assertThat(relay.intake("mine").offer(Events.numbered(1))).isEqualTo(Intake.Answer.CLOSED);
    storage.openSpool("billing", sink.spool(), sink.batch(), false).close();
  }

  private void startQuietly() {
    try {
      relay.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void afterAStartThatFailedAnIntakeIsClosed() throws Exception {
    storage.refuseToOpen("/var/spool: no such place");
    relay = Relay.builder().storage(storage).source("player", player).sink(sink).build();
    assertThatThrownBy(relay::start).isInstanceOf(IOException.class);
    assertThat(relay.intake("mine").offer(Events.numbered(1))).isEqualTo(Intake.Answer.CLOSED);
  }

  @Test
  void whatIsInMemoryIsForcedBeforeAStopWaitsForARequest() throws Exception {
    backend.hang();
    // So long an interval that nothing but the stop forces the five that wait behind the ten.
    started(
        sink.withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ofHours(1)))
            .withSpool(SpoolPolicy.defaults().withDurability(Durability.ON_FAILURE)));
    player.emit(Events.numbered(15)).awaitAnswers(1);
    backend.awaitInside();

    storage.hang("billing");
    Thread stopper = new Thread(() -> relay.stop(Duration.ofSeconds(3)));
    stopper.start();
    storage.awaitHanging("billing");
    boolean cancelled = backend.isClosed();
    storage.goOn("billing");
    stopper.join();

    assertThat(cancelled).as("cancelled before it was forced").isFalse();
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(15));
  }

  @Test
  void aListenerThatThrowsCostsNothing() throws Exception {
    RecordingListener other = new RecordingListener();
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", player)
            .sink(sink)
            .listener(
                new RelayListener() {
                  @Override
                  public void accepted(String source, int events) {
                    throw new IllegalStateException("bug");
                  }
                })
            .listener(other)
            .build();
    relay.start();
    player.emit(Events.numbered(10));
    backend.awaitDelivered(10);
    other.await(RecordingListener.Accepted.class, 1);
    assertThat(relay.stats().listenerFailures()).isPositive();
    assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
  }

  @Test
  void aListenerMayStopTheRelay() throws Exception {
    CountDownLatch returned = new CountDownLatch(1);
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", player)
            .sink(sink)
            .listener(
                new RelayListener() {
                  @Override
                  public void accepted(String source, int events) {
                    relay.stop(GRACE);
                    returned.countDown();
                  }
                })
            .build();
    relay.start();
    player.emit(Events.numbered(3));
    assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.STOPPED);
  }

  @Test
  void aStorageThatCannotBeOpenedEndsTheStart() {
    storage.refuseToOpen("/var/spool: no such place");
    relay = Relay.builder().storage(storage).source("player", player).sink(sink).build();
    assertThatThrownBy(relay::start).isInstanceOf(IOException.class).hasMessageContaining("/var");
    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    assertThat(backend.isClosed()).isTrue();
  }

  @Test
  void aRelayStartsOnceAndStopsAnyNumberOfTimes() throws Exception {
    started(sink);
    assertThatThrownBy(relay::start).isInstanceOf(IllegalStateException.class);
    relay.stop(GRACE);
    relay.stop(GRACE);
    assertThatThrownBy(relay::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aRelayThatNeverRanStopsToo() {
    relay = Relay.builder().storage(storage).source("player", player).sink(sink).build();
    relay.stop(GRACE);
    assertThat(relay.awaitEnd()).isEqualTo(RelayState.STOPPED);
    assertThat(backend.isClosed()).isTrue();
  }

  @Test
  void anEventOfOnesOwnIsTakenByAnIntakeOfThatName() throws Exception {
    started(sink);
    assertThat(relay.intake("mine").offer(Events.numbered(3))).isEqualTo(Intake.Answer.ACCEPTED);
    backend.awaitDelivered(3);
    assertThat(relay.stats().sources().get("mine").accepted()).isEqualTo(3);
  }

  @Test
  void afterTheStopAnIntakeIsClosed() throws Exception {
    started(sink);
    Intake mine = relay.intake("mine");
    relay.stop(GRACE);
    assertThat(mine.offer(Events.numbered(1))).isEqualTo(Intake.Answer.CLOSED);
  }

  @Test
  void whatWasNotDeliveredIsDeliveredAfterARestart() throws Exception {
    backend.otherwise(b -> Later.because("down"));
    started(sink);
    player.emit(Events.numbered(25));
    backend.awaitSubmissions(1);
    expectAQuickStop();

    ScriptedSubmitter second = new ScriptedSubmitter(time);
    Relay next =
        Relay.builder()
            .storage(storage)
            .sink(Sink.named("billing", second).withBatch(sink.batch()))
            .build();
    next.start();
    try {
      second.awaitDelivered(25);
    } finally {
      next.stop(GRACE);
    }
    assertThat(second.deliveredEvents()).containsExactlyElementsOf(Events.numbered(25));
  }

  @Test
  void aThousandSourcesShareOneRelay() throws Exception {
    Relay.Builder builder = Relay.builder().storage(storage).sink(sink);
    ScriptedSource[] players = new ScriptedSource[1000];
    for (int i = 0; i < players.length; i++) {
      players[i] = new ScriptedSource();
      builder.source("player-" + i, players[i]);
    }
    relay = builder.build();
    relay.start();
    for (int i = 0; i < players.length; i++) {
      players[i].emit(Events.numbered(i * 3, i * 3 + 3));
    }
    backend.awaitDelivered(3000);
    assertThat(backend.deliveredEvents())
        .containsExactlyInAnyOrderElementsOf(Events.numbered(3000));
    expectAQuickStop();
  }

  @Test
  void aRelayWithoutSinksOrPlaceIsRefused() {
    assertThatThrownBy(() -> Relay.builder().storage(storage).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("sinks:");
    assertThatThrownBy(() -> Relay.builder().sink(sink).build()).hasMessageContaining("storage");
    assertThatThrownBy(() -> Relay.builder().sink(sink).sink(sink))
        .hasMessageStartingWith("sinks.billing:");
  }

  @Test
  void aSourceAndASubmitterThatHangInTheirCloseDoNotHoldTheStopUp() throws Exception {
    Duration took = stopWhileAllHangs();
    // Little of the five seconds is left then, and a busy machine wakes late.
    for (int i = 0; i < 2 && took.compareTo(FIVE_SECONDS) >= 0; i++) {
      assertThat(took).as("late, and not for ever").isLessThan(FIVE_SECONDS.plusSeconds(2));
      took = stopWhileAllHangs();
    }
    assertThat(took).isLessThan(FIVE_SECONDS);
  }

  private Duration stopWhileAllHangs() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    EventSource hanging =
        new EventSource() {
          @Override
          public void run(Intake intake) throws InterruptedException {
            never.await();
          }

          @Override
          public void close() {
            awaitQuietly(never);
          }
        };
    Submitter stuck =
        new Submitter() {
          @Override
          public SubmitResult submit(Batch batch, Attempt attempt) throws InterruptedException {
            never.await();
            return Later.because("never");
          }

          @Override
          public void close() {
            awaitQuietly(never);
          }
        };
    ScriptedSource well = new ScriptedSource();
    ScriptedSubmitter healthy = new ScriptedSubmitter(time);
    relay =
        Relay.builder()
            .storage(new MemoryStorage(time))
            .source("hanging", hanging)
            .source("player", well)
            .sink(Sink.named("one", stuck).withBatch(sink.batch()))
            .sink(Sink.named("two", stuck).withBatch(sink.batch()))
            .sink(Sink.named("billing", healthy).withBatch(sink.batch()))
            .build();
    relay.start();
    well.emit(Events.numbered(10));
    healthy.awaitDelivered(10);
    long began = System.nanoTime();
    relay.stop(Duration.ofSeconds(3));
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    never.countDown();
    return took;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aStopByAnInterruptedThreadKeepsEverythingAllTheSame() throws Exception {
    backend.hang();
    started(sink.withSpool(SpoolPolicy.defaults().withDurability(Durability.ON_FAILURE)));
    // The open batch of the last five is nowhere but in memory.
    player.emit(Events.numbered(15)).awaitAnswers(1);
    backend.awaitInside();

    Thread.currentThread().interrupt();
    relay.stop(Duration.ofSeconds(1));

    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    storage.kill();
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(15));
  }

  @Test
  void aSpoolThatHangsHoldsUpNoOtherSinkWhenTheRelayStops() throws Exception {
    ScriptedSubmitter audit = new ScriptedSubmitter(time);
    backend.otherwise(
        batch -> {
          storage.hang("billing");
          return ScriptedSubmitter.delivered();
        });
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", player)
            .sink(sink)
            .sink(Sink.named("audit", audit))
            .build();
    relay.start();
    player.emit(Events.numbered(10));
    storage.awaitHanging("billing");

    Thread stopper = new Thread(() -> relay.stop(GRACE));
    stopper.start();

    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!audit.isClosed() && System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
    boolean closed = audit.isClosed();
    storage.goOn("billing");
    stopper.join();
    assertThat(closed).isTrue();
    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    assertThat(storage.waiting("billing")).isEmpty();
  }
}
