package io.proofofplay.testkit;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Clocks that stand still until a test moves them.
 *
 * <p>The wall clock starts on 1 March 2026, the monotonic clock three seconds after its origin, as
 * on a device that has just booted: code that mixes the two, or that takes 0 for "long ago", shows
 * itself.
 *
 * <p>There are two ways to wait:
 *
 * <ul>
 *   <li>{@link #standing()}, for tests with several threads. A wait lasts until the condition is
 *       signalled or until {@link #advance} has passed its deadline. A test lets the threads come
 *       to rest with {@link #awaitWaiting}, then moves the clock. Moving it far in one step wakes
 *       each waiter once, at the end of the step; a test that needs every wake on the way moves
 *       from one {@link #nextWake()} to the next.
 *   <li>{@link #flowing()}, for scenarios in one thread. A wait ends at once, and the clocks have
 *       moved on by what was waited for. A month passes in microseconds.
 * </ul>
 *
 * <p>In both, {@link #after} runs an action when its time comes: a backend that returns after 30
 * days, for instance.
 *
 * <p>Thread-safe. No lock is held while an action runs.
 */
public final class ManualTime implements TimeSource {

  /** Where the wall clock starts unless a test says otherwise. */
  public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private static final long BOOTED = TimeUnit.SECONDS.toNanos(3);
  private static final long FOR_EVER = Long.MAX_VALUE;

  /**
   * How long a waiter sleeps in real time before it looks at the virtual clock again. The clock
   * cannot signal the waiter's condition: that needs the waiter's lock, which the thread that moves
   * the clock might never get.
   */
  private static final long GLANCE = TimeUnit.MILLISECONDS.toNanos(1);

  private record Planned(long due, long number, Runnable action) {}

  /**
   * One who waits.
   *
   * @param deadline until when
   * @param inside whether he does, or looks up just now
   */
  private record Waiter(long deadline, boolean inside) {}

  private final boolean flowing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition waitersChanged = lock.newCondition();
  private final List<Planned> plan = new ArrayList<>();

  /** Who waits, and until when. */
  private final Map<Thread, Waiter> waiters = new HashMap<>();

  private final long origin;
  private long elapsed;
  private Instant wall;
  private long planned;

  private ManualTime(boolean flowing, Instant wall, long origin) {
    this.flowing = flowing;
    this.wall = wall;
    this.origin = origin;
  }

  /**
   * Clocks for tests with several threads: a wait lasts until it is signalled or the clock was
   * moved.
   *
   * @return clocks that stand still
   */
  public static ManualTime standing() {
    return new ManualTime(false, START, BOOTED);
  }

  /**
   * Clocks for scenarios in one thread: a wait moves them by its length and ends at once.
   *
   * @return clocks that every wait moves
   */
  public static ManualTime flowing() {
    return new ManualTime(true, START, BOOTED);
  }

  /**
   * The same kind of clocks with other origins.
   *
   * @param wall where the wall clock starts
   * @param nanos where the monotonic clock starts; near {@link Long#MAX_VALUE} it overflows soon,
   *     as the monotonic clock may
   * @return clocks that have not moved yet
   */
  public ManualTime startingAt(Instant wall, long nanos) {
    return new ManualTime(flowing, wall, nanos);
  }

  @Override
  public long nanos() {
    lock.lock();
    try {
      return origin + elapsed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Instant now() {
    lock.lock();
    try {
      return wall;
    } finally {
      lock.unlock();
    }
  }

  /**
   * How far the monotonic clock has moved since the start.
   *
   * @return the virtual time that has passed
   */
  public Duration elapsed() {
    lock.lock();
    try {
      return Duration.ofNanos(elapsed);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves both clocks, runs what was planned on the way, each at its own time, and wakes the
   * waiters whose deadline has come. They wake by themselves within a few milliseconds of real
   * time, when they get their lock; this does not wait for them.
   *
   * @param step how far, 0 or more
   */
  public void advance(Duration step) {
    if (step.isNegative()) {
      throw new IllegalArgumentException("step " + step + " is below 0; time does not run back");
    }
    moveTo(elapsedNanos() + step.toNanos());
  }

  /**
   * Moves the wall clock alone, as a time server or an operator does.
   *
   * @param step how far, also backwards
   */
  public void jumpWall(Duration step) {
    lock.lock();
    try {
      wall = wall.plus(step);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Plans an action. It is run by the thread that moves the clock past its time, with the clock at
   * exactly that time, outside of any lock of this clock. It must not move the clock itself.
   *
   * @param delay when, from now
   * @param action what to do
   */
  public void after(Duration delay, Runnable action) {
    lock.lock();
    try {
      plan.add(new Planned(elapsed + delay.toNanos(), planned++, action));
      plan.sort(Comparator.comparingLong(Planned::due).thenComparingLong(Planned::number));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits as {@link TimeSource#await} says, in virtual time.
   *
   * @throws IllegalStateException if the clock flows and the wait is for ever with nothing planned:
   *     in a single thread nobody could end it
   */
  @Override
  public void await(Condition condition, long nanos) throws InterruptedException {
    if (nanos <= 0) {
      return;
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (flowing) {
      flow(nanos);
    } else {
      stand(condition, nanos);
    }
  }

  /**
   * How many threads wait at this moment with a deadline that has not come.
   *
   * @return the number of them
   */
  public int waiting() {
    lock.lock();
    try {
      return stillWaiting();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Blocks, in real time, until so many threads wait with a deadline that has not come.
   *
   * @param threads how many, at least
   * @throws AssertionError if there are fewer for 10 s
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitWaiting(int threads) throws InterruptedException {
    Patience.await(
        lock,
        waitersChanged,
        () -> asleep() >= threads,
        () -> "only " + asleep() + " of " + threads + " threads came to wait");
  }

  /**
   * How far the clock must move for the next waiter or planned action.
   *
   * @return the time until then, 0 or more; empty if all wait for ever and nothing is planned
   */
  public Optional<Duration> nextWake() {
    lock.lock();
    try {
      long next = plan.isEmpty() ? FOR_EVER : plan.get(0).due();
      for (Waiter waiter : waiters.values()) {
        if (waiter.inside() || waiter.deadline() > elapsed) {
          next = Math.min(next, waiter.deadline());
        }
      }
      return next == FOR_EVER
          ? Optional.empty()
          : Optional.of(Duration.ofNanos(Math.max(0, next - elapsed)));
    } finally {
      lock.unlock();
    }
  }

  private void flow(long nanos) {
    if (nanos != FOR_EVER) {
      moveTo(elapsedNanos() + nanos);
      return;
    }
    Optional<Duration> next = nextWake();
    if (next.isEmpty()) {
      throw new IllegalStateException("a wait for ever, and nothing is planned that could end it");
    }
    moveTo(elapsedNanos() + next.get().toNanos());
  }

  /**
   * Sleeps for a glance and returns, as a wait may for no reason: only the caller can see whether
   * he was signalled just when the glance ended, which no condition tells.
   */
  // The loop around the wait for the predicate is the caller's.
  @SuppressWarnings("WaitNotInLoop")
  private void stand(Condition condition, long nanos) throws InterruptedException {
    long deadline = enter(nanos);
    boolean looksUp = false;
    try {
      looksUp = !condition.await(GLANCE, TimeUnit.NANOSECONDS) && elapsedNanos() < deadline;
    } finally {
      leave(looksUp, deadline);
    }
  }

  private long enter(long nanos) {
    lock.lock();
    try {
      long deadline = elapsed > FOR_EVER - nanos ? FOR_EVER : elapsed + nanos;
      waiters.put(Thread.currentThread(), new Waiter(deadline, true));
      waitersChanged.signalAll();
      return deadline;
    } finally {
      lock.unlock();
    }
  }

  private void leave(boolean looksUp, long deadline) {
    lock.lock();
    try {
      if (looksUp) {
        waiters.put(Thread.currentThread(), new Waiter(deadline, false));
      } else {
        waiters.remove(Thread.currentThread());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Those who look up just now will wait again in a moment, unless they were signalled. */
  private int stillWaiting() {
    waiters.keySet().removeIf(thread -> !thread.isAlive());
    return (int) waiters.values().stream().filter(waiter -> waiter.deadline() > elapsed).count();
  }

  private int asleep() {
    return (int)
        waiters.values().stream()
            .filter(waiter -> waiter.inside() && waiter.deadline() > elapsed)
            .count();
  }

  private long elapsedNanos() {
    lock.lock();
    try {
      return elapsed;
    } finally {
      lock.unlock();
    }
  }

  private void moveTo(long target) {
    while (true) {
      Runnable action;
      lock.lock();
      try {
        if (plan.isEmpty() || plan.get(0).due() > target) {
          set(target);
          return;
        }
        Planned next = plan.remove(0);
        set(next.due());
        action = next.action();
      } finally {
        lock.unlock();
      }
      action.run();
    }
  }

  private void set(long nanos) {
    if (nanos > elapsed) {
      wall = wall.plusNanos(nanos - elapsed);
      elapsed = nanos;
    }
  }
}
