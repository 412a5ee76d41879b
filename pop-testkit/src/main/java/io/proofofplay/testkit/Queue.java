package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the tests of {@link SpoolContract} share. */
final class Queue {

  private Queue() {}

  static Spool open(SpoolContract.Place place, SpoolContract contract, BatchPolicy batches)
      throws IOException {
    return place.open(keeping(contract), batches, false);
  }

  static SpoolPolicy keeping(SpoolContract contract) {
    return SpoolPolicy.defaults().withDurability(contract.durability());
  }

  static BatchPolicy of(int maxEvents) {
    return new BatchPolicy(maxEvents, ByteSize.ofMiB(1), Duration.ZERO);
  }

  static void append(Spool spool, List<PopEvent> events) {
    assertThat(spool.append(events)).isEqualTo(Spool.Append.KEPT);
  }

  /** Seals what is open and takes every batch out, oldest first. */
  static List<Batch> drainBatches(Spool spool) throws IOException {
    List<Batch> batches = new ArrayList<>();
    spool.roll();
    Optional<Batch> next = spool.peek();
    while (next.isPresent()) {
      batches.add(next.get());
      spool.remove(next.get().id());
      next = spool.peek();
    }
    return batches;
  }

  static List<PopEvent> drain(Spool spool) throws IOException {
    return drainBatches(spool).stream().flatMap(batch -> batch.events().stream()).toList();
  }

  static void expectSame(Optional<Batch> seen, Batch expected) {
    assertThat(seen).as("a batch where %s is expected", expected).isPresent();
    assertThat(seen.get().id()).isEqualTo(expected.id());
    assertThat(seen.get().events()).containsExactlyElementsOf(expected.events());
  }

  static void expectEvents(Optional<Batch> seen, List<PopEvent> expected) {
    assertThat(seen).isPresent();
    assertThat(seen.get().events()).containsExactlyElementsOf(expected);
  }
}
