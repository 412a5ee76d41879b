package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetterRequest.Action;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What an operator decides about dead letters of a relay that runs; the books balance throughout.
 */
class DeadLetterDeskTest {

  private final ManualTime time = ManualTime.flowing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private boolean poisoned = true;

  private VirtualRelay relay(SpoolPolicy keeping) {
    PopEvent poison = Events.number(3);
    backend.otherwise(
        batch ->
            poisoned && batch.events().contains(poison)
                ? new Rejected(new Reason("answered 422", 422, "no"))
                : ScriptedSubmitter.delivered());
    return new VirtualRelay(
        time,
        storage,
        Sink.named("billing", backend)
            .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ofSeconds(1)))
            .withSpool(keeping));
  }

  private VirtualRelay relay() {
    return relay(SpoolPolicy.defaults());
  }

  /** Six events, of which one is rejected. */
  private void oneDies(VirtualRelay relay) {
    relay.play(Events.numbered(6));
    relay.drain("billing", Duration.ofMinutes(1));
    assertThat(storage.dead("billing")).hasSize(1);
  }

  private void ask(Action action) {
    Set<String> batches =
        storage.dead("billing").stream()
            .map(letter -> letter.batch().toString())
            .collect(Collectors.toSet());
    storage.ask("billing", new DeadLetterRequest("r", action, batches));
  }

  @Test
  void anEventThatIsTriedAgainIsDeliveredAndCountsAsAcceptedTwice() {
    VirtualRelay relay = relay();
    oneDies(relay);
    poisoned = false;
    ask(Action.RETRY);

    relay.run(Duration.ofSeconds(5));

    assertThat(backend.deliveredEvents()).containsExactlyInAnyOrderElementsOf(Events.numbered(6));
    assertThat(storage.dead("billing")).isEmpty();
    assertThat(storage.answers("billing")).containsExactly("r: 1");
    SinkStats stats = relay.stats("billing");
    assertThat(stats.accepted()).isEqualTo(7);
    assertThat(stats.delivered()).isEqualTo(6);
    assertThat(stats.dead()).isEqualTo(1);
  }

  @Test
  void anEventThatIsRejectedAgainIsADeadLetterAgain() {
    VirtualRelay relay = relay();
    oneDies(relay);
    String before = storage.dead("billing").get(0).batch().toString();
    ask(Action.RETRY);

    relay.run(Duration.ofSeconds(5));
    relay.play(Events.numbered(6, 7));
    relay.run(Duration.ofMinutes(2));

    List<DeadLetter> dead = storage.dead("billing");
    assertThat(dead).hasSize(1);
    assertThat(dead.get(0).event()).isEqualTo(Events.number(3));
    assertThat(dead.get(0).batch().toString()).isNotEqualTo(before);
    assertThat(relay.stats("billing").dead()).isEqualTo(2);
  }

  @Test
  void anEventThatIsDiscardedIsWrittenDownAndStaysCountedAsDead() {
    VirtualRelay relay = relay();
    oneDies(relay);
    ask(Action.DISCARD);

    relay.run(Duration.ofSeconds(2));

    assertThat(storage.dead("billing")).isEmpty();
    assertThat(storage.discarded("billing")).hasSize(1);
    assertThat(relay.stats("billing").dead()).isEqualTo(1);
    assertThat(relay.stats("billing").accepted()).isEqualTo(6);
    assertThat(storage.answers("billing")).containsExactly("r: 1");
  }

  @Test
  void aLetterThatWasNotMeantStays() {
    VirtualRelay relay = relay();
    oneDies(relay);
    storage.ask("billing", new DeadLetterRequest("r", Action.RETRY, Set.of("other-1")));

    relay.run(Duration.ofSeconds(2));

    assertThat(storage.dead("billing")).hasSize(1);
    assertThat(storage.answers("billing")).containsExactly("r: 0");
  }

  @Test
  void withoutRoomALetterStaysAndTheOperatorIsTold() {
    VirtualRelay relay = relay(SpoolPolicy.defaults().withMaxBytes(ByteSize.ofKiB(16)));
    oneDies(relay);
    backend.otherwise(batch -> Later.because("down"));
    int number = 100;
    while (storage.stats("billing").bytes() < (16 << 10) - 600) {
      relay.play(Events.numbered(number, number + 1));
      number++;
    }
    while (relay.stats("billing").droppedInAll() == 0) {
      relay.play(Events.numbered(number, number + 1));
      number++;
    }
    ask(Action.RETRY);

    relay.run(Duration.ofSeconds(2));

    assertThat(storage.dead("billing")).hasSize(1);
    assertThat(storage.answers("billing"))
        .containsExactly("r: 0, the spool has no room for 1 more");
  }

  @Test
  void whatCannotBeForcedStaysADeadLetter() {
    VirtualRelay relay = relay();
    oneDies(relay);
    poisoned = false;
    storage.failForces();
    ask(Action.RETRY);

    relay.run(Duration.ofSeconds(2));
    storage.repair();
    relay.run(Duration.ofSeconds(5));

    assertThat(storage.dead("billing")).hasSize(1);
    assertThat(storage.answers("billing")).hasSize(1);
    assertThat(storage.answers("billing").get(0)).startsWith("r: 0, ");
  }

  @Test
  void whateverTheDurabilityItIsSafeInTheSpoolBeforeItsLetterGoes() {
    for (Durability durability : Durability.values()) {
      MemoryStorage place = new MemoryStorage(time);
      backend.otherwise(batch -> new Rejected(new Reason("answered 422", 422, "no")));
      VirtualRelay relay =
          new VirtualRelay(
              time,
              place,
              Sink.named("billing", backend)
                  .withSpool(SpoolPolicy.defaults().withDurability(durability)));
      relay.play(Events.numbered(1));
      relay.run(Duration.ofMinutes(1));
      assertThat(place.dead("billing")).as("%s", durability).hasSize(1);
      backend.otherwise(batch -> Later.because("down"));
      String batch = place.dead("billing").get(0).batch().toString();
      place.ask("billing", new DeadLetterRequest("r", Action.RETRY, Set.of(batch)));
      relay.lane("billing").chores();

      place.kill();

      assertThat(place.dead("billing")).as("%s", durability).isEmpty();
      assertThat(place.waiting("billing")).as("%s", durability).isEqualTo(Events.numbered(1));
    }
  }

  @Test
  void aRelayThatEndsLeavesTheRequest() {
    VirtualRelay relay = relay();
    oneDies(relay);
    ask(Action.RETRY);
    Lane lane = relay.lane("billing");
    lane.close();

    long unused = lane.chores();

    assertThat(storage.answers("billing")).isEmpty();
    assertThat(storage.dead("billing")).hasSize(1);
  }
}
