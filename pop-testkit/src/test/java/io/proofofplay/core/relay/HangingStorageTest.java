package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.LogLines;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import io.proofofplay.testkit.RecordingListener.StorageTold;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that does not fail but never answers. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HangingStorageTest {

  /** What hangs. */
  enum Call {
    APPEND("asked to keep events"),
    SYNC("asked to force events to disk"),
    PEEK("asked to read a batch"),
    REMOVE("asked to remove events");

    private final String told;

    Call(String told) {
      this.told = told;
    }
  }

  private final LogLines lines = LogLines.of("io.proofofplay.core.relay");
  private final ManualTime time = ManualTime.standing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final Sink sink =
      Sink.named("billing", backend)
          .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ZERO));

  @AfterEach
  void stopListening() {
    storage.goOn("billing");
    lines.close();
  }

  /** A thread that is inside of such a call. */
  private Thread inside(Call call, VirtualRelay relay) throws InterruptedException {
    Lane lane = relay.lane("billing");
    if (call == Call.REMOVE) {
      backend.otherwise(
          batch -> {
            storage.hang("billing");
            return ScriptedSubmitter.delivered();
          });
    } else {
      storage.hang("billing");
    }
    Thread caller =
        new Thread(
            () -> {
              switch (call) {
                case APPEND -> relay.offer(Events.numbered(10, 15));
                case SYNC -> lane.chores();
                default -> deliver(lane);
              }
            });
    caller.start();
    storage.awaitHanging("billing");
    return caller;
  }

  private static void deliver(Lane lane) {
    try {
      lane.runOnce();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Call.class)
  void aSpoolThatHangsIsNoticedSaidOnceAndWellAgainWhenItAnswers(Call call) throws Exception {
    Durability durability = call == Call.SYNC ? Durability.INTERVAL : Durability.WRITE_AHEAD;
    VirtualRelay relay =
        new VirtualRelay(
            time, storage, sink.withSpool(SpoolPolicy.defaults().withDurability(durability)));
    Lane lane = relay.lane("billing");
    relay.offer(Events.numbered(10));
    time.advance(Duration.ofSeconds(2));
    if (call != Call.SYNC) {
      lane.chores();
    }
    Thread caller = inside(call, relay);

    time.advance(Duration.ofSeconds(29));
    lane.watch();
    assertThat(relay.stats("billing").storing()).isTrue();
    time.advance(Duration.ofSeconds(2));
    for (int i = 0; i < 100; i++) {
      lane.watch();
      time.advance(Duration.ofMillis(10));
    }

    SinkStats stats = relay.stats("billing");
    assertThat(stats.storing()).isFalse();
    assertThat(stats.storageTrouble().orElseThrow())
        .isEqualTo("the spool has not answered for 32s, " + call.told);
    assertThat(stats.accepted()).as("what was known before").isEqualTo(10);
    assertThat(lines.with("has not answered"))
        .hasSize(1)
        .first()
        .asString()
        .contains("sink billing: ");
    assertThat(relay.heard.notes(StorageTold.class)).hasSize(1);

    storage.goOn("billing");
    caller.join();
    for (int i = 0; i < 100; i++) {
      lane.watch();
    }
    assertThat(relay.stats("billing").storing()).isTrue();
    assertThat(lines.with("answers again, after 32s")).hasSize(1);
    assertThat(lines.with("has not answered")).hasSize(1);
    assertThat(relay.heard.notes(StorageTold.class))
        .hasSize(2)
        .last()
        .isEqualTo(new StorageTold("billing", Optional.empty()));
    assertThat(relay.stats("billing").accepted()).isEqualTo(call == Call.APPEND ? 15 : 10);
  }

  @Test
  void whoAsksHowThingsAreNeverWaitsForADiskThatHangs() throws Exception {
    VirtualRelay relay = new VirtualRelay(time, storage, sink);
    Lane lane = relay.lane("billing");
    relay.offer(Events.numbered(10));
    lane.chores();
    Thread caller = inside(Call.APPEND, relay);
    time.advance(Duration.ofSeconds(1));

    // Neither who asks nor the thread for what is due by time, which has other sinks to serve.
    assertThat(relay.stats("billing").waiting()).isEqualTo(10);
    lane.chores();

    storage.goOn("billing");
    caller.join();
    assertThat(relay.stats("billing").waiting()).isEqualTo(15);
  }

  @Test
  void aRelayLooksByItselfAndGoesOnByItself() throws Exception {
    RecordingListener heard = new RecordingListener();
    ScriptedSource player = new ScriptedSource();
    Relay relay =
        Relay.builder()
            .storage(storage)
            .source("player", player)
            .sink(sink)
            .listener(heard)
            .time(time)
            .build();
    relay.start();
    storage.hang("billing");
    player.emit(Events.numbered(10));
    storage.awaitHanging("billing");

    passUntilTold(heard, 1);
    assertThat(relay.stats().sinks().get("billing").storing()).isFalse();
    assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
    storage.goOn("billing");
    passUntilTold(heard, 2);

    backend.awaitDelivered(10);
    assertThat(relay.stats().sinks().get("billing").storing()).isTrue();
    assertThat(heard.notes(StorageTold.class))
        .last()
        .extracting("trouble")
        .isEqualTo(Optional.empty());
    relay.stop(Duration.ZERO);
    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
  }

  private void passUntilTold(RecordingListener heard, int times) {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (heard.notes(StorageTold.class).size() < times) {
      assertThat(System.nanoTime() - until).as("nothing was told").isNegative();
      time.advance(Duration.ofSeconds(1));
      Thread.onSpinWait();
    }
  }
}
