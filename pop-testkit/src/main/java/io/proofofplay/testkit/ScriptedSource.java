package io.proofofplay.testkit;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A source that does, in order, what a test tells it to, before or while it runs.
 *
 * <p>Events that are answered {@code FULL} it gives up, as a source does that cannot hold its peer
 * back; told so, it offers them again a number of times first.
 *
 * <p>Thread-safe. The {@code await} methods block in real time, at most 10 s or what the system
 * property {@code pop.testkit.patience} says in seconds.
 */
public final class ScriptedSource implements EventSource {

  /** A step; false ends the run. */
  @FunctionalInterface
  private interface Step {
    boolean run(Intake intake) throws InterruptedException;
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Step> steps = new ArrayDeque<>();
  private final List<Intake.Answer> answers = new ArrayList<>();
  private int retries;
  private boolean busy;
  private boolean closed;

  /** A source that waits to be told what to do. */
  public ScriptedSource() {}

  /**
   * Makes it offer again what is answered {@code FULL}.
   *
   * @param times how often, before it gives up
   * @return this source
   */
  public ScriptedSource offeringAgain(int times) {
    lock.lock();
    try {
      retries = times;
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has it say that its peer is there.
   *
   * @param sender what the peer calls itself
   * @return this source
   */
  public ScriptedSource connect(String sender) {
    return add(
        intake -> {
          intake.connected(sender);
          return true;
        });
  }

  /**
   * Has it say that its peer is not there.
   *
   * @param reason why
   * @return this source
   */
  public ScriptedSource disconnect(String reason) {
    return add(
        intake -> {
          intake.disconnected(reason);
          return true;
        });
  }

  /**
   * Has it offer events.
   *
   * @param events offered together
   * @return this source
   */
  public ScriptedSource emit(List<PopEvent> events) {
    List<PopEvent> copy = List.copyOf(events);
    return add(intake -> offer(intake, copy));
  }

  /**
   * Has it refuse a line.
   *
   * @param line the line
   * @return this source
   */
  public ScriptedSource refuse(RefusedLine line) {
    return add(
        intake -> {
          intake.refuse(line);
          return true;
        });
  }

  /**
   * Has its run end with an exception, as a faulty source does.
   *
   * @param fault what is thrown
   * @return this source
   */
  public ScriptedSource fail(RuntimeException fault) {
    return add(
        intake -> {
          throw fault;
        });
  }

  /**
   * Has its run return though nobody closed it, as a faulty source does.
   *
   * @return this source
   */
  public ScriptedSource end() {
    return add(intake -> false);
  }

  private ScriptedSource add(Step step) {
    lock.lock();
    try {
      steps.add(step);
      changed.signalAll();
      return this;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run(Intake intake) throws InterruptedException {
    boolean goesOn = true;
    while (goesOn) {
      Step next = next();
      if (next == null) {
        return;
      }
      try {
        goesOn = next.run(intake);
      } finally {
        done();
      }
    }
  }

  private Step next() throws InterruptedException {
    lock.lock();
    try {
      while (steps.isEmpty() && !closed) {
        changed.await();
      }
      if (closed) {
        return null;
      }
      busy = true;
      return steps.remove();
    } finally {
      lock.unlock();
    }
  }

  private void done() {
    lock.lock();
    try {
      busy = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean offer(Intake intake, List<PopEvent> events) throws InterruptedException {
    int left = retries;
    while (true) {
      Intake.Answer answer = intake.offer(events);
      note(answer);
      if (answer != Intake.Answer.FULL) {
        return answer == Intake.Answer.ACCEPTED;
      }
      if (left <= 0 || isClosed()) {
        return intake.giveUp(events) == Intake.Answer.ACCEPTED;
      }
      left--;
    }
  }

  private void note(Intake.Answer answer) {
    lock.lock();
    try {
      answers.add(answer);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
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
   * What its offers were answered.
   *
   * @return a copy, in order
   */
  public List<Intake.Answer> answers() {
    lock.lock();
    try {
      return List.copyOf(answers);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Blocks until it has done all that it was told.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitDone() throws InterruptedException {
    await("all steps to be done", () -> steps.isEmpty() && !busy);
  }

  /**
   * Blocks until so many offers were answered.
   *
   * @param times how many, at least
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitAnswers(int times) throws InterruptedException {
    await(times + " answers", () -> answers.size() >= times);
  }

  private void await(String what, BooleanSupplier isSo) throws InterruptedException {
    Patience.await(
        lock, changed, isSo, () -> "waited in vain for " + what + "; the answers: " + answers);
  }
}
