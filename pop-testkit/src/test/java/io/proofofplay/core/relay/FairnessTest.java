package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thousand sources that all have something to say at the same moment. */
@Timeout(120)
class FairnessTest {

  private static final int SOURCES = 1000;
  private static final int EACH = 6;
  private static final BatchPolicy HUNDREDS =
      new BatchPolicy(100, ByteSize.ofKiB(512), Duration.ZERO);

  private final TimeSource time = TimeSource.system();
  private final MemoryStorage storage = new MemoryStorage(time);

  private static List<PopEvent> eventsOf(int source) {
    return Events.numbered(source * EACH, source * EACH + EACH);
  }

  /** Each source offers its events in lists of two, all sources at once. */
  private static void play(Relay relay) throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < SOURCES; i++) {
      List<PopEvent> events = eventsOf(i);
      Intake intake = relay.intake("player-" + i);
      Thread thread =
          new Thread(
              () -> {
                try {
                  go.await();
                  for (int at = 0; at < EACH; at += 2) {
                    List<PopEvent> two = events.subList(at, at + 2);
                    if (intake.offer(two) == Intake.Answer.FULL) {
                      intake.giveUp(two);
                    }
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      thread.start();
      threads.add(thread);
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** All events, those of each source in its order. */
  private static void expectEverySourceInItsOrder(List<PopEvent> delivered) {
    int[] next = new int[SOURCES];
    for (PopEvent event : delivered) {
      int number = Integer.parseInt(event.uuid().substring(24), 16);
      int source = number / EACH;
      assertThat(number % EACH).as("the next event of source %s", source).isEqualTo(next[source]);
      next[source]++;
    }
    assertThat(next).containsOnly(EACH);
  }

  private static void expectBooks(SinkStats stats) {
    assertThat(stats.imbalance()).isZero();
    assertThat(stats.accepted()).isEqualTo(SOURCES * EACH);
  }

  @Test
  void oneSinkGetsEverythingOfEachSourceInItsOrder() throws Exception {
    ScriptedSubmitter backend = new ScriptedSubmitter(time);
    Relay relay =
        Relay.builder()
            .storage(storage)
            .sink(Sink.named("billing", backend).withBatch(HUNDREDS))
            .build();
    relay.start();
    try {
      play(relay);
      backend.awaitDelivered(SOURCES * EACH);
      expectEverySourceInItsOrder(backend.deliveredEvents());
      expectBooks(relay.stats().sinks().get("billing"));
      relay
          .stats()
          .sources()
          .forEach((name, source) -> assertThat(source.accepted()).as(name).isEqualTo(EACH));
    } finally {
      relay.stop(Duration.ZERO);
    }
  }

  @Test
  void aDeadSinkCostsTheOthersNothingAndKeepsItsBooks() throws Exception {
    ScriptedSubmitter first = new ScriptedSubmitter(time);
    ScriptedSubmitter second = new ScriptedSubmitter(time);
    ScriptedSubmitter dead = new ScriptedSubmitter(time).otherwise(b -> Later.because("down"));
    Relay relay =
        Relay.builder()
            .storage(storage)
            .sink(Sink.named("billing", first).withBatch(HUNDREDS))
            .sink(
                Sink.named("dead", dead)
                    .withBatch(HUNDREDS)
                    .withSpool(
                        SpoolPolicy.defaults()
                            .withMaxBytes(ByteSize.ofKiB(256))
                            .withWhenFull(WhenFull.BLOCK, Duration.ofMillis(300))))
            .sink(Sink.named("audit", second).withBatch(HUNDREDS))
            .build();
    relay.start();
    try {
      play(relay);
      first.awaitDelivered(SOURCES * EACH);
      second.awaitDelivered(SOURCES * EACH);
      expectEverySourceInItsOrder(first.deliveredEvents());
      expectEverySourceInItsOrder(second.deliveredEvents());
      relay.stats().sinks().values().forEach(FairnessTest::expectBooks);
      SinkStats stats = relay.stats().sinks().get("dead");
      assertThat(stats.waiting()).isPositive();
      assertThat(stats.waiting() + stats.droppedInAll()).isEqualTo(SOURCES * EACH);
      assertThat(storage.waiting("dead")).hasSize(Math.toIntExact(stats.waiting()));
    } finally {
      relay.stop(Duration.ZERO);
    }
    long ledger = storage.drops("dead").stream().mapToLong(drop -> drop.count()).sum();
    assertThat(ledger + storage.waiting("dead").size()).isEqualTo(SOURCES * EACH);
  }
}
