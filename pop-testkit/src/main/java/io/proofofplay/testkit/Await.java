package io.proofofplay.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits, in real time, for what nobody tells of: a state of a thread, a file, a count behind a
 * callback. What a fake of this kit can tell of is better awaited there.
 *
 * <p>Every wait has its end, 10 s or what the system property {@code pop.testkit.patience} says in
 * seconds: a loop without one would go on after JUnit's {@code @Timeout}, whose interrupt it does
 * not hear.
 */
public final class Await {

  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(1).toNanos();

  /** What is waited for. */
  @FunctionalInterface
  public interface Condition {
    /**
     * Whether it is so by now.
     *
     * @return whether it is
     * @throws Exception if that cannot be found out; it ends the wait
     */
    boolean holds() throws Exception;
  }

  private Await() {}

  /**
   * Blocks until something is so.
   *
   * @param what what is waited for, for the message
   * @param condition looked at about once a millisecond
   * @throws AssertionError if it is not so in good time, or the thread is interrupted
   * @throws Exception what the condition throws
   */
  public static void until(String what, Condition condition) throws Exception {
    long until = System.nanoTime() + Patience.generous().toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - until >= 0 || Thread.currentThread().isInterrupted()) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }
}
