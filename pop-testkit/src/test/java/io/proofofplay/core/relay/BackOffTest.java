package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.RetryPolicy;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import io.proofofplay.testkit.ScriptedSubmitter.Submission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** The waits between attempts, over many devices that would otherwise all come at once. */
class BackOffTest {

  private static final int DEVICES = 200;
  private static final Later DOWN = Later.because("refused");
  private static final Held FORBIDDEN = new Held(Reason.of("answered 401"));
  private static final BatchPolicy TENS =
      new BatchPolicy(10, ByteSize.ofKiB(512), Duration.ofSeconds(10));

  /** One device, its backend and its clocks. */
  private static final class Device {

    private final ManualTime time = ManualTime.flowing();
    private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
    private final VirtualRelay relay;

    Device(DoubleSupplier chance, RetryPolicy retry, SubmitResult answer) {
      backend.otherwise(b -> answer);
      relay =
          new VirtualRelay(
              time,
              new MemoryStorage(time),
              chance,
              Sink.named("billing", backend).withBatch(TENS).withRetry(retry));
    }

    List<Long> waits() {
      List<Submission> all = backend.submissions();
      List<Long> waits = new ArrayList<>();
      for (int i = 1; i < all.size(); i++) {
        waits.add(Duration.ofNanos(all.get(i).nanos() - all.get(i - 1).nanos()).toMillis());
      }
      return waits;
    }
  }

  private static List<Device> devices(SubmitResult answer, Duration outage) {
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      Device device =
          new Device(new SplittableRandom(i)::nextDouble, RetryPolicy.defaults(), answer);
      device.relay.play(Events.numbered(30));
      device.relay.run(outage);
      devices.add(device);
    }
    return devices;
  }

  private static List<Long> nthWaits(List<Device> devices, int n) {
    List<Long> waits = new ArrayList<>();
    devices.forEach(device -> waits.add(device.waits().get(n)));
    Collections.sort(waits);
    return waits;
  }

  /** No tenth of the span that is possible holds more than a fourth of the devices, nor none. */
  private static void expectSpread(List<Long> waits, long least, long most) {
    assertThat(waits.get(0)).isGreaterThanOrEqualTo(least);
    assertThat(waits.get(waits.size() - 1)).isLessThanOrEqualTo(most);
    for (int tenth = 0; tenth < 10; tenth++) {
      long from = least + (most - least) * tenth / 10;
      long to = least + (most - least) * (tenth + 1) / 10;
      long within = waits.stream().filter(wait -> wait >= from && wait <= to).count();
      assertThat(within).as("devices between %s and %s ms", from, to).isBetween(4L, DEVICES / 4L);
    }
  }

  @Test
  void theFirstRetryIsSpreadByChanceAlready() {
    expectSpread(nthWaits(devices(DOWN, Duration.ofSeconds(3)), 0), 500, 1000);
  }

  @Test
  void waitsDoubleUpToTheLongestAndStaySpread() {
    List<Device> devices = devices(DOWN, Duration.ofMinutes(12));
    for (int n = 0; n < 11; n++) {
      long full = Math.min(1000L << n, 60_000);
      expectSpread(nthWaits(devices, n), full / 2, full);
    }
  }

  @Test
  void aHoldIsSpreadAsWellAndTriedAgainSoonOnlyOnce() {
    List<Device> devices = devices(FORBIDDEN, Duration.ofMinutes(5));
    expectSpread(nthWaits(devices, 0), 500, 1000);
    expectSpread(nthWaits(devices, 1), 30_000, 60_000);
    expectSpread(nthWaits(devices, 2), 30_000, 60_000);
  }

  @Test
  void thePauseThatWasAskedForIsNeverCutShortAndItsEndIsSpread() {
    Later pause = new Later(Reason.of("429"), Optional.of(Duration.ofSeconds(30)), Doubt.NONE);
    expectSpread(nthWaits(devices(pause, Duration.ofMinutes(2)), 0), 30_000, 31_000);
  }

  /** It is shorter than the first wait, but longer than what chance leaves of that. */
  @Test
  void aShortPauseThatWasAskedForIsNotCutShortByChance() {
    RetryPolicy halved = new RetryPolicy(Duration.ofSeconds(30), Duration.ofSeconds(60), 2.0, 0.5);
    Later pause = new Later(Reason.of("503"), Optional.of(Duration.ofSeconds(25)), Doubt.NONE);
    Device device = new Device(() -> 0.99, halved, pause);
    device.relay.play(Events.numbered(5));
    device.relay.run(Duration.ofMinutes(2));
    assertThat(device.waits()).startsWith(25_000L, 30_300L);
  }

  @Test
  void theFirstTryAfterAHoldComesSoonAlsoBehindAnOutage() {
    RetryPolicy exact = new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(60), 2.0, 0.0);
    Device device = new Device(() -> 0, exact, FORBIDDEN);
    device.backend.answering(DOWN, DOWN, DOWN);
    device.relay.play(Events.numbered(5));
    device.relay.run(Duration.ofMinutes(3));
    assertThat(device.waits()).startsWith(1000L, 2000L, 4000L, 1000L, 60_000L, 60_000L);
  }

  @Test
  void aDeliveryMakesTheNextHoldTheFirstOneAgain() {
    RetryPolicy exact = new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(60), 2.0, 0.0);
    Device device = new Device(() -> 0, exact, FORBIDDEN);
    device.backend.answering(FORBIDDEN, FORBIDDEN, ScriptedSubmitter.delivered());
    device.relay.play(Events.numbered(20));
    device.relay.run(Duration.ofMinutes(4));
    // Two holds, the pause of the gentle drain, and two holds of the other batch.
    assertThat(device.waits()).startsWith(1000L, 60_000L, 500L, 1000L, 60_000L);
  }

  @Test
  void withoutJitterTheWaitsAreExact() {
    RetryPolicy exact = new RetryPolicy(Duration.ofSeconds(2), Duration.ofSeconds(10), 3.0, 0.0);
    Device device = new Device(() -> 0.99, exact, DOWN);
    device.relay.play(Events.numbered(5));
    device.relay.run(Duration.ofSeconds(40));
    assertThat(device.waits()).startsWith(2000L, 6000L, 10_000L, 10_000L);
  }

  @Test
  void aDeliveryEndsTheBackOffSoThatTheNextOneBeginsShort() {
    Device device = new Device(() -> 0, RetryPolicy.defaults(), DOWN);
    device.relay.play(Events.numbered(20));
    device.relay.run(Duration.ofMinutes(20));
    device.backend.answering(ScriptedSubmitter.delivered());
    int before = device.backend.submissions().size();
    device.relay.run(Duration.ofMinutes(10));
    List<Long> after = device.waits().subList(before, device.waits().size());
    // The gentle drain's pause, then the back-off from its beginning.
    assertThat(after).startsWith(500L, 1000L, 2000L, 4000L);
  }

  @Test
  void aSignOfLifeMakesTheNextTrySoonButNotAtOnceOnEveryDevice() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      Device device = new Device(new SplittableRandom(i)::nextDouble, RetryPolicy.defaults(), DOWN);
      device.relay.play(Events.numbered(5));
      device.relay.run(Duration.ofMinutes(20));
      int before = device.backend.submissions().size();
      long now = device.time.nanos();
      device.relay.intake("player").connected("p");
      while (device.backend.submissions().size() == before) {
        device.relay.run(Duration.ofMillis(10));
      }
      long at = device.backend.submissions().get(before).nanos();
      waits.add(Duration.ofNanos(at - now).toMillis());
    }
    Collections.sort(waits);
    assertThat(waits.get(DEVICES - 1)).isLessThanOrEqualTo(1000);
    assertThat(waits.get(DEVICES / 2)).isBetween(500L, 1000L);
  }

  @Test
  void aSignOfLifeDoesNotCutShortAPauseThatWasAskedForNorAHold() {
    Later pause = new Later(Reason.of("429"), Optional.of(Duration.ofMinutes(30)), Doubt.NONE);
    for (SubmitResult answer : List.of(pause, FORBIDDEN)) {
      Device device = new Device(() -> 0, RetryPolicy.defaults(), answer);
      device.relay.play(Events.numbered(5));
      device.relay.run(Duration.ofSeconds(2));
      int before = device.backend.submissions().size();
      device.relay.intake("player").connected("p");
      device.relay.run(Duration.ofSeconds(20));
      assertThat(device.backend.submissions()).hasSize(before);
    }
  }

  @Test
  void theDrainQuickensStepByStep() {
    Device device = new Device(() -> 0, RetryPolicy.defaults(), DOWN);
    device.relay.play(Events.numbered(120));
    device.relay.run(Duration.ofMinutes(5));
    int before = device.backend.submissions().size();
    device.backend.otherwise(b -> ScriptedSubmitter.delivered());
    device.relay.drain("billing", Duration.ofMinutes(5));
    assertThat(device.waits().subList(before, device.waits().size()))
        .startsWith(500L, 250L, 125L, 62L, 31L, 15L, 0L);
  }

  @Test
  void aPauseBetweenRequestsIsKeptByFullBatchesRetriesAndParts() {
    ManualTime time = ManualTime.flowing();
    ScriptedSubmitter backend = new ScriptedSubmitter(time);
    Duration pause = Duration.ofSeconds(3);
    backend.answering(
        DOWN, new TooLarge(Reason.of("413")), new Rejected(Reason.of("422")), FORBIDDEN, DOWN);
    VirtualRelay relay =
        new VirtualRelay(
            time,
            new MemoryStorage(time),
            Sink.named("billing", backend).withBatch(TENS.withMinPause(pause)));
    relay.play(Events.numbered(200));
    relay.run(Duration.ofSeconds(2));
    relay.intake("player").connected("p");
    relay.drain("billing", Duration.ofHours(1));
    List<Submission> all = backend.submissions();
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i).nanos() - all.get(i - 1).nanos())
          .as("before attempt %s", i)
          .isGreaterThanOrEqualTo(pause.toNanos());
    }
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(200));
  }
}
