package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When an event that comes wakes the sink's thread: only if that thread has something to do. */
final class WakingTest {

  private static final BatchPolicy TENS =
      new BatchPolicy(10, ByteSize.ofKiB(4), Duration.ofSeconds(1));

  private static final SpoolPolicy AGEING =
      new SpoolPolicy(null, null, null, WhenFull.BLOCK, null, Duration.ofMinutes(1));

  private final ManualTime time = ManualTime.flowing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final Signal signal = new Signal();
  private final Doorbell bell = new Doorbell(signal);
  private Door door;
  private Delivery delivery;
  private int said;

  private void open(Sink sink) throws IOException {
    Spool spool =
        storage.openSpool(
            sink.name(), sink.spool(), sink.batch(), sink.submitter().wantsOneSender());
    StorageWatch watch = new StorageWatch(sink.name(), time);
    Listeners none = new Listeners(List.of());
    DropBook drops = new DropBook(sink.name(), storage.openDropLedger(sink.name()), time, none);
    LaneBooks books = new LaneBooks(spool, drops, watch, time);
    StorageHealth health = new StorageHealth(sink.name(), time);
    door = new Door(sink, spool, books, health, time, bell);
    delivery =
        new Delivery(
            sink,
            spool,
            bell,
            books,
            storage.openDeadLetters(sink.name()),
            health,
            watch,
            new SubmissionLog(time),
            new Outage(sink.name(), time),
            time,
            () -> 0.5,
            none);
  }

  private Sink sink() {
    return Sink.named("billing", backend).withBatch(TENS);
  }

  private void comes(PopEvent event) {
    assertThat(door.keep(List.of(event))).isEqualTo(Door.Keep.KEPT);
  }

  private void comes() {
    comes(Events.number(said++));
  }

  /** Whether the thread would wake now; a second answer is {@code false} if nothing came since. */
  private boolean wakes() throws InterruptedException {
    long before = time.nanos();
    signal.await(time, 1);
    return time.nanos() == before;
  }

  private void deliverAll() throws InterruptedException {
    long wait;
    do {
      wait = delivery.runOnce();
    } while (wait == 0);
  }

  /** Delivers all there is; the thread then waits for what comes. */
  private void deliverTheFirst() throws InterruptedException {
    comes();
    deliverAll();
    assertThat(backend.submissions()).hasSize(1);
    boolean unused = wakes();
  }

  @Test
  void theFirstEventWakesAThreadThatHasNothing() throws Exception {
    open(sink());
    deliverTheFirst();

    comes();

    assertThat(wakes()).isTrue();
  }

  @Test
  void whatIsPutInWakesTheThreadWhenItIsForcedAndOnceForAll() throws Exception {
    open(sink());
    deliverTheFirst();
    Door.Unforced one = door.put(List.of(Events.number(said++)));
    Door.Unforced another = door.put(List.of(Events.number(said++)));
    assertThat(wakes()).isFalse();

    assertThat(one.force()).isTrue();
    assertThat(wakes()).isTrue();
    assertThat(another.force()).isTrue();
    assertThat(wakes()).isFalse();
  }

  @Test
  void anEventThatDoesNotFillTheBatchDoesNotWakeAThreadThatWaitsForItsInterval() throws Exception {
    open(sink());
    deliverTheFirst();
    comes();
    assertThat(delivery.runOnce()).isPositive();
    boolean unused = wakes();

    for (int i = 0; i < 8; i++) {
      comes();
      assertThat(wakes()).as("after %s of 10", i + 2).isFalse();
    }
    comes();

    assertThat(wakes()).isTrue();
    assertThat(delivery.runOnce()).isZero();
    assertThat(backend.submissions().get(1).batch().size()).isEqualTo(10);
  }

  @Test
  void bytesFillABatchAsWellAsEvents() throws Exception {
    open(sink());
    deliverTheFirst();
    comes();
    assertThat(delivery.runOnce()).isPositive();
    boolean unused = wakes();

    comes(Events.ofLength(said++, 1500));
    assertThat(wakes()).isFalse();
    comes(Events.ofLength(said++, 3000));

    assertThat(wakes()).isTrue();
    assertThat(delivery.runOnce()).isZero();
    assertThat(backend.submissions()).hasSize(2);
  }

  /** The thread has looked and does not wait yet. */
  @Test
  void whatComesBetweenTheLookAndTheWaitIsNotMissed() throws Exception {
    open(sink());
    Doorbell.Mark before = bell.mark();
    comes();
    bell.wakeAfter(before, 2, Doorbell.NEVER);
    boolean unused = wakes();
    assertThat(wakes()).isFalse();

    comes();
    Doorbell.Mark stale = before;
    assertThat(wakes()).isTrue();
    bell.wakeAfter(stale, 2, Doorbell.NEVER);
    assertThat(wakes()).isTrue();
    bell.wakeAfter(stale, Doorbell.NEVER, 1);
    assertThat(wakes()).isTrue();
    bell.wakeAfter(stale, Doorbell.NEVER, Doorbell.NEVER);
    assertThat(wakes()).isFalse();
  }

  @Test
  void anEventDoesNotWakeAThreadThatBacksOff() throws Exception {
    backend.otherwise(batch -> Later.because("down"));
    open(sink());
    comes();
    assertThat(delivery.runOnce()).isPositive();
    assertThat(delivery.runOnce()).isPositive();
    boolean unused = wakes();

    for (int i = 0; i < 25; i++) {
      comes();
    }

    assertThat(wakes()).isFalse();
  }

  @Test
  void whereEventsGrowTooOldEachOneWakes() throws Exception {
    backend.otherwise(batch -> Later.because("down"));
    open(sink().withSpool(AGEING));
    comes();
    assertThat(delivery.runOnce()).isPositive();
    assertThat(delivery.runOnce()).isPositive();
    boolean unused = wakes();

    comes();

    assertThat(wakes()).isTrue();
  }

  @Test
  void anotherSendersEventEndsABatchAndWakes() throws Exception {
    backend.wantingOneSender();
    open(sink());
    comes(Events.from("lobby", said++));
    deliverAll();
    comes(Events.from("lobby", said++));
    assertThat(delivery.runOnce()).isPositive();
    boolean unused = wakes();

    comes(Events.from("hall", said++));

    assertThat(wakes()).isTrue();
    assertThat(delivery.runOnce()).isZero();
    assertThat(backend.submissions()).hasSize(2);
  }
}
