package io.proofofplay.testkit;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.TimeSource;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * A submitter that answers what a test has prepared, and writes down what it was given and when.
 * Without preparation it delivers.
 *
 * <p>It can hang: until it is released, until the attempt's timeout has passed in the time of the
 * test, or until it is closed; or, like a faulty submitter of somebody else, until it is released
 * and nothing else.
 *
 * <p>Thread-safe. The {@code await} methods block in real time, at most 10 s or what the system
 * property {@code pop.testkit.patience} says in seconds.
 */
public final class ScriptedSubmitter implements Submitter {

  /**
   * One attempt.
   *
   * @param batch what was to be delivered
   * @param attempt what the submitter was told
   * @param nanos when it began, by the monotonic clock
   * @param time when it began, by the wall clock
   * @param result the answer
   */
  public record Submission(
      Batch batch, Attempt attempt, long nanos, Instant time, SubmitResult result) {}

  private enum Hanging {
    NO,
    LIKE_A_DESTINATION,
    STUBBORNLY
  }

  private final TimeSource time;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Submission> submissions = new ArrayList<>();
  private final Deque<Function<Batch, SubmitResult>> prepared = new ArrayDeque<>();
  private Function<Batch, SubmitResult> otherwise = batch -> delivered();
  private Hanging hanging = Hanging.NO;
  private boolean oneSender;
  private int inside;
  private int refreshes;
  private boolean closed;

  /**
   * A submitter that delivers.
   *
   * @param time tells when an attempt begins, and how long it may hang
   */
  public ScriptedSubmitter(TimeSource time) {
    this.time = time;
  }

  /**
   * The answer of a destination that has taken everything.
   *
   * @return a verdict with the status 200
   */
  public static Delivered delivered() {
    return new Delivered(new Reason("answered 200", 200, ""));
  }

  /**
   * Prepares the answers to the next attempts, one each.
   *
   * @param answers in order
   * @return this submitter
   */
  public ScriptedSubmitter answering(SubmitResult... answers) {
    lock.lock();
    try {
      for (SubmitResult answer : answers) {
        prepared.add(batch -> answer);
      }
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Prepares the next answer.
   *
   * @param rule decides from the batch; what it throws is thrown. Called without a lock
   * @return this submitter
   */
  public ScriptedSubmitter then(Function<Batch, SubmitResult> rule) {
    lock.lock();
    try {
      prepared.add(rule);
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sets the answer to attempts for which none is prepared.
   *
   * @param rule decides from the batch; what it throws is thrown. Called without a lock
   * @return this submitter
   */
  public ScriptedSubmitter otherwise(Function<Batch, SubmitResult> rule) {
    lock.lock();
    try {
      otherwise = rule;
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks for batches of one sender.
   *
   * @return this submitter
   */
  public ScriptedSubmitter wantingOneSender() {
    lock.lock();
    try {
      oneSender = true;
      return this;
    } finally {
      lock.unlock();
    }
  }

  /** From now on an attempt lasts until {@link #release()}, {@link #close()} or its timeout. */
  public void hang() {
    hangAs(Hanging.LIKE_A_DESTINATION);
  }

  /** From now on an attempt lasts until {@link #release()}, whatever else happens. */
  public void hangStubbornly() {
    hangAs(Hanging.STUBBORNLY);
  }

  /** Lets the attempt that hangs go on to its answer; later ones do not hang. */
  public void release() {
    hangAs(Hanging.NO);
  }

  private void hangAs(Hanging how) {
    lock.lock();
    try {
      hanging = how;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SubmitResult submit(Batch batch, Attempt attempt) throws InterruptedException {
    long began = time.nanos();
    Instant wall = time.now();
    Function<Batch, SubmitResult> rule = enter(attempt, began);
    SubmitResult result = null;
    try {
      attempt.meanwhile().run();
      result = rule.apply(batch);
      return result;
    } finally {
      leave(result == null ? null : new Submission(batch, attempt, began, wall, result));
    }
  }

  private Function<Batch, SubmitResult> enter(Attempt attempt, long began)
      throws InterruptedException {
    lock.lock();
    try {
      inside++;
      changed.signalAll();
      long deadline = began + attempt.timeout().toNanos();
      while (hanging == Hanging.STUBBORNLY) {
        changed.awaitUninterruptibly();
      }
      while (hanging == Hanging.LIKE_A_DESTINATION && !closed && deadline - time.nanos() > 0) {
        try {
          time.await(changed, deadline - time.nanos());
        } catch (InterruptedException e) {
          inside--;
          throw e;
        }
      }
      if (closed) {
        return batch -> Later.because("scripted: closed");
      }
      if (hanging != Hanging.NO) {
        return batch -> Later.because("scripted: no answer within " + attempt.timeout());
      }
      return prepared.isEmpty() ? otherwise : prepared.remove();
    } finally {
      lock.unlock();
    }
  }

  private void leave(Submission submission) {
    lock.lock();
    try {
      inside--;
      if (submission != null) {
        submissions.add(submission);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void refresh() {
    lock.lock();
    try {
      refreshes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean wantsOneSender() {
    return oneSender;
  }

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

  /**
   * The attempts that have ended with an answer.
   *
   * @return a copy, in order
   */
  public List<Submission> submissions() {
    lock.lock();
    try {
      return List.copyOf(submissions);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What was delivered.
   *
   * @return the events of every attempt that was answered {@link Delivered}, in order
   */
  public List<PopEvent> deliveredEvents() {
    List<PopEvent> events = new ArrayList<>();
    for (Submission submission : submissions()) {
      if (submission.result() instanceof Delivered) {
        events.addAll(submission.batch().events());
      }
    }
    return events;
  }

  /**
   * How often it was told to refresh.
   *
   * @return the number of calls
   */
  public int refreshes() {
    lock.lock();
    try {
      return refreshes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether it was closed.
   *
   * @return whether it was
   */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Blocks until so many attempts have ended.
   *
   * @param times how many, at least
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitSubmissions(int times) throws InterruptedException {
    await(times + " submissions", () -> submissions.size() >= times);
  }

  /**
   * Blocks until so many events are delivered.
   *
   * @param events how many, at least
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitDelivered(int events) throws InterruptedException {
    await(events + " delivered events", () -> deliveredEvents().size() >= events);
  }

  /**
   * Blocks until an attempt is inside {@link #submit}.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitInside() throws InterruptedException {
    await("an attempt to begin", () -> inside > 0);
  }

  private void await(String what, BooleanSupplier isSo) throws InterruptedException {
    Patience.await(
        lock, changed, isSo, () -> "waited in vain for " + what + " among " + submissions);
  }
}
