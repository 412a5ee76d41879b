package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.Spool.Append;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The rules of the port {@link Spool}, SP-1 to SP-15, as tests.
 *
 * <p>A test class implements this and says how to get a fresh place for a spool. A spool that
 * promises something for each {@link Durability} is tested by one class for each.
 *
 * <p>What a place cannot stage, such as a power cut or a full disk, is skipped with a reason.
 */
// Closing in the middle of a test is what some rules are about.
@SuppressWarnings("try")
public interface SpoolContract {

  /** Where one spool lives, under the test's control. */
  interface Place extends AutoCloseable {

    /**
     * Opens the spool, always the same one, with all that was left in it.
     *
     * @param keeping how to keep events
     * @param batches how to gather them
     * @param oneSender whether a batch must hold the events of one sender only
     * @return the spool; the contract closes it before it opens it again, save after {@link
     *     #kill()}
     * @throws IOException if that fails; the test fails
     */
    Spool open(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender) throws IOException;

    /**
     * The power fails: the spool that is open is dead and is not closed, and what was not forced is
     * lost.
     *
     * @throws IOException if it cannot be staged; the test fails
     */
    default void kill() throws IOException {
      Assumptions.abort("a power cut cannot be staged here");
    }

    /**
     * From now on the disk has no room, until {@link #repair()}.
     *
     * @throws IOException if it cannot be staged; the test fails
     */
    default void fill() throws IOException {
      Assumptions.abort("a disk without room cannot be staged here");
    }

    /**
     * From now on the disk takes what is written, and fails to force it, until {@link #repair()}.
     *
     * @throws IOException if it cannot be staged; the test fails
     */
    default void failForces() throws IOException {
      Assumptions.abort("a disk that fails to force cannot be staged here");
    }

    /**
     * The disk is well again. Must be there if any trouble is.
     *
     * @throws IOException if it cannot be staged; the test fails
     */
    default void repair() throws IOException {
      Assumptions.abort("the disk cannot be repaired here");
    }

    @Override
    void close() throws IOException;
  }

  /**
   * A fresh place without events.
   *
   * @return the place; the contract closes it
   * @throws Exception if it cannot be had; the test fails
   */
  Place place() throws Exception;

  /**
   * The durability with which the spools are opened.
   *
   * @return write-ahead unless overridden
   */
  default Durability durability() {
    return Durability.WRITE_AHEAD;
  }

  /** SP-1. */
  @Test
  default void sp1_eventsLeaveInTheirOrderWithTheirOwnBytes() throws Exception {
    List<PopEvent> events = new ArrayList<>(Events.awkward());
    events.addAll(Events.numbered(100));
    events.add(Events.ofLength(100, 200_000));
    events.addAll(Events.numbered(101, 150));
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(7))) {
      for (int from = 0; from < events.size(); from += 3) {
        List<PopEvent> some = events.subList(from, Math.min(from + 3, events.size()));
        assertThat(spool.append(some)).isEqualTo(Append.KEPT);
      }

      assertThat(Queue.drain(spool)).containsExactlyElementsOf(events);
      assertThat(spool.peek()).isEmpty();
    }
  }

  /** SP-1. */
  @Test
  default void sp1_eventsKeepTheirSender() throws Exception {
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      events.add(i % 7 == 0 ? Events.number(i) : Events.from("player \u00e9 " + i % 3, i));
    }
    try (Place place = place()) {
      try (Spool spool = Queue.open(place, this, Queue.of(5))) {
        Queue.append(spool, events);
      }
      try (Spool spool = Queue.open(place, this, Queue.of(5))) {
        List<PopEvent> left = Queue.drain(spool);

        assertThat(left).containsExactlyElementsOf(events);
        assertThat(left.stream().map(PopEvent::sender))
            .containsExactlyElementsOf(events.stream().map(PopEvent::sender).toList());
      }
    }
  }

  /** SP-1, from several threads: each thread's events stay in order, and none is lost. */
  @Test
  default void sp1_concurrentAppendsLoseNothing() throws Exception {
    int threads = 4;
    int each = 200;
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(50))) {
      CountDownLatch start = new CountDownLatch(1);
      List<Background<Void>> appending = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread * each;
        appending.add(
            Background.start(
                "append",
                () -> {
                  start.await();
                  for (int i = first; i < first + each; i += 2) {
                    Queue.append(spool, Events.numbered(i, i + 2));
                    if (i % 20 == 0) {
                      spool.sync();
                    }
                  }
                  return null;
                }));
      }
      start.countDown();
      for (Background<Void> one : appending) {
        one.resultWithin(Patience.generous().multipliedBy(3));
      }

      List<PopEvent> left = Queue.drain(spool);

      assertThat(left).hasSize(threads * each).doesNotHaveDuplicates();
      for (int thread = 0; thread < threads; thread++) {
        List<PopEvent> mine = Events.numbered(thread * each, thread * each + each);
        List<PopEvent> others = new ArrayList<>(left);
        others.retainAll(new HashSet<>(mine));
        assertThat(others).containsExactlyElementsOf(mine);
      }
    }
  }

  /** SP-2. */
  @Test
  default void sp2_aFullDiskKeepsAllEventsOrNone() throws Exception {
    try (Place place = place()) {
      try (Spool spool = Queue.open(place, this, Queue.of(50))) {
        Queue.append(spool, Events.numbered(10));
        spool.sync();
        place.fill();

        Append answer = spool.append(Events.numbered(10, 30));

        assertThat(answer).isEqualTo(Append.NO_SPACE);
        assertThat(spool.stats().events()).isEqualTo(10);
        place.repair();
        Queue.append(spool, Events.numbered(30, 35));
      }
      try (Spool spool = Queue.open(place, this, Queue.of(50))) {
        List<PopEvent> expected = new ArrayList<>(Events.numbered(10));
        expected.addAll(Events.numbered(30, 35));
        assertThat(Queue.drain(spool)).containsExactlyElementsOf(expected);
      }
    }
  }

  /** SP-3. */
  @Test
  default void sp3_whatWasSyncedSurvivesAPowerCut() throws Exception {
    try (Place place = place()) {
      Spool spool = Queue.open(place, this, Queue.of(4));
      Queue.append(spool, Events.numbered(3));
      spool.sync();
      Queue.append(spool, Events.numbered(3, 10));
      spool.sync();
      Queue.append(spool, Events.numbered(10, 12));
      place.kill();

      try (Spool reopened = Queue.open(place, this, Queue.of(4))) {
        List<PopEvent> left = Queue.drain(reopened);
        assertThat(left).startsWith(Events.numbered(10).toArray(PopEvent[]::new));
        assertThat(Events.numbered(12)).startsWith(left.toArray(PopEvent[]::new));
      }
    }
  }

  /** SP-3, of what may be written together. */
  @Test
  default void sp3_whatWasAppendedAmongOthersIsKeptAsAnythingElse() throws Exception {
    try (Place place = place()) {
      Spool spool = Queue.open(place, this, Queue.of(4));
      for (int i = 0; i < 9; i++) {
        assertThat(spool.appendAmongOthers(Events.numbered(i, i + 1))).isEqualTo(Append.KEPT);
      }
      Queue.append(spool, Events.numbered(9, 10));
      spool.sync();
      place.kill();

      try (Spool reopened = Queue.open(place, this, Queue.of(4))) {
        assertThat(Queue.drain(reopened)).containsExactlyElementsOf(Events.numbered(10));
      }
    }
  }

  /** SP-3. */
  @Test
  default void sp3_aSyncThatFailsTakesOutWhatWasNeverAcknowledged() throws Exception {
    try (Place place = place()) {
      try (Spool spool = Queue.open(place, this, Queue.of(50))) {
        Queue.append(spool, Events.numbered(5));
        spool.sync();
        place.failForces();
        Queue.append(spool, Events.numbered(5, 8));
        assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
        place.repair();

        boolean acknowledged = durability() != Durability.WRITE_AHEAD;
        assertThat(spool.stats().withdrawn()).isEqualTo(acknowledged ? 0 : 3);
        assertThat(spool.stats().events()).isEqualTo(acknowledged ? 8 : 5);
        Queue.append(spool, Events.numbered(8, 10));
        spool.sync();

        List<PopEvent> expected = new ArrayList<>(Events.numbered(acknowledged ? 8 : 5));
        expected.addAll(Events.numbered(8, 10));
        assertThat(Queue.drain(spool)).containsExactlyElementsOf(expected);
      }
    }
  }

  /** SP-4. */
  @Test
  default void sp4_peekAnswersTheSameBatchUntilItIsRemoved() throws Exception {
    try (Place place = place()) {
      Batch first;
      try (Spool spool = Queue.open(place, this, Queue.of(5))) {
        Queue.append(spool, Events.numbered(12));
        first = spool.peek().orElseThrow();
        Queue.expectSame(spool.peek(), first);
        Queue.append(spool, Events.numbered(12, 19));
        assertThat(spool.roll()).isTrue();
        Queue.expectSame(spool.peek(), first);
      }
      try (Spool spool = Queue.open(place, this, Queue.of(5))) {
        Queue.expectSame(spool.peek(), first);
        assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(19));
      }
    }
  }

  /** SP-4, across a power cut. */
  @Test
  default void sp4_peekAnswersTheSameBatchAfterAPowerCut() throws Exception {
    try (Place place = place()) {
      Spool spool = Queue.open(place, this, Queue.of(5));
      Queue.append(spool, Events.numbered(7));
      spool.sync();
      assertThat(spool.roll()).isTrue();
      spool.sync();
      Batch first = spool.peek().orElseThrow();
      place.kill();

      try (Spool reopened = Queue.open(place, this, Queue.of(5))) {
        Queue.expectSame(reopened.peek(), first);
      }
    }
  }

  /** SP-5. */
  @Test
  default void sp5_aBatchHasAtMostSoManyEvents() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(5))) {
      Queue.append(spool, Events.numbered(3));
      assertThat(spool.peek()).as("a sealed batch after 3 of 5 events").isEmpty();
      Queue.append(spool, Events.numbered(3, 5));
      assertThat(spool.peek()).as("a sealed batch after 5 of 5 events").isPresent();
      Queue.append(spool, Events.numbered(5, 18));

      List<Batch> batches = Queue.drainBatches(spool);

      assertThat(batches.stream().map(Batch::size)).containsExactly(5, 5, 5, 3);
    }
  }

  /** SP-5. */
  @Test
  default void sp5_aBatchHasAtMostSoManyBytesSaveASingleLargerEvent() throws Exception {
    List<PopEvent> events = new ArrayList<>();
    int[] lengths = {400, 400, 400, 5000, 400, 1024, 400, 624, 400};
    for (int i = 0; i < lengths.length; i++) {
      events.add(Events.ofLength(i, lengths[i]));
    }
    BatchPolicy policy = new BatchPolicy(100, ByteSize.ofKiB(1), Duration.ZERO);
    try (Place place = place();
        Spool spool = Queue.open(place, this, policy)) {
      Queue.append(spool, events);

      List<Batch> batches = Queue.drainBatches(spool);

      assertThat(batches)
          .allMatch(batch -> batch.bytes() <= 1024 || batch.size() == 1, "within the bound");
      assertThat(batches.stream().map(Batch::size)).containsExactly(2, 1, 1, 1, 1, 2, 1);
      assertThat(batches.stream().flatMap(batch -> batch.events().stream()))
          .containsExactlyElementsOf(events);
    }
  }

  /** SP-5. */
  @Test
  default void sp5_aBatchHoldsOneSenderWhereThatIsAskedFor() throws Exception {
    List<PopEvent> events = new ArrayList<>();
    events.addAll(List.of(Events.from("a", 0), Events.from("a", 1), Events.from("b", 2)));
    events.addAll(List.of(Events.from("a", 3), Events.number(4), Events.number(5)));
    try (Place place = place();
        Spool spool = place.open(Queue.keeping(this), Queue.of(50), true)) {
      Queue.append(spool, events);

      List<Batch> batches = Queue.drainBatches(spool);

      assertThat(batches.stream().map(Batch::size)).containsExactly(2, 1, 1, 2);
      assertThat(batches.stream().map(Batch::sender))
          .containsExactly(Optional.of("a"), Optional.of("b"), Optional.of("a"), Optional.empty());
    }
  }

  /** SP-5. */
  @Test
  default void sp5_rollSealsWhatIsOpen() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(50))) {
      assertThat(spool.roll()).as("something to seal in an empty spool").isFalse();
      Queue.append(spool, Events.numbered(3));
      assertThat(spool.stats().openEvents()).isEqualTo(3);

      assertThat(spool.roll()).isTrue();

      assertThat(spool.stats().openEvents()).isZero();
      assertThat(spool.roll()).as("something to seal twice").isFalse();
      assertThat(spool.peek().orElseThrow().size()).isEqualTo(3);
    }
  }

  /** SP-6. */
  @Test
  default void sp6_anIdIsNeverGivenToOtherBytes() throws Exception {
    try (Place place = place()) {
      Map<String, List<PopEvent>> known = new HashMap<>();
      for (int life = 0; life < 4; life++) {
        try (Spool spool = Queue.open(place, this, Queue.of(3))) {
          Queue.append(spool, Events.numbered(life * 10, life * 10 + 10));
          for (Batch batch : Queue.drainBatches(spool)) {
            assertThat(known.putIfAbsent(batch.id().toString(), batch.events()))
                .as("events under %s before", batch.id())
                .isNull();
          }
        }
      }
      assertThat(known).hasSize(16);
    }
  }

  /** SP-6, across power cuts, with everything removed so that nothing is left to count on from. */
  @Test
  default void sp6_anIdIsNeverGivenToOtherBytesAfterAPowerCut() throws Exception {
    try (Place place = place()) {
      Map<String, List<PopEvent>> known = new HashMap<>();
      for (int life = 0; life < 4; life++) {
        Spool spool = Queue.open(place, this, Queue.of(3));
        Queue.append(spool, Events.numbered(life * 10, life * 10 + 10));
        if (life % 2 == 0) {
          spool.sync();
        }
        spool.roll();
        for (Batch batch : Queue.drainBatches(spool)) {
          List<PopEvent> before = known.put(batch.id().toString(), batch.events());
          // What was removed without a force may come back, with its own bytes.
          if (before != null) {
            assertThat(batch.events()).isEqualTo(before);
          }
        }
        place.kill();
      }
    }
  }

  /** SP-7. */
  @Test
  default void sp7_removingALeadingPartLeavesTheRest() throws Exception {
    try (Place place = place()) {
      Batch whole;
      try (Spool spool = Queue.open(place, this, Queue.of(10))) {
        Queue.append(spool, Events.numbered(12));
        whole = spool.peek().orElseThrow();
        spool.remove(whole.part(0, 3).id());

        Batch rest = whole.part(3, 10);
        Queue.expectSame(spool.peek(), rest);
        assertThat(spool.stats().events()).isEqualTo(9);
        spool.remove(rest.part(0, 2).id());
        Queue.expectSame(spool.peek(), whole.part(5, 10));
      }
      try (Spool spool = Queue.open(place, this, Queue.of(10))) {
        Batch rest = spool.peek().orElseThrow();
        Queue.expectSame(Optional.of(rest), whole.part(5, 10));
        assertThat(spool.stats().events()).isEqualTo(7);

        spool.remove(rest.id());

        assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(10, 12));
      }
    }
  }

  /** SP-7: parts that together are the whole batch remove it. */
  @Test
  default void sp7_removingPartAfterPartRemovesTheBatch() throws Exception {
    try (Place place = place()) {
      try (Spool spool = Queue.open(place, this, Queue.of(4))) {
        Queue.append(spool, Events.numbered(6));
        Batch whole = spool.peek().orElseThrow();
        for (int i = 0; i < 4; i++) {
          spool.remove(whole.part(i, i + 1).id());
        }
        assertThat(spool.peek()).isEmpty();
        assertThat(spool.stats().events()).isEqualTo(2);
      }
      try (Spool spool = Queue.open(place, this, Queue.of(4))) {
        assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(4, 6));
      }
    }
  }

  /** SP-7. */
  @Test
  default void sp7_nothingButTheOldestOrItsBeginningCanBeRemoved() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(4))) {
      assertThatThrownBy(() -> spool.remove(BatchId.of("nobody", 0)))
          .isInstanceOf(IllegalArgumentException.class);
      Queue.append(spool, Events.numbered(8));
      Batch oldest = spool.peek().orElseThrow();
      Batch second = spool.peekBehind(oldest.id()).orElseThrow();

      for (BatchId wrong :
          List.of(
              BatchId.of("nobody", 0),
              oldest.part(1, 3).id(),
              second.id(),
              oldest.id().part(0, 5))) {
        assertThatThrownBy(() -> spool.remove(wrong))
            .as("remove(%s) where %s is the oldest", wrong, oldest)
            .isInstanceOf(IllegalArgumentException.class);
      }

      assertThat(spool.stats().events()).isEqualTo(8);
      assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(8));
    }
  }

  /** SP-8. */
  @Test
  default void sp8_whatWasRemovedStaysRemoved() throws Exception {
    try (Place place = place()) {
      try (Spool spool = Queue.open(place, this, Queue.of(3))) {
        Queue.append(spool, Events.numbered(10));
        spool.remove(spool.peek().orElseThrow().id());
        spool.remove(spool.peek().orElseThrow().id());
      }
      try (Spool spool = Queue.open(place, this, Queue.of(3))) {
        assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(6, 10));
      }
      try (Spool spool = Queue.open(place, this, Queue.of(3))) {
        assertThat(spool.stats().events()).isZero();
        assertThat(spool.roll()).isFalse();
        assertThat(spool.peek()).isEmpty();
      }
    }
  }

  /** SP-9. */
  @Test
  default void sp9_closeKeepsEverythingAndClosingTwiceIsFine() throws Exception {
    try (Place place = place()) {
      Spool spool = Queue.open(place, this, Queue.of(4));
      Queue.append(spool, Events.numbered(6));
      spool.sync();
      Queue.append(spool, Events.numbered(6, 11));
      spool.close();
      spool.close();

      try (Spool reopened = Queue.open(place, this, Queue.of(4))) {
        assertThat(Queue.drain(reopened)).containsExactlyElementsOf(Events.numbered(11));
      }
    }
  }

  /** SP-9, forced. */
  @Test
  default void sp9_whatCloseKeptSurvivesAPowerCut() throws Exception {
    try (Place place = place()) {
      Spool spool = Queue.open(place, this, Queue.of(4));
      Queue.append(spool, Events.numbered(11));
      spool.close();
      place.kill();

      try (Spool reopened = Queue.open(place, this, Queue.of(4))) {
        assertThat(Queue.drain(reopened)).containsExactlyElementsOf(Events.numbered(11));
      }
    }
  }

  /** SP-10: a long run of random steps with a plain list beside it; the seed is in the message. */
  @Test
  default void sp10_theBooksAreRightAfterEveryStep() throws Exception {
    for (long seed = 1; seed <= 5; seed++) {
      try (Place place = place()) {
        QueueModel model = new QueueModel(seed, place, this);
        for (int step = 0; step < 300; step++) {
          model.step();
        }
        model.end();
      }
    }
  }

  /** SP-10. */
  @Test
  default void sp10_theStatsOfAnEmptySpoolAreZero() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(4))) {
      assertThat(spool.stats().events()).isZero();
      assertThat(spool.stats().openEvents()).isZero();
      assertThat(spool.stats().openBytes()).isZero();
      assertThat(spool.stats().batches()).isZero();
      assertThat(spool.stats().recovered()).isZero();
      assertThat(spool.stats().appended()).isZero();
      assertThat(spool.stats().oldest()).isEmpty();
    }
  }

  /** SP-10. */
  @Test
  default void sp10_whatIsForcedIsConfirmedAndBelowWriteAheadEverythingIs() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(4))) {
      Queue.append(spool, Events.numbered(7));
      assertThat(spool.stats().unconfirmed())
          .isBetween(0L, durability() == Durability.WRITE_AHEAD ? 7L : 0L);
      spool.sync();
      assertThat(spool.stats().unconfirmed()).isZero();
      Queue.append(spool, Events.numbered(7, 8));
      spool.roll();
      spool.sync();
      assertThat(spool.stats().unconfirmed()).isZero();
      assertThat(spool.stats().events()).isEqualTo(8);
    }
  }

  /** SP-11. */
  @Test
  default void sp11_appendingBeyondTheBoundKeepsNothingUntilThereIsRoom() throws Exception {
    long bound = ByteSize.ofMiB(1).bytes();
    int length = 16 * 1024;
    SpoolPolicy keeping = Queue.keeping(this).withMaxBytes(new ByteSize(bound));
    BatchPolicy batches = new BatchPolicy(500, ByteSize.ofKiB(128), Duration.ZERO);
    try (Place place = place();
        Spool spool = place.open(keeping, batches, false)) {
      List<PopEvent> kept = new ArrayList<>();
      Append answer = Append.KEPT;
      while (answer == Append.KEPT) {
        assertThat(kept).as("events kept").hasSizeLessThanOrEqualTo((int) (bound / length));
        PopEvent next = Events.ofLength(kept.size(), length);
        answer = spool.append(List.of(next));
        if (answer == Append.KEPT) {
          kept.add(next);
        }
      }
      assertThat(answer).isEqualTo(Append.FULL);
      assertThat(kept).as("events that find room").hasSizeGreaterThan((int) (bound / length / 2));
      assertThat(spool.stats().bytes()).isLessThanOrEqualTo(bound);
      assertThat(spool.stats().events()).isEqualTo(kept.size());

      Batch oldest = spool.peek().orElseThrow();
      spool.remove(oldest.id());
      PopEvent late = Events.ofLength(1000, length);
      assertThat(spool.append(List.of(late))).isEqualTo(Append.KEPT);

      List<PopEvent> expected = new ArrayList<>(kept.subList(oldest.size(), kept.size()));
      expected.add(late);
      assertThat(Queue.drain(spool)).containsExactlyElementsOf(expected);
    }
  }

  /** SP-11 with SP-2: of events that do not all find room, none is kept. */
  @Test
  default void sp11_ofEventsThatDoNotAllFindRoomNoneIsKept() throws Exception {
    SpoolPolicy keeping = Queue.keeping(this).withMaxBytes(ByteSize.ofMiB(1));
    try (Place place = place();
        Spool spool = place.open(keeping, Queue.of(10), false)) {
      Queue.append(spool, Events.numbered(5));
      List<PopEvent> many = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        many.add(Events.ofLength(100 + i, 16 * 1024));
      }

      assertThat(spool.append(many)).isEqualTo(Append.FULL);

      assertThat(spool.stats().events()).isEqualTo(5);
      Queue.append(spool, Events.numbered(5, 7));
      assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(7));
    }
  }

  /** SP-11. */
  @Test
  default void sp11_eventsTakeNoMoreRoomThanIsSaid() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(1))) {
      List<PopEvent> events = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        // Each in a batch of its own and from another sender, whose name is hard to write.
        events.add(Events.from("\u0001\u20ac\"".repeat(10) + i, i));
      }
      Queue.append(spool, events);
      assertThat(spool.stats().bytes()).isLessThanOrEqualTo(Spool.mostRoom(events));
    }
  }

  /** SP-11. */
  @Test
  default void sp11_aBatchTakesNoMoreRoomThanIsSaid() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(100))) {
      Queue.append(spool, Events.numbered(100));
      Batch batch = spool.peek().orElseThrow();
      assertThat(batch.size()).isEqualTo(100);
      assertThat(spool.stats().bytes()).isLessThanOrEqualTo(Spool.mostRoom(batch));
    }
  }

  /** SP-12. */
  @Test
  default void sp12_evictTakesTheOldestThatIsNotInFlight() throws Exception {
    try (Place place = place()) {
      try (Spool spool = Queue.open(place, this, Queue.of(3))) {
        Queue.append(spool, Events.numbered(11));
        Batch sending = spool.peek().orElseThrow();

        Queue.expectEvents(spool.evict(Optional.of(sending.id())), Events.numbered(3, 6));
        Queue.expectEvents(
            spool.evict(Optional.of(sending.part(0, 1).id())), Events.numbered(6, 9));
        assertThat(spool.stats().events()).isEqualTo(5);
        Queue.expectSame(spool.peek(), sending);
        Queue.expectEvents(spool.evict(Optional.empty()), Events.numbered(3));
      }
      try (Spool spool = Queue.open(place, this, Queue.of(3))) {
        assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(9, 11));
      }
    }
  }

  /** SP-12. */
  @Test
  default void sp12_evictSealsTheOpenBatchIfThereIsNoOther() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(3))) {
      assertThat(spool.evict(Optional.empty())).isEmpty();
      Queue.append(spool, Events.numbered(5));
      Batch sending = spool.peek().orElseThrow();

      Queue.expectEvents(spool.evict(Optional.of(sending.id())), Events.numbered(3, 5));
      assertThat(spool.evict(Optional.of(sending.id()))).isEmpty();
      Queue.expectSame(spool.peek(), sending);
      assertThat(spool.stats().events()).isEqualTo(3);
    }
  }

  /** SP-13. */
  @Test
  default void sp13_openingWithOtherLimitsLosesNothing() throws Exception {
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      events.add(Events.from(i % 2 == 0 ? "a" : "b", i));
    }
    try (Place place = place()) {
      Batch first;
      try (Spool spool = Queue.open(place, this, Queue.of(25))) {
        Queue.append(spool, events);
        first = spool.peek().orElseThrow();
      }
      SpoolPolicy tiny = Queue.keeping(this).withMaxBytes(new ByteSize(1024));
      BatchPolicy small = new BatchPolicy(2, ByteSize.ofKiB(1), Duration.ZERO);
      try (Spool spool = place.open(tiny, small, true)) {
        Queue.expectSame(spool.peek(), first);
        assertThat(spool.stats().events()).isEqualTo(events.size());
        assertThat(spool.append(Events.numbered(60, 61))).isEqualTo(Append.FULL);
      }
      try (Spool spool = Queue.open(place, this, Queue.of(1000))) {
        Queue.expectSame(spool.peek(), first);
        assertThat(Queue.drain(spool)).containsExactlyElementsOf(events);
      }
    }
  }

  /** SP-14. */
  @Test
  default void sp14_peekBehindShowsTheNextOldest() throws Exception {
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(4))) {
      Queue.append(spool, Events.numbered(4));
      Batch oldest = spool.peek().orElseThrow();
      assertThat(spool.peekBehind(oldest.id())).isEmpty();
      Queue.append(spool, Events.numbered(4, 10));

      spool.readAhead();
      Queue.expectSame(spool.peek(), oldest);
      Batch behind = spool.peekBehind(oldest.id()).orElseThrow();

      assertThat(behind.events()).containsExactlyElementsOf(Events.numbered(4, 8));
      Queue.expectSame(spool.peek(), oldest);
      spool.remove(oldest.part(0, 2).id());
      Batch rest = spool.peek().orElseThrow();
      Queue.expectSame(spool.peekBehind(rest.id()), behind);
      spool.remove(rest.id());
      Queue.expectSame(spool.peek(), behind);
      assertThat(spool.peekBehind(behind.id())).as("the open batch is not sealed").isEmpty();
    }
  }

  /** SP-15. */
  @Test
  default void sp15_otherLimitsHoldForWhatIsAppendedAndChangeNothingElse() throws Exception {
    List<PopEvent> before = Events.numbered(7);
    List<PopEvent> after =
        List.of(
            Events.from("a", 7), Events.from("b", 8), Events.from("b", 9), Events.from("b", 10));
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(5))) {
      Queue.append(spool, before);
      spool.sync();
      Batch first = spool.peek().orElseThrow();
      spool.remove(first.part(0, 2).id());
      Batch rest = spool.peek().orElseThrow();

      spool.adopt(Queue.keeping(this).withMaxBytes(new ByteSize(4096)), Queue.of(2), true);

      Queue.expectSame(spool.peek(), rest);
      assertThat(spool.stats().events()).isEqualTo(5);
      Queue.append(spool, after);
      spool.sync();
      assertThat(spool.append(List.of(Events.ofLength(11, 4096)))).isEqualTo(Append.FULL);
      assertThat(Queue.drainBatches(spool).stream().map(Batch::events))
          .containsExactly(
              before.subList(2, 5),
              before.subList(5, 7),
              after.subList(0, 1),
              after.subList(1, 3),
              after.subList(3, 4));
      assertThat(spool.stats().appended()).isEqualTo(11);
    }
  }

  /** SP-15. */
  @Test
  default void sp15_otherLimitsForceWhatWasThere() throws Exception {
    try (Place place = place()) {
      Spool spool = Queue.open(place, this, Queue.of(5));
      Queue.append(spool, Events.numbered(7));

      spool.adopt(Queue.keeping(this), Queue.of(3), false);
      place.kill();

      try (Spool again = Queue.open(place, this, Queue.of(5))) {
        assertThat(Queue.drain(again)).containsExactlyElementsOf(Events.numbered(7));
      }
    }
  }

  /** SP-15. */
  @Test
  default void sp15_aDiskThatDoesNotForceLeavesTheOldLimitsAndAllEvents() throws Exception {
    SpoolPolicy strict = SpoolPolicy.defaults().withDurability(Durability.WRITE_AHEAD);
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(5))) {
      Queue.append(spool, Events.numbered(7));
      if (durability() == Durability.WRITE_AHEAD) {
        spool.sync();
      }
      place.failForces();

      assertThatThrownBy(() -> spool.adopt(strict, Queue.of(2), false))
          .isInstanceOf(IOException.class);

      if (durability() != Durability.WRITE_AHEAD) {
        assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      }
      place.repair();
      Queue.append(spool, Events.numbered(7, 12));
      spool.sync();
      assertThat(Queue.drain(spool)).containsExactlyElementsOf(Events.numbered(12));
      spool.adopt(strict, Queue.of(2), false);
      Queue.append(spool, Events.numbered(12, 14));
      assertThat(spool.stats().batches()).isEqualTo(1);
    }
  }

  /** SP-15. */
  @Test
  default void sp15_eachDurabilityCanFollowEachOther() throws Exception {
    List<PopEvent> events = Events.numbered(90);
    try (Place place = place();
        Spool spool = Queue.open(place, this, Queue.of(4))) {
      int next = 0;
      for (Durability one : Durability.values()) {
        for (Durability other : Durability.values()) {
          for (Durability durability : List.of(one, other)) {
            SpoolPolicy keeping = SpoolPolicy.defaults().withDurability(durability);
            spool.adopt(keeping, Queue.of(4), false);
            Queue.append(spool, events.subList(next, next + 5));
            if (durability == Durability.WRITE_AHEAD) {
              spool.sync();
            }
            next += 5;
          }
        }
      }

      assertThat(Queue.drain(spool)).containsExactlyElementsOf(events);
    }
  }
}
