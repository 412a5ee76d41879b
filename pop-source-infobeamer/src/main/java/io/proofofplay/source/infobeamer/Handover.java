package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.PopEvent;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Hands the events of one connection over, list after list in their order: on the thread that
 * reads, or, while more can be read at once, on another one, so that a busy player's next events
 * are read and looked at while a disk is waited for. One list is under way at a time.
 *
 * <p>All but what it runs on another thread belongs to the thread that reads. What that thread did
 * before a list was given is seen by who takes it, and the other way round after {@link #finish}.
 */
final class Handover {

  /** Who takes the events. */
  @FunctionalInterface
  interface Taker {

    /**
     * Takes events; says whether more may come.
     *
     * @throws InterruptedException if the thread was interrupted while it waited for room
     */
    boolean take(List<PopEvent> events) throws InterruptedException;
  }

  private static final long IDLE_SECONDS = 5;

  /**
   * The threads that all sources share: as many as can run at a time, and none when there is
   * nothing for them to do. Without a queue: what no thread is free for, its source does itself.
   */
  static final Executor OTHERS =
      new ThreadPoolExecutor(
          0,
          Runtime.getRuntime().availableProcessors(),
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "pop-handover");
            thread.setDaemon(true);
            return thread;
          });

  private final Taker taker;
  private final Executor others;
  private final Runnable atEnd;

  /** What was given to another thread and not asked for yet, or {@code null}. */
  private Round round;

  /**
   * Nothing is under way yet.
   *
   * @param others runs what is given, at once or not at all
   * @param atEnd ends the reading, when a taker on another thread has failed or wants no more: who
   *     reads may wait for bytes that never come
   */
  Handover(Taker taker, Executor others, Runnable atEnd) {
    this.taker = taker;
    this.others = others;
    this.atEnd = atEnd;
  }

  /**
   * Hands events over, once those before are taken.
   *
   * @param isMoreThere whether the caller has something to do meanwhile
   * @return whether more may come, as far as is known
   */
  boolean give(List<PopEvent> events, boolean isMoreThere) throws InterruptedException {
    if (!finish()) {
      return false;
    }
    if (isMoreThere && isBegunElsewhere(events)) {
      return !round.isOver() || finish();
    }
    return taker.take(events);
  }

  private boolean isBegunElsewhere(List<PopEvent> events) {
    Round next = new Round(events);
    try {
      others.execute(next);
      round = next;
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // All are busy, or the system gives no thread, which Java calls a lack of memory.
      return false;
    }
  }

  /**
   * Waits until nothing is under way; an interrupt is passed on.
   *
   * @return whether more may come
   */
  boolean finish() throws InterruptedException {
    Round last = round;
    if (last == null) {
      return true;
    }
    round = null;
    return last.outcome();
  }

  /** One list, on its way. */
  private final class Round implements Runnable {

    /** Given to the taker, and not kept: who reads may ask for the outcome much later. */
    private List<PopEvent> events;

    private final CountDownLatch over = new CountDownLatch(1);

    // Guarded by this.
    private Thread thread;
    private boolean interrupted;

    // Written before it is over, read after.
    private boolean open;
    private Throwable failure;

    Round(List<PopEvent> events) {
      this.events = events;
    }

    @Override
    public void run() {
      try {
        begin();
        open = taker.take(events);
      } catch (InterruptedException | RuntimeException | Error e) {
        failure = e;
      } finally {
        events = null;
        if (!open) {
          atEnd.run();
        }
        end();
        over.countDown();
      }
    }

    private synchronized void begin() {
      thread = Thread.currentThread();
      if (interrupted) {
        thread.interrupt();
      }
    }

    /** From here on an interrupt would meet what this thread does next. */
    private synchronized void end() {
      boolean ours = thread == Thread.currentThread() && interrupted;
      thread = null;
      if (ours) {
        Thread.interrupted();
      }
    }

    private synchronized void interrupt() {
      interrupted = true;
      if (thread != null) {
        thread.interrupt();
      }
    }

    boolean isOver() {
      return over.getCount() == 0;
    }

    boolean outcome() throws InterruptedException {
      boolean wasInterrupted = false;
      while (true) {
        try {
          over.await();
          break;
        } catch (InterruptedException e) {
          wasInterrupted = true;
          interrupt();
        }
      }
      if (failure instanceof InterruptedException interruption) {
        throw interruption;
      }
      if (wasInterrupted) {
        // They were taken in spite of it; whoever waits next will hear of it.
        Thread.currentThread().interrupt();
      }
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof RuntimeException bug) {
        throw bug;
      }
      return open;
    }
  }
}
