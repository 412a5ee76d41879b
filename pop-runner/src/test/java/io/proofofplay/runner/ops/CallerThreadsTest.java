package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class CallerThreadsTest {

  private final CallerThreads threads = new CallerThreads(2);

  @AfterEach
  void close() {
    threads.close();
  }

  /** A caller whose thread waits until it is let go or he speaks. */
  private final class Caller implements Runnable {
    private final CountDownLatch here = new CountDownLatch(1);
    private final CountDownLatch speaks = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile boolean letGo;

    @Override
    public void run() {
      here.countDown();
      try {
        speaks.await();
      } catch (InterruptedException e) {
        letGo = true;
      }
      gone.countDown();
    }

    Caller comes() throws InterruptedException {
      threads.execute(this);
      here.await();
      return this;
    }
  }

  @Test
  void whoHasWaitedForTheLongestIsLetGoWhenAllThreadsAreTaken() throws Exception {
    Caller first = new Caller().comes();
    Caller second = new Caller().comes();
    Caller third = new Caller().comes();
    first.gone.await();
    assertThat(first.letGo).isTrue();
    assertThat(second.gone.getCount()).as("there was room for two").isOne();

    Caller fourth = new Caller().comes();
    second.gone.await();
    assertThat(second.letGo).isTrue();
    third.speaks.countDown();
    fourth.speaks.countDown();
    third.gone.await();
    fourth.gone.await();
    assertThat(third.letGo || fourth.letGo).isFalse();
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
    assertThatThrownBy(() -> threads.execute(third)).isInstanceOf(RejectedExecutionException.class);
    enough.countDown();
    third.speaks.countDown();
    third.comes().gone.await();
    assertThat(third.letGo).isFalse();
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
    assertThat(next.letGo).isFalse();
  }
}
