package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.RetryPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay that is changed while it runs, with its real threads. */
@Timeout(60)
class ChangeTest {

  private static final Duration NONE = Duration.ZERO;
  private static final Duration LONG = Duration.ofSeconds(3);

  /** Only reached when a test has failed. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final BatchPolicy TENS = new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ZERO);

  private final TimeSource time = TimeSource.system();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSource player = new ScriptedSource();
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final ScriptedSubmitter audit = new ScriptedSubmitter(time);
  private final ScriptedSubmitter other = new ScriptedSubmitter(time);

  private Relay relay;

  private static Sink sink(String name, ScriptedSubmitter submitter) {
    return Sink.named(name, submitter)
        .withBatch(TENS)
        .withRetry(new RetryPolicy(Duration.ofMillis(10), Duration.ofHours(1), 2.0, 0.0));
  }

  private Relay started(Sink... sinks) throws IOException {
    Relay.Builder builder = Relay.builder().storage(storage).source("player", player);
    for (Sink sink : sinks) {
      builder.sink(sink);
    }
    relay = builder.build();
    relay.start();
    return relay;
  }

  @AfterEach
  void theBooksBalanceAndNothingIsLeftRunning() {
    if (relay != null) {
      assertThat(relay.stats().imbalance()).isZero();
      relay.stop(NONE);
      assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    }
  }

  private SinkStats billing() {
    return relay.stats().sinks().get("billing");
  }

  private static void await(BooleanSupplier condition) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - until).as("waited in vain").isNegative();
      Thread.onSpinWait();
    }
  }

  private static boolean lives(String thread) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(one -> one.getName().equals(thread));
  }

  private static Change to(Sink sink) {
    return Change.nothing().withSink(sink);
  }

  @Test
  void whatWaitsGoesToTheNewPlaceAtOnceAndTheBooksGoOn() throws Exception {
    backend.then(batch -> ScriptedSubmitter.delivered());
    backend.otherwise(batch -> new Later(Reason.of("off"), hour(), Later.Doubt.NONE));
    started(sink("billing", backend));
    player.emit(Events.numbered(10));
    backend.awaitDelivered(10);
    player.emit(Events.numbered(10, 60));
    // Also booked: what a change cuts short is counted by nobody.
    await(() -> billing().submissions().containsKey("later"));

    relay.change(to(sink("billing", other)), LONG);

    other.awaitDelivered(50);
    await(() -> billing().delivered() == 60);
    assertThat(other.deliveredEvents()).containsExactlyElementsOf(Events.numbered(10, 60));
    assertThat(backend.isClosed()).isTrue();
    assertThat(billing().recovered()).isZero();
    assertThat(billing().accepted()).isEqualTo(60);
    assertThat(billing().submissions()).containsEntry("later", 1L);
  }

  private static Optional<Duration> hour() {
    return Optional.of(Duration.ofHours(1));
  }

  @Test
  void aSinkThatIsNotNamedGoesOnUntouched() throws Exception {
    started(sink("billing", backend), sink("audit", audit));
    audit.hang();
    player.emit(Events.numbered(10));
    audit.awaitInside();
    backend.awaitDelivered(10);

    relay.change(to(sink("billing", other)), LONG);

    assertThat(audit.isClosed()).isFalse();
    assertThat(player.isClosed()).isFalse();
    audit.release();
    audit.awaitDelivered(10);
    player.emit(Events.numbered(10, 20));
    audit.awaitDelivered(20);
    other.awaitDelivered(10);
    assertThat(audit.deliveredEvents()).containsExactlyElementsOf(Events.numbered(20));
    assertThat(other.deliveredEvents()).containsExactlyElementsOf(Events.numbered(10, 20));
    await(() -> relay.stats().sinks().get("audit").delivered() == 20);
  }

  @Test
  void aRequestInFlightGetsTheGraceAndIsNotSentAgain() throws Exception {
    started(sink("billing", backend));
    backend.hang();
    player.emit(Events.numbered(10));
    backend.awaitInside();
    player.emit(Events.numbered(10, 20)).awaitAnswers(2);
    Thread changer = changer(to(sink("billing", other)), LONG);
    await(() -> lives("pop-change-billing"));
    player.emit(Events.numbered(20, 30)).awaitAnswers(3);
    assertThat(changer.isAlive()).as("intake waits for no change").isTrue();

    backend.release();
    changer.join();

    other.awaitDelivered(20);
    await(() -> billing().delivered() == 30);
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(10));
    assertThat(other.deliveredEvents()).containsExactlyElementsOf(Events.numbered(10, 30));
  }

  private Thread changer(Change change, Duration grace) {
    Thread thread =
        new Thread(
            () -> {
              try {
                relay.change(change, grace);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void aRequestThatHangsIsCutAndSentToTheNewPlace() throws Exception {
    started(sink("billing", backend));
    backend.hang();
    player.emit(Events.numbered(10));
    backend.awaitInside();

    relay.change(to(sink("billing", other)), NONE);

    other.awaitDelivered(10);
    await(() -> billing().delivered() == 10);
    assertThat(backend.deliveredEvents()).isEmpty();
  }

  @Test
  void aRequestThatEndsForNothingIsLeftBehindAndBooksNothing() throws Exception {
    AtomicReference<Thread> stubborn = new AtomicReference<>();
    backend.otherwise(
        batch -> {
          stubborn.set(Thread.currentThread());
          return ScriptedSubmitter.delivered();
        });
    // The submitter is closed by then, and answers as one that ignores that.
    IgnoresClose late = new IgnoresClose(backend);
    started(Sink.named("billing", late).withBatch(TENS));
    backend.hangStubbornly();
    player.emit(Events.numbered(10));
    backend.awaitInside();

    relay.change(to(sink("billing", other)), NONE);

    other.awaitDelivered(10);
    await(() -> billing().delivered() == 10);
    player.emit(Events.numbered(10, 20));
    other.awaitDelivered(20);
    backend.release();
    backend.awaitSubmissions(1);
    stubborn.get().join();
    await(() -> billing().delivered() == 20);
    assertThat(billing().waiting()).isZero();
    assertThat(billing().submissions()).containsEntry("delivered", 2L);
    assertThat(other.deliveredEvents()).containsExactlyElementsOf(Events.numbered(20));
  }

  /** Does not end a request when it is closed. */
  private record IgnoresClose(ScriptedSubmitter inner) implements Submitter {

    @Override
    public SubmitResult submit(Batch batch, Attempt attempt) throws InterruptedException {
      return inner.submit(batch, attempt);
    }

    @Override
    public void close() {}
  }

  @Test
  void whatWasDeliveredOutOfTurnIsNotSentAgain() throws Exception {
    PopEvent poison = Events.number(0);
    backend.otherwise(
        batch ->
            batch.events().contains(poison)
                ? new Later(Reason.of("breaks"), Optional.empty(), Later.Doubt.BYTES)
                : ScriptedSubmitter.delivered());
    started(
        sink("billing", backend)
            .withRetry(new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(10), 2.0, 0.0)));
    player.emit(Events.numbered(10));
    backend.awaitDelivered(1);

    relay.change(to(sink("billing", other)), LONG);

    await(() -> billing().delivered() == 10);
    List<PopEvent> all = new ArrayList<>(backend.deliveredEvents());
    assertThat(all).isNotEmpty().doesNotContain(poison);
    all.addAll(other.deliveredEvents());
    assertThat(all).containsExactlyInAnyOrderElementsOf(Events.numbered(10));
  }

  @Test
  void aNewSinkTakesWhatIsKeptUnderItsNameAndWhatComes() throws Exception {
    started(sink("billing", backend), sink("audit", audit));
    audit.otherwise(batch -> Later.because("off"));
    player.emit(Events.numbered(10));
    audit.awaitSubmissions(1);
    relay.change(Change.nothing().withoutSink("audit"), LONG);
    assertThat(relay.stats().sinks()).containsOnlyKeys("billing");
    assertThat(audit.isClosed()).isTrue();
    assertThat(storage.waiting("audit")).containsExactlyElementsOf(Events.numbered(10));
    player.emit(Events.numbered(10, 20));
    backend.awaitDelivered(20);
    // A sink that comes while an offer is under way has its events too.
    await(() -> relay.stats().sources().values().stream().allMatch(from -> from.accepted() == 20));

    relay.change(to(sink("audit", other)), LONG);

    player.emit(Events.numbered(20, 30));
    other.awaitDelivered(20);
    List<PopEvent> expected = new ArrayList<>(Events.numbered(10));
    expected.addAll(Events.numbered(20, 30));
    assertThat(other.deliveredEvents()).containsExactlyElementsOf(expected);
    assertThat(relay.stats().sinks().get("audit").recovered()).isEqualTo(10);
    assertThat(player.answers()).containsOnly(Intake.Answer.ACCEPTED);
  }

  private static Sink tight(String name, ScriptedSubmitter submitter, int bytes) {
    return sink(name, submitter)
        .withSpool(
            SpoolPolicy.defaults()
                .withWhenFull(WhenFull.BLOCK, Duration.ofHours(1))
                .withMaxBytes(new ByteSize(bytes)));
  }

  /** The player waits for room then, in the middle of an offer. */
  private void fill(Sink sink, Sink... others) throws Exception {
    backend.otherwise(batch -> new Later(Reason.of("off"), hour(), Later.Doubt.NONE));
    Sink[] sinks = new Sink[others.length + 1];
    sinks[0] = sink;
    System.arraycopy(others, 0, sinks, 1, others.length);
    started(sinks);
    player.emit(List.of(Events.ofLength(0, 900)));
    player.emit(List.of(Events.ofLength(1, 900)));
    await(
        () ->
            Thread.getAllStackTraces().entrySet().stream()
                .anyMatch(
                    thread ->
                        thread.getKey().getName().equals("pop-source-player")
                            && List.of(thread.getValue()).stream()
                                .anyMatch(frame -> frame.getMethodName().equals("awaitRemoval"))));
  }

  @Test
  void whoWaitsForRoomFindsTheRoomThatANewPolicyMakes() throws Exception {
    fill(tight("billing", backend, 1000));

    other.hang();
    relay.change(to(tight("billing", other, 10_000)), LONG);

    player.awaitAnswers(2);
    assertThat(player.answers()).containsOnly(Intake.Answer.ACCEPTED);
    other.release();
    other.awaitDelivered(2);
    assertThat(other.deliveredEvents())
        .containsExactly(Events.ofLength(0, 900), Events.ofLength(1, 900));
  }

  @Test
  void whoWaitsForASinkThatGoesIsLetOnAndNotToldToEnd() throws Exception {
    fill(tight("billing", backend, 1000), sink("audit", audit));

    relay.change(Change.nothing().withoutSink("billing"), LONG);

    player.awaitAnswers(2);
    player.emit(Events.numbered(2, 5));
    audit.awaitDelivered(5);
    assertThat(player.answers()).containsOnly(Intake.Answer.ACCEPTED);
    assertThat(storage.waiting("billing")).containsExactly(Events.ofLength(0, 900));
  }

  @Test
  void whatWaitsForTheOnlySinkGoesToTheOneThatTakesItsPlace() throws Exception {
    fill(tight("billing", backend, 1000));

    relay.change(Change.nothing().withoutSink("billing").withSink(sink("audit", audit)), LONG);

    player.awaitAnswers(2);
    player.emit(Events.numbered(2, 5));
    audit.awaitDelivered(4);
    assertThat(player.answers()).containsOnly(Intake.Answer.ACCEPTED);
    assertThat(storage.waiting("billing")).containsExactly(Events.ofLength(0, 900));
  }

  @Test
  void aSpoolThatCannotFollowNowFollowsOnceTheDiskIsWell() throws Exception {
    started(sink("billing", backend));
    storage.failForces();
    Sink ones =
        sink("billing", other).withBatch(new BatchPolicy(1, ByteSize.ofKiB(512), Duration.ZERO));

    relay.change(to(ones), LONG);

    assertThat(billing().storing()).isFalse();
    storage.repair();
    await(() -> billing().storing());
    player.emit(Events.numbered(5));
    other.awaitDelivered(5);
    assertThat(other.submissions()).hasSize(5);
  }

  @Test
  void aSourceFollowsTheOneBeforeOnceThatHasEndedAndFindsItsMemory() throws Exception {
    Lingering before = new Lingering();
    Lingering after = new Lingering();
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", before)
            .sink(sink("billing", backend))
            .build();
    relay.start();

    relay.change(Change.nothing().withSource("player", after), LONG);

    assertThat(before.closed.getCount()).isZero();
    assertThat(after.recalled.get()).as("not before the other has ended").isNull();
    before.mayEnd.countDown();
    await(() -> after.recalled.get() != null);
    assertThat(after.recalled.get()).isEqualTo("in hand until the end");
    backend.awaitDelivered(1);
    assertThat(relay.stats().sources().get("player").accepted()).isEqualTo(1);
    after.mayEnd.countDown();
  }

  @Test
  void aSourceThatComesBackWaitsForAllThatHaveLeftUnderItsNameAndFindsTheirMemory()
      throws Exception {
    Lingering before = new Lingering();
    Lingering between = new Lingering();
    Lingering after = new Lingering();
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", before)
            .sink(sink("billing", backend))
            .build();
    relay.start();
    await(() -> before.recalled.get() != null);

    relay.change(Change.nothing().withoutSource("player"), LONG);
    relay.change(Change.nothing().withSource("player", between), LONG);
    relay.change(Change.nothing().withoutSource("player"), LONG);
    relay.change(Change.nothing().withSource("player", after), LONG);

    before.mayEnd.countDown();
    await(() -> between.recalled.get() != null);
    assertThat(between.recalled.get()).isEqualTo("in hand until the end");
    assertThat(after.recalled.get()).as("not before both have ended").isNull();
    between.mayEnd.countDown();
    await(() -> after.recalled.get() != null);
    assertThat(after.recalled.get()).isEqualTo("in hand until the end");
    assertThat(relay.stats().sources().get("player").accepted()).isEqualTo(2);
    after.mayEnd.countDown();
  }

  /** Has an event in hand when it is closed, and takes its time to get it through. */
  private static final class Lingering implements EventSource {

    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final AtomicReference<String> recalled = new AtomicReference<>();

    @Override
    public void run(Intake intake) throws InterruptedException {
      recalled.set(new String(intake.recall(), StandardCharsets.UTF_8));
      closed.await();
      mayEnd.await();
      intake.offer(List.of(Events.number(0)));
      intake.remember("in hand until the end".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @Test
  void aSourceThatIsGoneIsNotShownAndItsCountsGoOnWhenItComesBack() throws Exception {
    started(sink("billing", backend));
    player.emit(Events.numbered(10)).awaitAnswers(1);

    relay.change(
        Change.nothing().withoutSource("player").withSource("lobby", new ScriptedSource()), LONG);

    assertThat(player.isClosed()).isTrue();
    assertThat(relay.stats().sources()).containsOnlyKeys("lobby");
    ScriptedSource again = new ScriptedSource();
    relay.change(Change.nothing().withSource("player", again), LONG);
    again.emit(Events.numbered(10, 20)).awaitAnswers(1);
    assertThat(relay.stats().sources().get("player").accepted()).isEqualTo(20);
    backend.awaitDelivered(20);
  }

  @Test
  void aNewSinkThatCannotBeOpenedChangesNothing() throws Exception {
    started(sink("billing", backend));
    storage.refuseToOpen("no such disk");
    ScriptedSource lobby = new ScriptedSource();
    Change change =
        to(sink("billing", other)).withSink(sink("audit", audit)).withSource("player", lobby);

    assertThatThrownBy(() -> relay.change(change, LONG)).hasMessage("no such disk");

    storage.refuseToOpen("");
    assertThat(List.of(other.isClosed(), audit.isClosed(), lobby.isClosed())).containsOnly(true);
    assertThat(backend.isClosed()).isFalse();
    player.emit(Events.numbered(10));
    backend.awaitDelivered(10);
    assertThat(relay.stats().sinks()).containsOnlyKeys("billing");
  }

  /** The storage, which once has an error when something is opened for the audit. */
  private Storage failingOnce(String call) {
    AtomicBoolean failed = new AtomicBoolean();
    return (Storage)
        Proxy.newProxyInstance(
            Storage.class.getClassLoader(),
            new Class<?>[] {Storage.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(call)
                  && "audit".equals(arguments[0])
                  && !failed.getAndSet(true)) {
                throw new NoClassDefFoundError("Segment");
              }
              try {
                return method.invoke(storage, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** As one of a class that is not there any more, because its jar was replaced. */
  @Test
  void anErrorWhileANewSinkIsOpenedLeavesNothingOfTheChange() throws Exception {
    relay =
        Relay.builder().storage(failingOnce("openSpool")).sink(sink("billing", backend)).build();
    relay.start();
    ScriptedSource lobby = new ScriptedSource();
    Change change =
        to(sink("billing", other)).withSink(sink("audit", audit)).withSource("player", lobby);

    assertThatThrownBy(() -> relay.change(change, LONG)).isInstanceOf(NoClassDefFoundError.class);

    assertThat(List.of(other.isClosed(), audit.isClosed(), lobby.isClosed())).containsOnly(true);
    assertThat(backend.isClosed()).isFalse();
    assertThat(relay.stats().sinks()).containsOnlyKeys("billing");
  }

  @Test
  void aRelayKeepsASink() throws Exception {
    started(sink("billing", backend));

    assertThatThrownBy(() -> relay.change(Change.nothing().withoutSink("billing"), LONG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("sinks: ");

    player.emit(Events.numbered(10));
    backend.awaitDelivered(10);
  }

  @Test
  void aStopDoesNotWaitForAChange() throws Exception {
    Duration took = stopDuringAChange();
    if (took.compareTo(LONG) >= 0) {
      // A busy machine wakes late.
      assertThat(took).as("late, and not for ever").isLessThan(Duration.ofSeconds(7));
      took = stopDuringAChange();
    }
    assertThat(took).isLessThan(LONG);
  }

  private Duration stopDuringAChange() throws Exception {
    MemoryStorage storage = new MemoryStorage(time);
    ScriptedSource player = new ScriptedSource();
    ScriptedSubmitter backend = new ScriptedSubmitter(time);
    ScriptedSubmitter other = new ScriptedSubmitter(time);
    relay =
        Relay.builder()
            .storage(storage)
            .source("player", player)
            .sink(sink("billing", backend))
            .build();
    relay.start();
    backend.hangStubbornly();
    player.emit(Events.numbered(10));
    backend.awaitInside();
    Thread changer = changer(to(sink("billing", other)), LONG);
    await(() -> lives("pop-change-billing"));

    long began = System.nanoTime();
    relay.stop(NONE);

    Duration took = Duration.ofNanos(System.nanoTime() - began);
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(Events.numbered(10));
    backend.release();
    changer.join();
    assertThat(other.isClosed()).isTrue();
    assertThat(other.submissions()).isEmpty();
    return took;
  }

  @Test
  void aStoppedRelayChangesNothing() throws Exception {
    started(sink("billing", backend));
    relay.stop(NONE);
    ScriptedSource lobby = new ScriptedSource();

    relay.change(to(sink("billing", other)).withSource("lobby", lobby), LONG);
    relay.change(to(sink("audit", audit)), LONG);

    assertThat(List.of(other.isClosed(), audit.isClosed(), lobby.isClosed())).containsOnly(true);
    assertThat(relay.stats().sinks()).containsOnlyKeys("billing");
  }

  @Test
  void underLoadNothingIsLostNothingIsRepeatedAndTheOrderIsKept() throws Exception {
    List<PopEvent> taken = new CopyOnWriteArrayList<>();
    List<PopEvent> audited = new CopyOnWriteArrayList<>();
    audit.otherwise(batch -> take(audited, batch));
    backend.otherwise(batch -> take(taken, batch));
    started(sink("billing", backend), sink("audit", audit));
    int changes = 60;
    AtomicReference<Boolean> over = new AtomicReference<>(false);
    List<PopEvent> sent = new ArrayList<>();
    Thread load =
        new Thread(
            () -> {
              Intake intake = relay.intake("own");
              try {
                while (!over.get() && sent.size() < 100_000) {
                  List<PopEvent> some = Events.numbered(sent.size(), sent.size() + 3);
                  sent.addAll(some);
                  assertThat(intake.offer(some)).isEqualTo(Intake.Answer.ACCEPTED);
                }
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    load.start();
    Durability[] durabilities = Durability.values();
    for (int i = 0; i < changes; i++) {
      ScriptedSubmitter next = new ScriptedSubmitter(time).otherwise(batch -> take(taken, batch));
      Sink sink =
          sink("billing", next)
              .withBatch(new BatchPolicy(1 + i % 20, ByteSize.ofKiB(512), Duration.ZERO))
              .withSpool(
                  SpoolPolicy.defaults().withDurability(durabilities[i % durabilities.length]));
      Change change = to(sink);
      relay.change(i % 3 == 0 ? change.withSource("lobby", new ScriptedSource()) : change, LONG);
    }
    over.set(true);
    load.join();

    await(() -> billing().delivered() == sent.size());
    await(() -> relay.stats().sinks().get("audit").delivered() == sent.size());
    assertThat(sent).hasSizeGreaterThan(changes);
    assertThat(taken).isEqualTo(sent);
    assertThat(audited).isEqualTo(sent);
    assertThat(billing().accepted()).isEqualTo(sent.size());
  }

  private static SubmitResult take(List<PopEvent> taken, Batch batch) {
    taken.addAll(batch.events());
    return ScriptedSubmitter.delivered();
  }

  @Test
  void aSecretThatIsReadForEverHoldsNoChangeUp() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Submitter refused =
        new Submitter() {
          @Override
          public SubmitResult submit(Batch batch, Attempt attempt) {
            return new Held(Reason.of("answered 401"));
          }

          @Override
          public void refresh() {
            reading.countDown();
            awaitQuietly(mayEnd);
          }

          @Override
          public void close() {}
        };
    started(
        Sink.named("billing", refused)
            .withBatch(TENS)
            .withRetry(new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(10), 2.0, 0.0)));
    player.emit(Events.numbered(10));
    reading.await();

    Thread changer = changer(to(sink("billing", other)), NONE);

    try {
      await(() -> !changer.isAlive());
      other.awaitDelivered(10);
      await(() -> billing().delivered() == 10);
    } finally {
      mayEnd.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aChangeByAnInterruptedThreadIsDoneWhenItReturns() throws Exception {
    started(sink("billing", backend));
    backend.hang();
    player.emit(Events.numbered(10));
    backend.awaitInside();

    Thread.currentThread().interrupt();
    relay.change(to(sink("billing", other)), Duration.ofMillis(200));

    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThat(backend.isClosed()).isTrue();
    assertThat(lives("pop-change-billing")).isFalse();
    other.awaitDelivered(10);
    await(() -> billing().delivered() == 10);
  }

  /** What was open already would be so for ever, and its sink be refused until a restart. */
  @ParameterizedTest
  @ValueSource(strings = {"openDeadLetters", "openDropLedger"})
  void aSinkOfWhichAPartHadAnErrorCanBeOpenedLater(String call) throws Exception {
    relay =
        Relay.builder()
            .storage(failingOnce(call))
            .source("player", player)
            .sink(sink("billing", backend))
            .build();
    relay.start();
    assertThatThrownBy(() -> relay.change(to(sink("audit", audit)), LONG))
        .isInstanceOf(NoClassDefFoundError.class);

    relay.change(to(sink("audit", other)), LONG);

    player.emit(Events.numbered(10));
    other.awaitDelivered(10);
  }

  @Test
  void aSinkOfWhichOnlyAPartCouldBeOpenedCanBeOpenedLater() throws Exception {
    started(sink("billing", backend));
    storage.refuseToOpenLedgers("no room for a ledger");
    assertThatThrownBy(() -> relay.change(to(sink("audit", audit)), LONG))
        .hasMessage("no room for a ledger");

    storage.refuseToOpenLedgers("");
    relay.change(to(sink("audit", other)), LONG);

    player.emit(Events.numbered(10));
    other.awaitDelivered(10);
  }
}
