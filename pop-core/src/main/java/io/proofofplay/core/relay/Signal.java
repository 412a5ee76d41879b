package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes a loop. A signal that nobody waits for is remembered until somebody does. */
final class Signal {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock for writing; read without it to save the lock when it is set already. */
  private volatile boolean raised;

  void raise() {
    if (raised) {
      return;
    }
    lock.lock();
    try {
      raised = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until raised, or until the time has passed; then it is lowered. */
  void await(TimeSource time, long nanos) throws InterruptedException {
    if (nanos <= 0) {
      return;
    }
    long began = time.nanos();
    lock.lock();
    try {
      while (!raised) {
        long left = nanos == Long.MAX_VALUE ? nanos : nanos - (time.nanos() - began);
        if (left <= 0) {
          break;
        }
        time.await(changed, left);
      }
      raised = false;
    } finally {
      lock.unlock();
    }
  }
}
