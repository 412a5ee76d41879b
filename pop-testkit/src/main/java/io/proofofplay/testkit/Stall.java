package io.proofofplay.testkit;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where a disk may hang: whoever passes while it does is held until it is over. An interrupt does
 * not help, as it would not with a disk.
 *
 * <p>Thread-safe.
 */
final class Stall {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean on;
  private int held;

  void begin() {
    lock.lock();
    try {
      on = true;
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      on = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void pass() {
    lock.lock();
    try {
      held++;
      changed.signalAll();
      while (on) {
        changed.awaitUninterruptibly();
      }
      held--;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until somebody is held. */
  void awaitHeld() throws InterruptedException {
    Patience.await(lock, changed, () -> held > 0, () -> "the storage was asked for nothing");
  }
}
