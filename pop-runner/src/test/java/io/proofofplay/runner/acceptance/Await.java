package io.proofofplay.runner.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Waits for what another process does and nobody tells of. The deadline is generous: it is only
 * reached when the test has failed.
 */
final class Await {

  /** For whatever must come, on a machine that does much else. */
  static final Duration GENEROUS = Duration.ofSeconds(Effort.isTorture() ? 240 : 90);

  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(5).toNanos();

  /** What is waited for. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws Exception;
  }

  private Await() {}

  /**
   * Waits. A condition that cannot be looked at, as when a file or a process goes in the middle of
   * the look, does not hold yet.
   *
   * @param what said if it does not come
   * @param state said as well, to find out why
   */
  static void until(String what, Supplier<?> state, Condition condition) {
    long until = System.nanoTime() + GENEROUS.toNanos();
    IOException unseen = null;
    try {
      while (true) {
        try {
          if (condition.holds()) {
            return;
          }
        } catch (IOException | UncheckedIOException e) {
          unseen = e instanceof UncheckedIOException wrapped ? wrapped.getCause() : (IOException) e;
        }
        if (System.nanoTime() - until >= 0) {
          throw new AssertionError(
              "waited in vain for "
                  + what
                  + (unseen == null ? "" : "; it could not be looked at: " + unseen)
                  + ": "
                  + state.get(),
              unseen);
        }
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      }
    } catch (AssertionError | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("waiting for " + what + " failed: " + e + "; " + state.get(), e);
    }
  }

  /** How much is left, which may be asked for in vain. */
  @FunctionalInterface
  interface Rest {
    long now() throws Exception;
  }

  /** Waits until nothing is left of what gets less, as long as it does. */
  static void theEndOf(String what, Supplier<?> state, Rest rest) {
    long[] least = {Long.MAX_VALUE};
    while (least[0] > 0) {
      until(
          what + " to get less than " + least[0],
          state,
          () -> {
            long now = rest.now();
            boolean less = now < least[0];
            least[0] = Math.min(least[0], now);
            return less;
          });
    }
  }
}
