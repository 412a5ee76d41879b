package io.proofofplay.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call in a thread of its own, whose end a contract waits for. */
final class Background<T> {

  private final String name;
  private final FutureTask<T> task;
  private final Thread thread;

  private Background(ThreadGroup group, String name, Callable<T> call) {
    this.name = name;
    task = new FutureTask<>(call);
    thread = new Thread(group, task, name);
    // A broken implementation that never returns must not keep the test run from ending.
    thread.setDaemon(true);
  }

  static <T> Background<T> start(String name, Callable<T> call) {
    return start(Thread.currentThread().getThreadGroup(), name, call);
  }

  static <T> Background<T> start(ThreadGroup group, String name, Callable<T> call) {
    Background<T> background = new Background<>(group, name, call);
    background.thread.start();
    return background;
  }

  Thread thread() {
    return thread;
  }

  boolean isRunning() {
    return !task.isDone();
  }

  /** The call's result. Fails when it takes longer, and throws what the call threw as a failure. */
  T resultWithin(Duration limit) throws InterruptedException {
    try {
      return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      AssertionError late = new AssertionError(name + " did not end within " + limit);
      late.setStackTrace(thread.getStackTrace());
      throw late;
    } catch (ExecutionException e) {
      throw new AssertionError(name + " threw " + e.getCause(), e.getCause());
    }
  }
}
