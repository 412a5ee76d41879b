package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Await;
import io.proofofplay.testkit.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class CallerThreadsTest {

  private final ManualTime time = ManualTime.standing();

  /** How often one who comes has looked whether there is room. */
  private final AtomicInteger looks = new AtomicInteger();

  private final AtomicInteger refusedThreads = new AtomicInteger();

  private final CallerThreads threads =
      new CallerThreads(
          2,
          new TimeSource() {
            @Override
            public long nanos() {
              return time.nanos();
            }

            @Override
            public Instant now() {
              return time.now();
            }

            @Override
            public void await(Condition condition, long nanos) throws InterruptedException {
              looks.incrementAndGet();
              time.await(condition, nanos);
            }
          },
          task -> {
            if (refusedThreads.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
              throw new OutOfMemoryError("unable to create native thread");
            }
            return new Thread(task, "caller");
          });

  @AfterEach
  void close() {
    threads.close();
  }

  /** A caller whose thread waits until it is let go or he speaks. */
  private final class Caller implements Runnable {
    private final CountDownLatch here = new CountDownLatch(1);
    private final CountDownLatch speaks = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final CountDownLatch comesOff;

    Caller() {
      this(new CountDownLatch(0));
    }

    /** One whose thread hears that it is to let go, and takes its time. */
    Caller(CountDownLatch comesOff) {
      this.comesOff = comesOff;
    }

    @Override
    public void run() {
      here.countDown();
      try {
        speaks.await();
      } catch (InterruptedException e) {
        letGo.countDown();
      }
      try {
        comesOff.await();
      } catch (InterruptedException e) {
        throw new AssertionError("it is let go of once", e);
      }
      gone.countDown();
    }

    boolean isLetGo() {
      return letGo.getCount() == 0;
    }

    Caller comes() throws InterruptedException {
      threads.execute(this);
      here.await();
      return this;
    }

    /** Comes and has to wait for a thread. */
    FutureTask<Caller> waitsAtTheDoor() throws Exception {
      FutureTask<Caller> arrival = new FutureTask<>(this::comes);
      int before = looks.get();
      new Thread(arrival, "door").start();
      Await.until("one who looks whether there is room", () -> looks.get() > before);
      return arrival;
    }
  }

  /** Those at the door look up so often that nothing is left for them to do. */
  private void theyLookAround() throws Exception {
    int before = looks.get();
    Await.until("those at the door to look around", () -> looks.get() > before + 5);
  }

  @Test
  void whoHasWaitedForTheLongestIsLetGoWhenAllThreadsAreTaken() throws Exception {
    Caller first = new Caller().comes();
    time.advance(Duration.ofMillis(60));
    Caller second = new Caller().comes();
    time.advance(Duration.ofMillis(50));
    Caller third = new Caller().comes();
    assertThat(first.isLetGo()).isTrue();
    assertThat(second.isLetGo()).as("there was room for two").isFalse();

    Caller fourth = new Caller();
    FutureTask<Caller> arrival = fourth.waitsAtTheDoor();
    theyLookAround();
    assertThat(second.isLetGo()).as("it has waited for 50 ms").isFalse();
    time.advance(Duration.ofMillis(50));
    arrival.get();
    assertThat(second.isLetGo()).isTrue();
    third.speaks.countDown();
    fourth.speaks.countDown();
    third.gone.await();
    fourth.gone.await();
    assertThat(third.isLetGo() || fourth.isLetGo()).isFalse();
  }

  @Test
  void whoDoesHisPartInGoodTimeIsNotCutHoweverManyCome() throws Exception {
    Caller before = new Caller().comes();
    Caller last = new Caller().comes();
    for (int i = 0; i < 20; i++) {
      Caller next = new Caller();
      FutureTask<Caller> arrival = next.waitsAtTheDoor();
      theyLookAround();
      time.advance(Duration.ofMillis(40));
      before.speaks.countDown();
      before.gone.await();
      arrival.get();
      assertThat(before.isLetGo()).as("caller %d", i).isFalse();
      before = last;
      last = next;
    }
    before.speaks.countDown();
    last.speaks.countDown();
  }

  @Test
  void noOtherIsLetGoWhileTheFirstHasNotComeOff() throws Exception {
    CountDownLatch comesOff = new CountDownLatch(1);
    Caller first = new Caller(comesOff).comes();
    Caller second = new Caller().comes();
    time.advance(Duration.ofMillis(500));
    Caller third = new Caller();
    FutureTask<Caller> arrival = third.waitsAtTheDoor();
    first.letGo.await();
    theyLookAround();
    comesOff.countDown();
    arrival.get();
    assertThat(second.isLetGo()).as("one place was enough").isFalse();
    second.speaks.countDown();
    third.speaks.countDown();
  }

  @Test
  void oneThatNeverComesOffIsNotWaitedForAgain() throws Exception {
    CountDownLatch comesOff = new CountDownLatch(1);
    Caller first = new Caller(comesOff).comes();
    Caller second = new Caller().comes();
    time.advance(Duration.ofMillis(500));
    FutureTask<Caller> refused = new Caller().waitsAtTheDoor();
    first.letGo.await();
    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(refused::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(RejectedExecutionException.class);

    Caller third = new Caller().comes();
    assertThat(second.isLetGo()).isTrue();
    comesOff.countDown();
    third.speaks.countDown();
  }

  @Test
  void aThreadThatTheSystemDidNotGiveIsAskedForAgain() throws Exception {
    refusedThreads.set(5);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> threads.execute(new Caller())).isInstanceOf(OutOfMemoryError.class);
    }
    Caller first = new Caller().comes();
    Caller second = new Caller().comes();
    first.speaks.countDown();
    second.speaks.countDown();
    first.gone.await();
    second.gone.await();
    assertThat(first.isLetGo() || second.isLetGo()).isFalse();
  }

  @Test
  void aThreadThatWorksIsNeverInterrupted() throws Exception {
    CountDownLatch working = new CountDownLatch(2);
    CountDownLatch enough = new CountDownLatch(1);
    AtomicReference<InterruptedException> interrupted = new AtomicReference<>();
    for (int i = 0; i < 2; i++) {
      threads.execute(
          () -> {
            threads.works();
            working.countDown();
            try {
              enough.await();
            } catch (InterruptedException e) {
              interrupted.set(e);
            }
          });
    }
    working.await();
    Caller third = new Caller();
    FutureTask<Caller> refused = third.waitsAtTheDoor();
    theyLookAround();
    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(refused::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(RejectedExecutionException.class);
    enough.countDown();
    third.speaks.countDown();
    third.comes().gone.await();
    assertThat(third.isLetGo()).isFalse();
    assertThat(interrupted.get()).isNull();
  }

  @Test
  void anInterruptThatCameTooLateTouchesNoOtherCaller() throws Exception {
    AtomicReference<Boolean> kept = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    threads.execute(
        () -> {
          Thread.currentThread().interrupt();
          kept.set(threads.works());
          done.countDown();
        });
    done.await();
    assertThat(kept.get()).as("he was let go before he had said all").isFalse();
    Caller next = new Caller().comes();
    next.speaks.countDown();
    next.gone.await();
    assertThat(next.isLetGo()).isFalse();
  }
}
