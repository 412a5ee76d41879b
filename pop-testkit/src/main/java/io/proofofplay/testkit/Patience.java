package io.proofofplay.testkit;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** How long the kit waits, in real time, before it says that something does not come. */
final class Patience {

  private static final String SECONDS = "pop.testkit.patience";
  private static final int USUAL = 10;
  private static final Duration ONE_SECOND = Duration.ofSeconds(1);

  private Patience() {}

  /**
   * For what must come, however busy the machine is: 10 s, or as many seconds as the system
   * property {@code pop.testkit.patience} says.
   */
  static Duration generous() {
    return Duration.ofSeconds(Integer.getInteger(SECONDS, USUAL));
  }

  /**
   * For what a rule allows a second: that second, and for a busy machine another, or a tenth of
   * {@link #generous} where that is more.
   */
  static Duration oneSecondRule() {
    return ONE_SECOND.plus(longer(ONE_SECOND, generous().dividedBy(USUAL)));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /**
   * Blocks until something is so that a lock guards.
   *
   * @param changed a condition of the lock, signalled whenever it may have become so
   * @param isSo looked at with the lock held
   * @param complaint what is said if it is not so in good time; asked with the lock held
   */
  static void await(
      ReentrantLock lock, Condition changed, BooleanSupplier isSo, Supplier<String> complaint)
      throws InterruptedException {
    lock.lock();
    try {
      long left = generous().toNanos();
      while (!isSo.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError(complaint.get());
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
