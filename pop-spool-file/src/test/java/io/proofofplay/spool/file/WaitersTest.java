package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.spool.file.Waiters.Waiter;
import io.proofofplay.spool.file.Waiters.Word;
import java.io.IOException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Who is woken when a force has ended, and who sleeps on. */
class WaitersTest {

  private final Waiters waiters = new Waiters();

  private Waiter appendAndWait() {
    waiters.appended(true);
    return waiters.enter(waiters.own().getAsLong());
  }

  @Test
  void onlyThoseWhoseEventsAreSafeAreWokenAndOneOfTheOthersToForce() {
    Waiter first = appendAndWait();
    long upTo = waiters.ticket();
    Waiter second = appendAndWait();
    Waiter third = appendAndWait();

    waiters.kept(upTo);
    waiters.roundOver();

    assertThat(first.word()).isEqualTo(Word.KEPT);
    assertThat(second.word()).isEqualTo(Word.FORCE);
    assertThat(third.word()).isEqualTo(Word.NONE);
  }

  @Test
  void whoHasBeenToldToForceAndHasNotComeYetIsTheOnlyOne() {
    Waiter first = appendAndWait();
    Waiter second = appendAndWait();

    waiters.roundOver();
    waiters.roundOver();

    assertThat(first.word()).isEqualTo(Word.FORCE);
    assertThat(second.word()).isEqualTo(Word.NONE);
  }

  @Test
  void whoFindsSomebodyElseForcingIsToldAgain() {
    Waiter first = appendAndWait();
    waiters.roundOver();
    waiters.stay(first);
    assertThat(first.word()).isEqualTo(Word.NONE);

    waiters.roundOver();

    assertThat(first.word()).isEqualTo(Word.FORCE);
  }

  @Test
  void anotherIsToldWhenTheOneThatForcedCouldNot() {
    Waiter first = appendAndWait();
    Waiter second = appendAndWait();
    waiters.roundOver();
    waiters.leave(first);

    waiters.roundOver();

    assertThat(second.word()).isEqualTo(Word.FORCE);
  }

  @Test
  void whoSleepsOrWillAskHearsThatItsEventsAreTakenOut() throws Exception {
    Waiter sleeper = appendAndWait();
    FutureTask<Boolean> failing =
        new FutureTask<>(
            () -> {
              waiters.appended(true);
              assertThat(waiters.own()).isPresent();
              waiters.fail(new IOException("no disk"));
              return waiters.isBetrayed();
            });
    run(failing);

    assertThat(failing.get(20, TimeUnit.SECONDS)).as("who has failed knows").isFalse();
    assertThat(sleeper.sleep()).isEqualTo(Word.FAILED);
    assertThat(sleeper.failure()).hasMessage("no disk");
    assertThat(waiters.isBetrayed()).as("who was woken knows").isFalse();
    waiters.appended(true);
    FutureTask<Boolean> again =
        new FutureTask<>(
            () -> {
              waiters.fail(new IOException("no disk"));
              return true;
            });
    run(again);
    assertThat(again.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(waiters.isBetrayed()).as("who has not asked yet").isTrue();
  }

  @Test
  void whatBecomesOfTheEventsOfOthersIsNotOnesOwn() throws Exception {
    waiters.appended(true);
    waiters.kept(waiters.ticket());
    appendElsewhere();

    Waiter own = waiters.enter(waiters.own().getAsLong());
    assertThat(waiters.own()).as("asked for once").isEmpty();
    Waiter all = waiters.enter(waiters.ticket());
    waiters.fail(new IOException("no disk"));

    assertThat(own.word()).isEqualTo(Word.KEPT);
    assertThat(all.word()).as("who has appended nothing asks for all").isEqualTo(Word.FAILED);
  }

  @Test
  void whoWillAskForWhatIsSafeHearsNothingOfWhatIsNot() throws Exception {
    waiters.appended(true);
    waiters.kept(waiters.ticket());
    appendElsewhere();

    waiters.fail(new IOException("no disk"));

    assertThat(waiters.isBetrayed()).isFalse();
    assertThat(waiters.isKept(waiters.own().getAsLong())).isTrue();
  }

  private void appendElsewhere() throws Exception {
    FutureTask<Void> other =
        new FutureTask<>(
            () -> {
              waiters.appended(true);
              return null;
            });
    run(other);
    other.get(20, TimeUnit.SECONDS);
  }

  @Test
  void anInterruptEndsNoSleepAndIsNotForgotten() throws Exception {
    Waiter[] entered = new Waiter[1];
    FutureTask<Boolean> sleeper =
        new FutureTask<>(
            () -> {
              synchronized (waiters) {
                entered[0] = appendAndWait();
              }
              Thread.currentThread().interrupt();
              Word word = entered[0].sleep();
              return word == Word.KEPT && Thread.currentThread().isInterrupted();
            });
    Thread thread = run(sleeper);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    boolean sleepsAgain = false;
    while (!sleepsAgain && System.nanoTime() < until) {
      Thread.onSpinWait();
      // An interrupted thread counts as one that waits for the moment in which its sleep ends. So
      // it must have laid itself down first, then have taken note of the interrupt, then wait.
      sleepsAgain =
          LockSupport.getBlocker(thread) instanceof Waiter
              && !thread.isInterrupted()
              && thread.getState() == Thread.State.WAITING;
    }
    assertThat(sleepsAgain).as("it sleeps again").isTrue();
    synchronized (waiters) {
      waiters.kept(waiters.ticket());
      waiters.roundOver();
    }

    assertThat(sleeper.get(20, TimeUnit.SECONDS)).isTrue();
  }

  private static Thread run(FutureTask<?> task) {
    Thread thread = new Thread(task, "waiter");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
