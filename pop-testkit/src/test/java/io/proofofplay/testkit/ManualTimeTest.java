package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class ManualTimeTest {

  private final ManualTime time = ManualTime.standing();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition condition = lock.newCondition();

  // Guarded by the lock.
  private boolean signalled;

  @Test
  void bothClocksMoveTogetherFromDifferentOrigins() {
    long nanos = time.nanos();
    assertThat(time.now()).isEqualTo(ManualTime.START);
    assertThat(nanos).isNotEqualTo(ManualTime.START.getEpochSecond() * 1_000_000_000L);

    time.advance(Duration.ofDays(30).plusNanos(7));

    assertThat(time.nanos() - nanos).isEqualTo(Duration.ofDays(30).toNanos() + 7);
    assertThat(time.now()).isEqualTo(ManualTime.START.plus(Duration.ofDays(30)).plusNanos(7));
    assertThat(time.elapsed()).isEqualTo(Duration.ofDays(30).plusNanos(7));
  }

  @Test
  void aJumpOfTheWallClockLeavesTheOtherAlone() {
    long nanos = time.nanos();
    time.jumpWall(Duration.ofDays(-20_000));

    assertThat(time.nanos()).isEqualTo(nanos);
    assertThat(time.now()).isEqualTo(ManualTime.START.minus(Duration.ofDays(20_000)));
  }

  @Test
  void theMonotonicClockCanOverflow() {
    ManualTime old = time.startingAt(Instant.EPOCH, Long.MAX_VALUE - 10);
    long before = old.nanos();
    old.advance(Duration.ofNanos(20));

    assertThat(old.nanos()).isNegative();
    assertThat(old.nanos() - before).isEqualTo(20);
    assertThat(old.now()).isEqualTo(Instant.EPOCH.plusNanos(20));
  }

  @Test
  void timeDoesNotRunBack() {
    assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSignalThatComesJustWhenAGlanceEndsIsHeard() throws Exception {
    Thread waiter =
        new Thread(
            () -> {
              lock.lock();
              try {
                while (!signalled) {
                  time.await(condition, Long.MAX_VALUE);
                }
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              } finally {
                lock.unlock();
              }
            });
    waiter.start();
    time.awaitWaiting(1);
    lock.lock();
    try {
      // He has looked up by then, and is no more on the condition: he wants the lock.
      Await.until("him to want the lock", () -> lock.hasQueuedThread(waiter));
      signalled = true;
      condition.signalAll();
    } finally {
      lock.unlock();
    }
    waiter.join(Patience.generous().toMillis());

    assertThat(waiter.isAlive()).isFalse();
    assertThat(time.waiting()).isZero();
  }

  @Test
  void aWaitEndsWhenTheClockHasPassedItsDeadline() throws InterruptedException {
    Background<Duration> waiting = Background.start("wait", () -> await(Duration.ofMinutes(1)));
    time.awaitWaiting(1);
    assertThat(time.nextWake()).contains(Duration.ofMinutes(1));

    time.advance(Duration.ofSeconds(59));
    assertThat(time.waiting()).isEqualTo(1);
    assertThat(waiting.isRunning()).isTrue();
    time.advance(Duration.ofSeconds(1));

    assertThat(waiting.resultWithin(Patience.generous())).isEqualTo(Duration.ofMinutes(1));
    assertThat(time.waiting()).isZero();
  }

  @Test
  void advancingUnderTheWaitersLockIsNoDeadlock() throws InterruptedException {
    Background<Duration> waiting = Background.start("wait", () -> await(Duration.ofMinutes(1)));
    time.awaitWaiting(1);
    lock.lock();
    try {
      time.advance(Duration.ofMinutes(1));
      assertThat(waiting.isRunning()).isTrue();
    } finally {
      lock.unlock();
    }

    assertThat(waiting.resultWithin(Patience.generous())).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void aSignalEndsAWaitForEverWithoutAnyTime() throws InterruptedException {
    Background<Duration> waiting =
        Background.start("wait", () -> await(Duration.ofNanos(Long.MAX_VALUE)));
    time.awaitWaiting(1);
    assertThat(time.nextWake()).isEmpty();
    lock.lock();
    try {
      signalled = true;
      condition.signal();
    } finally {
      lock.unlock();
    }

    assertThat(waiting.resultWithin(Patience.generous())).isEqualTo(Duration.ZERO);
  }

  @Test
  void anInterruptEndsAWait() throws InterruptedException {
    Background<Duration> waiting = Background.start("wait", () -> await(Duration.ofMinutes(1)));
    time.awaitWaiting(1);
    waiting.thread().interrupt();

    assertThatThrownBy(() -> waiting.resultWithin(Patience.generous()))
        .hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void nothingToWaitForReturnsAtOnce() throws InterruptedException {
    assertThat(await(Duration.ZERO)).isEqualTo(Duration.ZERO);
    assertThat(await(Duration.ofNanos(-5))).isEqualTo(Duration.ZERO);
  }

  @Test
  void flowingTimePassesByWaiting() throws InterruptedException {
    ManualTime flowing = ManualTime.flowing();
    lock.lock();
    try {
      flowing.await(condition, Duration.ofDays(30).toNanos());
    } finally {
      lock.unlock();
    }

    assertThat(flowing.elapsed()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void plannedActionsRunInOrderAtTheirOwnTime() {
    List<String> story = new ArrayList<>();
    time.after(Duration.ofSeconds(20), () -> story.add("second at " + time.elapsed()));
    time.after(Duration.ofSeconds(10), () -> story.add("first at " + time.elapsed()));
    time.after(
        Duration.ofSeconds(20),
        () -> time.after(Duration.ofSeconds(5), () -> story.add("third at " + time.elapsed())));
    time.after(Duration.ofSeconds(31), () -> story.add("never"));

    time.advance(Duration.ofSeconds(30));

    assertThat(story).containsExactly("first at PT10S", "second at PT20S", "third at PT25S");
    assertThat(time.nextWake()).contains(Duration.ofSeconds(1));
  }

  @Test
  void aWaitForEverInFlowingTimeEndsWithTheNextPlannedAction() throws InterruptedException {
    ManualTime flowing = ManualTime.flowing();
    flowing.after(Duration.ofHours(3), () -> {});
    lock.lock();
    try {
      flowing.await(condition, Long.MAX_VALUE);
      assertThat(flowing.elapsed()).isEqualTo(Duration.ofHours(3));
      assertThatThrownBy(() -> flowing.await(condition, Long.MAX_VALUE))
          .isInstanceOf(IllegalStateException.class);
    } finally {
      lock.unlock();
    }
  }

  // One wait is what these tests are about, not a predicate.
  @SuppressWarnings("WaitNotInLoop")
  private Duration await(Duration longest) throws InterruptedException {
    Duration before = time.elapsed();
    lock.lock();
    try {
      long left = longest.toNanos();
      while (!signalled && left > 0) {
        time.await(condition, left);
        left = longest.minus(time.elapsed().minus(before)).toNanos();
      }
    } finally {
      lock.unlock();
    }
    return time.elapsed().minus(before);
  }
}
