package io.proofofplay.runner.ops;

import io.proofofplay.core.spi.TimeSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that answer callers, one a caller. A caller has one as long as he says what he wants,
 * and as long as he takes the answer in: one who does neither would hold up the others. So when all
 * are taken and another one comes, the thread that has waited for its caller for the longest lets
 * go of him, and his connection is closed. But not before it has waited for a while, which is more
 * than a caller takes who does his part; and not before the one that was let go the last time has
 * come off, as one place is enough for one who comes.
 *
 * <p>It is interrupted for that, which closes the channel that it waits at; and only while it waits
 * for its caller, never while it finds out what to say, which may have files open.
 *
 * <p>Thread-safe.
 */
final class CallerThreads implements Executor {

  /** What a caller may take for what he says, and for taking the answer in, if others wait. */
  private static final long WHILE = TimeUnit.MILLISECONDS.toNanos(100);

  /** What one who comes waits for a thread. */
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);

  private final TimeSource time;
  private final ThreadPoolExecutor threads;

  private final ReentrantLock lock = new ReentrantLock();

  /** A thread is free, or one waits for its caller that did not before. */
  private final Condition changed = lock.newCondition();

  private int free;

  /** Those that wait for their callers and since when, by how long. */
  private final Map<Thread, Long> waiting = new LinkedHashMap<>();

  /** Was told to let go of its caller, and has not come off yet; {@code null} for none. */
  private Thread leaving;

  /**
   * No thread yet.
   *
   * @param most how many callers may have one
   * @param time tells how long a caller is waited for
   */
  CallerThreads(int most, TimeSource time) {
    this(
        most,
        time,
        task -> {
          Thread thread = new Thread(task, "pop-ops");
          thread.setDaemon(true);
          return thread;
        });
  }

  CallerThreads(int most, TimeSource time, ThreadFactory factory) {
    this.free = most;
    this.time = time;
    threads =
        new ThreadPoolExecutor(
            most, most, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Has a caller answered. It returns when he has a thread, so that those who come one after the
   * other do not push out one who has not had the time to say anything.
   *
   * @throws RejectedExecutionException if no thread got free within a second
   */
  @Override
  public void execute(Runnable caller) {
    take();
    boolean has = false;
    try {
      threads.execute(() -> attend(caller));
      has = true;
    } finally {
      if (!has) {
        // The system may have no thread left for us; it will have one again.
        giveBack();
      }
    }
  }

  private void take() {
    lock.lock();
    try {
      long start = time.nanos();
      while (free == 0) {
        long left = LONGEST - (time.nanos() - start);
        if (left <= 0) {
          // It may never come off: who comes next tries it with another one.
          leaving = null;
          throw new RejectedExecutionException("all threads are at work");
        }
        time.await(changed, Math.min(left, letOneGo()));
      }
      free--;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RejectedExecutionException("interrupted while all threads are at work", e);
    } finally {
      lock.unlock();
    }
  }

  /** Makes room if that may be; otherwise says after how many nanoseconds it may. */
  private long letOneGo() {
    if (leaving != null || waiting.isEmpty()) {
      return LONGEST;
    }
    Iterator<Map.Entry<Thread, Long>> longest = waiting.entrySet().iterator();
    Map.Entry<Thread, Long> first = longest.next();
    long left = WHILE - (time.nanos() - first.getValue());
    if (left > 0) {
      return left;
    }
    leaving = first.getKey();
    longest.remove();
    leaving.interrupt();
    return LONGEST;
  }

  private void giveBack() {
    lock.lock();
    try {
      free++;
      if (leaving == Thread.currentThread()) {
        leaving = null;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void attend(Runnable caller) {
    waits();
    try {
      caller.run();
    } finally {
      works();
      giveBack();
    }
  }

  /** The current thread waits for its caller from now on. */
  void waits() {
    lock.lock();
    try {
      waiting.put(Thread.currentThread(), time.nanos());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The current thread waits for nobody from now on, and is not interrupted any more.
   *
   * @return whether it still has its caller
   */
  boolean works() {
    lock.lock();
    try {
      waiting.remove(Thread.currentThread());
      return !Thread.interrupted();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    threads.shutdownNow();
  }
}
