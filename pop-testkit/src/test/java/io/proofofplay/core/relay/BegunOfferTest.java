package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.BegunOffer;
import io.proofofplay.core.spi.Intake.Answer;
import io.proofofplay.core.spi.Later;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Offers of several sources by one thread, which waits once for all of them. */
class BegunOfferTest {

  private static final List<PopEvent> ONE = List.of(Events.number(1));
  private static final List<PopEvent> TWO = List.of(Events.number(2));
  private static final List<PopEvent> THREE = List.of(Events.number(3));

  private final ManualTime time = ManualTime.flowing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);

  private Sink sink(String name, Durability durability) {
    return Sink.named(name, backend)
        .withBatch(new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ofSeconds(1)))
        .withSpool(
            SpoolPolicy.defaults()
                .withDurability(durability)
                .withMaxBytes(ByteSize.ofKiB(16))
                .withWhenFull(WhenFull.BLOCK, Duration.ofSeconds(10)));
  }

  private Sink billing() {
    return sink("billing", Durability.WRITE_AHEAD);
  }

  private VirtualRelay relay(Sink... sinks) {
    return new VirtualRelay(time, storage, sinks);
  }

  @Test
  void whatWasBegunAndSettledIsAcceptedAndSurvivesAPowerCut() {
    VirtualRelay relay = relay(billing());
    BegunOffer first = relay.intake("a").begin(ONE);
    BegunOffer second = relay.intake("b").begin(TWO);
    assertThat(relay.intake("a").stats().accepted()).isZero();
    assertThat(first.settle()).isTrue();
    // By the force of the first.
    storage.failForces();
    assertThat(second.settle()).isTrue();
    assertThat(relay.intake("a").stats().accepted()).isEqualTo(1);
    assertThat(relay.intake("b").stats().accepted()).isEqualTo(1);
    storage.kill();
    assertThat(storage.waiting("billing")).hasSize(2);
  }

  @Test
  void whatWasBegunWakesTheSinkAndIsDelivered() {
    VirtualRelay relay = relay(billing());
    relay.run(Duration.ofMillis(1));
    assertThat(relay.intake("a").begin(Events.numbered(10)).settle()).isTrue();
    relay.drain("billing", Duration.ofSeconds(2));
    assertThat(relay.stats("billing").delivered()).isEqualTo(10);
  }

  @Test
  void whatWasRefusedIsNotGivenAgainToASinkThatKeptIt() throws Exception {
    Sink full = sink("full", Durability.WRITE_AHEAD);
    VirtualRelay relay =
        relay(billing().withSpool(billing().spool().withMaxBytes(ByteSize.ofKiB(512))), full);
    List<PopEvent> many = Events.numbered(300);
    assertThat(relay.intake("a").offer(many)).isEqualTo(Answer.FULL);
    BegunOffer begun = relay.intake("a").begin(many);
    assertThat(begun.settle()).isFalse();
    assertThat(begun.finish()).isEqualTo(Answer.FULL);
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(many);
  }

  @Test
  void aForceThatFailsRefusesAllThatItWasFor() throws Exception {
    VirtualRelay relay = relay(billing());
    BegunOffer first = relay.intake("a").begin(ONE);
    BegunOffer second = relay.intake("b").begin(TWO);
    storage.failForces();
    assertThat(first.settle()).isFalse();
    storage.repair();
    // A force that succeeds now would not be for these any more: they were taken out.
    assertThat(second.settle()).isFalse();
    assertThat(relay.stats("billing").waiting()).isZero();
    assertThat(first.finish()).isEqualTo(Answer.ACCEPTED);
    assertThat(second.finish()).isEqualTo(Answer.ACCEPTED);
    assertThat(relay.stats("billing").waiting()).isEqualTo(2);
  }

  @Test
  void anOfferInBetweenWhoseForceFailsRefusesThemToo() throws Exception {
    VirtualRelay relay = relay(billing());
    BegunOffer begun = relay.intake("a").begin(ONE);
    storage.failForces();
    assertThat(relay.offer(TWO)).isEqualTo(Answer.FULL);
    storage.repair();
    assertThat(begun.settle()).isFalse();
    assertThat(begun.finish()).isEqualTo(Answer.ACCEPTED);
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(ONE);
  }

  @Test
  void anOfferInBetweenIsForThemTooIfItsForceSucceeds() {
    VirtualRelay relay = relay(billing());
    BegunOffer begun = relay.intake("a").begin(ONE);
    assertThat(relay.offer(TWO)).isEqualTo(Answer.ACCEPTED);
    storage.failForces();
    assertThat(begun.settle()).isTrue();
    storage.kill();
    assertThat(storage.waiting("billing")).hasSize(2);
  }

  @Test
  void whatIsBegunAfterAForceNeedsAnother() {
    VirtualRelay relay = relay(billing());
    assertThat(relay.intake("a").begin(ONE).settle()).isTrue();
    BegunOffer later = relay.intake("a").begin(TWO);
    storage.failForces();
    assertThat(later.settle()).isFalse();
  }

  @Test
  void belowWriteAheadNothingIsForced() {
    VirtualRelay relay = relay(sink("billing", Durability.INTERVAL));
    BegunOffer begun = relay.intake("a").begin(ONE);
    storage.failForces();
    assertThat(begun.settle()).isTrue();
  }

  @Test
  void neitherToBeginNorToSettleWaitsForRoom() throws Exception {
    backend.otherwise(batch -> Later.because("down"));
    VirtualRelay relay = relay(billing());
    relay.run(Duration.ofMillis(1));
    List<PopEvent> tooMany = Events.numbered(1000);
    Duration before = time.elapsed();
    BegunOffer begun = relay.intake("a").begin(tooMany);
    assertThat(begun.settle()).isFalse();
    assertThat(time.elapsed()).isEqualTo(before);
    assertThat(begun.finish()).isEqualTo(Answer.FULL);
    assertThat(time.elapsed().minus(before)).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void aSinkThatKeptThemDoesNotGetThemTwiceBecauseOfAnother() throws Exception {
    Sink small =
        Sink.named("small", backend)
            .withSpool(
                billing()
                    .spool()
                    .withMaxBytes(ByteSize.ofKiB(16))
                    .withWhenFull(WhenFull.BLOCK, Duration.ofSeconds(1)));
    Sink large = billing().withSpool(billing().spool().withMaxBytes(ByteSize.ofKiB(512)));
    VirtualRelay relay = relay(large, small);
    List<PopEvent> many = Events.numbered(300);
    BegunOffer begun = relay.intake("a").begin(many);
    assertThat(begun.settle()).isFalse();
    assertThat(begun.finish()).isEqualTo(Answer.FULL);
    assertThat(relay.intake("a").giveUp(many)).isEqualTo(Answer.ACCEPTED);
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(many);
    assertThat(relay.stats("small").droppedInAll()).isPositive();
    assertThat(relay.stats("small").accepted()).isEqualTo(300);
  }

  @Test
  void aSinkThatCameMeanwhileHasThemToo() throws Exception {
    VirtualRelay relay = relay(billing(), sink("reports", Durability.WRITE_AHEAD));
    Lane billing = relay.lane("billing");
    Lane reports = relay.lane("reports");
    AtomicReference<List<Lane>> lanes = new AtomicReference<>(List.of(billing));
    RelayIntake intake =
        new RelayIntake(
            "a", lanes::get, storage.openRefusedLines(), storage, time, new Listeners(List.of()));
    BegunOffer begun = intake.begin(ONE);
    lanes.set(List.of(billing, reports));
    assertThat(begun.settle()).isFalse();
    assertThat(begun.finish()).isEqualTo(Answer.ACCEPTED);
    assertThat(storage.waiting("billing")).containsExactlyElementsOf(ONE);
    assertThat(storage.waiting("reports")).containsExactlyElementsOf(ONE);
  }

  @Test
  void aClosedIntakeTakesNothing() throws Exception {
    VirtualRelay relay = relay(billing());
    relay.intake("a").close();
    BegunOffer begun = relay.intake("a").begin(ONE);
    assertThat(begun.settle()).isFalse();
    assertThat(begun.finish()).isEqualTo(Answer.CLOSED);
    assertThat(storage.waiting("billing")).isEmpty();
  }

  @Test
  void aSinkThatIsNoMoreWantsThemNoMore() {
    VirtualRelay relay = relay(billing());
    BegunOffer begun = relay.intake("a").begin(ONE);
    relay.lane("billing").door().abolish();
    storage.failForces();
    assertThat(begun.settle()).isTrue();
  }

  /** The spool tells a thread what became of its own events, and no other. */
  @Test
  void whoHasBegunMustSettle() {
    VirtualRelay relay = relay(billing());
    BegunOffer begun = relay.intake("a").begin(ONE);
    assertThatThrownBy(() -> CompletableFuture.supplyAsync(begun::settle).join())
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("sink billing");
    assertThat(relay.intake("b").begin(THREE).settle()).isTrue();
  }
}
