package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import io.proofofplay.testkit.ScriptedSubmitter.Submission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A destination that takes less at once than a batch holds. */
class SizeLimitTest {

  private static final TooLarge LARGE = new TooLarge(new Reason("answered 413", 413, ""));
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final ManualTime time = ManualTime.flowing();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final ScriptedSubmitter backend = new ScriptedSubmitter(time);
  private final Sink sink =
      Sink.named("billing", backend)
          .withBatch(new BatchPolicy(500, ByteSize.ofKiB(512), Duration.ofSeconds(1)));

  private void takesAtMost(long bytes) {
    backend.otherwise(b -> b.bytes() > bytes ? LARGE : ScriptedSubmitter.delivered());
  }

  private List<Integer> delivered() {
    List<Integer> sizes = new ArrayList<>();
    for (Submission each : backend.submissions()) {
      if (each.result() != LARGE) {
        sizes.add(each.batch().bytes());
      }
    }
    return sizes;
  }

  private long refused() {
    return backend.submissions().stream().filter(each -> each.result() == LARGE).count();
  }

  @Test
  void whateverTheLimitNoPartIsASmallRestAndFewRequestsAreInVain() {
    for (int percent = 3; percent < 100; percent += 13) {
      ManualTime clock = ManualTime.flowing();
      ScriptedSubmitter server = new ScriptedSubmitter(clock);
      List<PopEvent> events = Events.numbered(1000, 1500);
      long whole = events.stream().mapToLong(PopEvent::length).sum();
      long limit = whole * percent / 100;
      server.otherwise(b -> b.bytes() > limit ? LARGE : ScriptedSubmitter.delivered());
      VirtualRelay relay =
          new VirtualRelay(
              clock,
              new MemoryStorage(clock),
              Sink.named("billing", server).withBatch(sink.batch()));
      relay.play(Events.numbered(1000));
      relay.drain("billing", MINUTE);
      int learning = server.submissions().size();
      relay.play(events);
      relay.drain("billing", MINUTE);
      List<Submission> third = server.submissions().subList(learning, server.submissions().size());
      long needed = (whole + limit - 1) / limit;
      assertThat(third.size())
          .as("requests for a limit of %s %%", percent)
          .isBetween((int) needed, (int) (needed * 4 / 3 + 2));
      long smallest = third.stream().mapToLong(each -> each.batch().bytes()).min().orElse(0);
      long largest = third.stream().mapToLong(each -> each.batch().bytes()).max().orElse(0);
      // Parts are whole events, so they may differ by one.
      assertThat(smallest)
          .as("the smallest part for a limit of %s %%, beside %s", percent, largest)
          .isGreaterThanOrEqualTo(Math.min(largest * 3 / 4, largest - 300));
    }
  }

  @Test
  @Tag("long")
  void aLimitJustBelowHalfOfABatchDoesNotMakeFourParts() {
    long whole = Events.numbered(500).stream().mapToLong(PopEvent::length).sum();
    takesAtMost(whole * 49 / 100);
    VirtualRelay relay = new VirtualRelay(time, storage, sink);
    for (int i = 0; i < 20; i++) {
      relay.play(Events.numbered(i * 500, i * 500 + 500));
      relay.drain("billing", MINUTE);
    }
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(10_000));
    assertThat(refused()).isLessThanOrEqualTo(4);
    assertThat(delivered()).hasSizeLessThanOrEqualTo(3 * 20 + 2);
  }

  @Test
  void aLimitThatFallsIsFollowedAndOneThatRisesIsFoundAfterAWhile() {
    takesAtMost(40_000);
    VirtualRelay relay = new VirtualRelay(time, storage, sink);
    relay.play(Events.numbered(500));
    relay.drain("billing", MINUTE);
    takesAtMost(5_000);
    relay.play(Events.numbered(500, 1000));
    relay.drain("billing", MINUTE);
    assertThat(delivered()).last().satisfies(size -> assertThat(size).isLessThanOrEqualTo(5_000));
    backend.otherwise(b -> ScriptedSubmitter.delivered());
    relay.run(Duration.ofHours(3));
    int before = backend.submissions().size();
    relay.play(Events.numbered(1000, 1500));
    relay.drain("billing", MINUTE);
    assertThat(backend.submissions()).hasSize(before + 1);
    assertThat(backend.deliveredEvents()).containsExactlyElementsOf(Events.numbered(1500));
  }

  @Test
  @Tag("long")
  void aLimitThatStaysCostsOneRequestInVainEachTenMinutes() {
    takesAtMost(40_000);
    VirtualRelay relay = new VirtualRelay(time, storage, sink);
    for (int i = 0; i < 60; i++) {
      relay.play(Events.numbered(i * 500, i * 500 + 500));
      relay.run(MINUTE);
    }
    relay.drain("billing", MINUTE);
    assertThat(refused()).isLessThanOrEqualTo(5 + 6);
  }
}
