package io.proofofplay.spool.file;

import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Forces several files at the same time. A journaling file system commits for all who wait at once,
 * and a disk that is told of several writes orders them; one after the other, each force waits for
 * a commit of its own.
 *
 * <p>The caller forces as well, and all of them if there is no other thread to be had. The others
 * end when nothing came for a while.
 *
 * <p>Thread-safe: several callers share the threads.
 */
final class JointForce {

  /** How many files at a time, the caller's included: more at a time were no faster. */
  static final int MOST = 8;

  private static final long IDLE_SECONDS = 5;

  private final ThreadPoolExecutor others;

  JointForce() {
    this(
        task -> {
          Thread thread = new Thread(task, "pop-force");
          thread.setDaemon(true);
          return thread;
        });
  }

  JointForce(ThreadFactory factory) {
    // Without a queue: what no thread is free for, the caller does.
    others =
        new ThreadPoolExecutor(
            0, MOST - 1, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
  }

  /**
   * Forces files; when it returns or throws, no force is under way. An interrupt changes nothing.
   *
   * @throws IOException if it failed for at least one of them; the others may be safe
   */
  void force(List<OpenFile> files) throws IOException {
    Round round = new Round(files);
    int wanted = Math.min(files.size(), MOST) - 1;
    while (wanted > 0 && helps(round)) {
      wanted--;
    }
    round.run();
    round.finish();
  }

  /** Has another thread take part, if there is one to be had. */
  private boolean helps(Round round) {
    try {
      others.execute(round);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // All are busy, or the system gives no thread, which Java calls a lack of memory.
      return false;
    }
  }

  /** Files to be forced, each taken by one of those who run this. */
  private static final class Round implements Runnable {

    private final List<OpenFile> files;
    private final AtomicInteger taken = new AtomicInteger();
    private final CountDownLatch left;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Round(List<OpenFile> files) {
      this.files = files;
      left = new CountDownLatch(files.size());
    }

    @Override
    public void run() {
      for (int i = taken.getAndIncrement(); i < files.size(); i = taken.getAndIncrement()) {
        try {
          files.get(i).force();
        } catch (IOException | RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          left.countDown();
        }
      }
    }

    void finish() throws IOException {
      boolean interrupted = false;
      while (true) {
        try {
          left.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      Throwable first = failure.get();
      if (first instanceof Error error) {
        throw error;
      }
      if (first != null) {
        // Made anew: it may come from another thread, whose trace says nothing of this one.
        throw new IOException(first.getMessage(), first);
      }
    }
  }
}
