package io.proofofplay.packaging.infobeamer;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what another process does. The deadline is only reached when the test has failed. */
final class Await {

  private static final Duration GENEROUS = Duration.ofMinutes(2);
  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(5).toNanos();

  private Await() {}

  static void until(String what, Supplier<?> state, Callable<Boolean> condition) {
    long until = System.nanoTime() + GENEROUS.toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() - until >= 0) {
          throw new AssertionError("waited in vain for " + what + ": " + state.get());
        }
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      }
    } catch (AssertionError | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("waiting for " + what + " failed: " + state.get(), e);
    }
  }
}
