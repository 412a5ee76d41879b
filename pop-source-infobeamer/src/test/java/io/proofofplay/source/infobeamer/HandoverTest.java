package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.PopEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class HandoverTest {

  private static final List<PopEvent> FIRST = List.of(PopEvent.of("{\"uuid\":\"1\"}"));
  private static final List<PopEvent> SECOND = List.of(PopEvent.of("{\"uuid\":\"2\"}"));
  private static final List<PopEvent> THIRD = List.of(PopEvent.of("{\"uuid\":\"3\"}"));

  /** What another thread was asked to run. */
  private final Deque<Runnable> elsewhere = new ArrayDeque<>();

  private final List<List<PopEvent>> taken = new ArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();

  private Handover handover(Handover.Taker taker) {
    return new Handover(taker, elsewhere::add, failures::incrementAndGet);
  }

  @Test
  void whoHasMoreToReadGoesOnWhileTheListIsTaken() throws Exception {
    Handover handover = handover(taken::add);

    assertThat(handover.give(FIRST, true)).isTrue();
    assertThat(taken).isEmpty();
    elsewhere.remove().run();
    assertThat(handover.finish()).isTrue();
    assertThat(taken).containsExactly(FIRST);
  }

  @Test
  void whoHasNothingElseToDoTakesTheListItself() throws Exception {
    Handover handover = handover(taken::add);

    assertThat(handover.give(FIRST, false)).isTrue();
    assertThat(elsewhere).isEmpty();
    assertThat(taken).containsExactly(FIRST);
  }

  @Test
  void whatNoThreadIsFreeForTheCallerTakes() throws Exception {
    for (Throwable none :
        List.of(new RejectedExecutionException(), new OutOfMemoryError("no thread"))) {
      taken.clear();
      Handover handover =
          new Handover(
              taken::add,
              task -> {
                if (none instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) none;
              },
              failures::incrementAndGet);

      assertThat(handover.give(FIRST, true)).isTrue();
      assertThat(taken).containsExactly(FIRST);
      assertThat(handover.finish()).isTrue();
    }
    assertThat(failures).hasValue(0);
  }

  @Test
  void oneListIsUnderWayAtATimeAndTheirOrderStays() throws Exception {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    AtomicBoolean inside = new AtomicBoolean();
    List<String> order = new ArrayList<>();
    Handover handover =
        new Handover(
            events -> {
              assertThat(inside.getAndSet(true)).as("two at a time").isFalse();
              mayGoOn.await();
              order.add(events.get(0).uuid());
              inside.set(false);
              return true;
            },
            Handover.OTHERS,
            failures::incrementAndGet);

    handover.give(FIRST, true);
    mayGoOn.countDown();
    handover.give(SECOND, true);
    handover.give(THIRD, false);

    assertThat(order).containsExactly("1", "2", "3");
    assertThat(failures).hasValue(0);
  }

  @Test
  void afterAClosedIntakeNothingIsGiven() throws Exception {
    Handover handover =
        handover(
            events -> {
              taken.add(events);
              return false;
            });
    handover.give(FIRST, true);
    assertThat(failures).hasValue(0);
    elsewhere.remove().run();

    assertThat(failures).as("who waits for bytes hears of it").hasValue(1);
    assertThat(handover.give(SECOND, true)).isFalse();
    assertThat(elsewhere).isEmpty();
    assertThat(taken).containsExactly(FIRST);
    assertThat(handover.finish()).as("it was told once").isTrue();
  }

  @Test
  void whatIsOverAtOnceIsToldAtOnce() throws Exception {
    Handover handover = new Handover(events -> false, Runnable::run, failures::incrementAndGet);

    assertThat(handover.give(FIRST, true)).isFalse();
  }

  @Test
  void aFailureElsewhereEndsTheReadingAndIsThrown() throws Exception {
    for (Throwable bug : List.of(new IllegalStateException("a bug"), new OutOfMemoryError("no"))) {
      failures.set(0);
      Handover handover =
          handover(
              events -> {
                if (bug instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) bug;
              });
      handover.give(FIRST, true);
      assertThat(failures).hasValue(0);
      elsewhere.remove().run();

      assertThat(failures).hasValue(1);
      assertThatThrownBy(handover::finish).isSameAs(bug);
    }
  }

  @Test
  void anInterruptReachesWhoTakesAndNothingIsUnderWayThen() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    AtomicBoolean left = new AtomicBoolean();
    Handover handover =
        new Handover(
            events -> {
              inside.countDown();
              try {
                never.await();
              } finally {
                left.set(true);
              }
              return true;
            },
            Handover.OTHERS,
            failures::incrementAndGet);
    handover.give(FIRST, true);
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    Thread.currentThread().interrupt();

    assertThatThrownBy(handover::finish).isInstanceOf(InterruptedException.class);
    assertThat(left).isTrue();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void whatIsTakenInSpiteOfAnInterruptIsToldSoAndTheInterruptStays() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Handover handover =
        new Handover(
            events -> {
              inside.countDown();
              boolean waits = true;
              while (waits) {
                try {
                  waits = !interrupted.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  // As a spool does: what it has begun it ends.
                  interrupted.countDown();
                }
              }
              return true;
            },
            Handover.OTHERS,
            failures::incrementAndGet);
    handover.give(FIRST, true);
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    Thread.currentThread().interrupt();

    assertThat(handover.finish()).isTrue();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(failures).hasValue(0);
  }

  @Test
  void anInterruptDoesNotReachWhatAThreadDoesNext() throws Exception {
    AtomicBoolean wasInterrupted = new AtomicBoolean();
    CountDownLatch inside = new CountDownLatch(1);
    // Of these tasks each runs on this one thread, one after the other.
    List<Runnable> tasks = new ArrayList<>();
    CountDownLatch goOn = new CountDownLatch(1);
    Handover handover =
        new Handover(
            events -> {
              inside.countDown();
              while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
              }
              return true;
            },
            tasks::add,
            failures::incrementAndGet);
    handover.give(FIRST, true);
    Thread worker =
        new Thread(
            () -> {
              tasks.get(0).run();
              wasInterrupted.set(Thread.currentThread().isInterrupted());
              goOn.countDown();
            });
    worker.start();
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    Thread.currentThread().interrupt();

    assertThat(handover.finish()).isTrue();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(wasInterrupted).isFalse();
  }
}
