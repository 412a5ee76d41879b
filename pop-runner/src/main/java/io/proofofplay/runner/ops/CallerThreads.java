package io.proofofplay.runner.ops;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that answer callers, one a caller. A caller has one as long as he says what he wants,
 * and as long as he takes the answer in: one who does neither would hold up the others. So when all
 * are taken and another one comes, the thread that has waited for its caller for the longest lets
 * go of him, and his connection is closed.
 *
 * <p>It is interrupted for that, which closes the channel that it waits at; and only while it waits
 * for its caller, never while it finds out what to say, which may have files open.
 *
 * <p>Thread-safe.
 */
final class CallerThreads implements Executor {

  private static final int ROUNDS = 10;
  private static final int ROUND_MILLIS = 100;

  private final Semaphore free;
  private final ThreadPoolExecutor threads;

  /** Those that wait for their callers, by how long. */
  private final Deque<Thread> waiting = new ArrayDeque<>();

  /**
   * No thread yet.
   *
   * @param most how many callers may have one
   */
  CallerThreads(int most) {
    free = new Semaphore(most);
    threads =
        new ThreadPoolExecutor(
            most,
            most,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "pop-ops");
              thread.setDaemon(true);
              return thread;
            });
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
    if (!free.tryAcquire()) {
      makeRoom();
    }
    threads.execute(() -> attend(caller));
  }

  private void makeRoom() {
    try {
      for (int i = 0; i < ROUNDS; i++) {
        letOneGo();
        if (free.tryAcquire(ROUND_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RejectedExecutionException("all threads are at work");
  }

  private synchronized void letOneGo() {
    if (!waiting.isEmpty()) {
      waiting.removeFirst().interrupt();
    }
  }

  private void attend(Runnable caller) {
    waits();
    try {
      caller.run();
    } finally {
      works();
      free.release();
    }
  }

  /** The current thread waits for its caller from now on. */
  synchronized void waits() {
    waiting.addLast(Thread.currentThread());
  }

  /**
   * The current thread waits for nobody from now on, and is not interrupted any more.
   *
   * @return whether it still has its caller
   */
  synchronized boolean works() {
    waiting.remove(Thread.currentThread());
    return !Thread.interrupted();
  }

  void close() {
    threads.shutdownNow();
  }
}
