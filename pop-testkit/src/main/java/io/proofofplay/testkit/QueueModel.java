package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A spool and a plain list of what must be in it, taken through the same random steps. */
final class QueueModel {

  private final long seed;
  private final Random random;
  private final SpoolContract.Place place;
  private final SpoolContract contract;
  private final List<PopEvent> waiting = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private Spool spool;
  private int made;
  private long appended;
  private long recovered;

  QueueModel(long seed, SpoolContract.Place place, SpoolContract contract) throws IOException {
    this.seed = seed;
    this.place = place;
    this.contract = contract;
    random = new Random(seed);
    spool = Queue.open(place, contract, Queue.of(7));
  }

  void step() throws IOException {
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> append(1 + random.nextInt(10));
      case 4 -> {
        steps.add("sync");
        spool.sync();
      }
      case 5 -> {
        steps.add("roll");
        spool.roll();
      }
      case 6, 7 -> remove();
      case 8, 9 -> removePart();
      case 10 -> evict();
      default -> reopen();
    }
    check();
  }

  void end() throws IOException {
    assertThat(Queue.drain(spool)).as(story()).containsExactlyElementsOf(waiting);
    spool.close();
  }

  private void append(int count) {
    List<PopEvent> events = Events.numbered(made, made + count);
    steps.add("append " + made + "-" + (made + count));
    Queue.append(spool, events);
    made += count;
    appended += count;
    waiting.addAll(events);
  }

  private void remove() throws IOException {
    Optional<Batch> oldest = spool.peek();
    if (oldest.isPresent()) {
      steps.add("remove " + oldest.get().id());
      takeFromTheFront(oldest.get());
      spool.remove(oldest.get().id());
    }
  }

  private void removePart() throws IOException {
    Optional<Batch> oldest = spool.peek();
    if (oldest.isPresent()) {
      Batch part = oldest.get().part(0, 1 + random.nextInt(oldest.get().size()));
      steps.add("remove " + part.id() + " of " + oldest.get().id());
      takeFromTheFront(part);
      spool.remove(part.id());
    }
  }

  private void takeFromTheFront(Batch batch) {
    List<PopEvent> front = waiting.subList(0, batch.size());
    assertThat(batch.events()).as(story()).containsExactlyElementsOf(front);
    front.clear();
  }

  private void evict() throws IOException {
    Optional<Batch> oldest = random.nextBoolean() ? spool.peek() : Optional.empty();
    Optional<BatchId> inFlight = oldest.map(Batch::id);
    Optional<Batch> taken = spool.evict(inFlight);
    steps.add("evict beside " + inFlight + ": " + taken);
    int from = oldest.map(Batch::size).orElse(0);
    if (taken.isPresent()) {
      List<PopEvent> expected = waiting.subList(from, from + taken.get().size());
      assertThat(taken.get().events()).as(story()).containsExactlyElementsOf(expected);
      expected.clear();
    } else {
      assertThat(waiting).as(story()).hasSize(from);
    }
  }

  private void reopen() throws IOException {
    steps.add("reopen");
    spool.close();
    spool = Queue.open(place, contract, Queue.of(7));
    appended = 0;
    recovered = waiting.size();
  }

  private void check() {
    SpoolStats stats = spool.stats();
    assertThat(stats.events()).as("events; %s", story()).isEqualTo(waiting.size());
    assertThat(stats.appended()).as("appended; %s", story()).isEqualTo(appended);
    assertThat(stats.recovered()).as("recovered; %s", story()).isEqualTo(recovered);
    assertThat(stats.damaged()).as("damaged; %s", story()).isZero();
    assertThat(stats.withdrawn()).as("withdrawn; %s", story()).isZero();
    assertThat(stats.oldest().isPresent()).as("oldest; %s", story()).isEqualTo(!waiting.isEmpty());
    assertThat(stats.openEvents()).as("open events; %s", story()).isBetween(0, 6);
    long open =
        waiting.subList(waiting.size() - stats.openEvents(), waiting.size()).stream()
            .mapToLong(PopEvent::length)
            .sum();
    assertThat(stats.openBytes()).as("open bytes; %s", story()).isEqualTo(open);
    assertThat(stats.batches() > 0)
        .as("batches; %s", story())
        .isEqualTo(waiting.size() > stats.openEvents());
  }

  private String story() {
    return "seed "
        + seed
        + ", steps "
        + steps.subList(Math.max(0, steps.size() - 25), steps.size());
  }
}
