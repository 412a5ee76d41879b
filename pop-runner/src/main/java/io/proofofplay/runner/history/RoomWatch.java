package io.proofofplay.runner.history;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Looks once a second whether events have room, also when nothing is delivered and the history
 * writes nothing, or when nobody plays and somebody else fills the disk.
 *
 * <p>Thread-safe.
 */
final class RoomWatch implements Runnable, AutoCloseable {

  private static final long EVERY = Duration.ofSeconds(1).toNanos();

  private final RoomForEvents room;
  private final TimeSource time;
  private final RoomForEvents.Giving[] giving;
  private final Set<String> inTrouble = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean closed;

  /**
   * One that looks when it is told to.
   *
   * @param giving who gives way, who is to go first coming first
   */
  RoomWatch(RoomForEvents room, TimeSource time, RoomForEvents.Giving... giving) {
    this.room = room;
    this.time = time;
    this.giving = giving.clone();
  }

  /** A sink's storage cannot do what it should, or can again. */
  void trouble(String sink, boolean lasts) {
    if (lasts) {
      inTrouble.add(sink);
    } else {
      inTrouble.remove(sink);
    }
  }

  /** Looks once. */
  void runOnce() {
    room.demand(inTrouble.isEmpty() ? room.last() : room.inTrouble(), giving);
  }

  @Override
  public void run() {
    long due = time.nanos();
    lock.lock();
    try {
      while (!closed) {
        long left = due - time.nanos();
        if (left > 0) {
          time.await(changed, left);
          continue;
        }
        lock.unlock();
        try {
          runOnce();
        } finally {
          lock.lock();
        }
        due = time.nanos() + EVERY;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Ends {@link #run}. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
