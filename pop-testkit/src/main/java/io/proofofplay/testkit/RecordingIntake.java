package io.proofofplay.testkit;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.BegunOffer;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * An intake that writes down every call in order and answers what a test has prepared.
 *
 * <p>It keeps the very events that it was offered: a source that goes on to change their bytes is
 * found out.
 *
 * <p>Thread-safe. The {@code await} methods block in real time, at most 10 s or what the system
 * property {@code pop.testkit.patience} says in seconds.
 */
public final class RecordingIntake implements Intake {

  /** One call of a source. */
  public sealed interface Call {}

  /**
   * Events were offered.
   *
   * @param events the events
   * @param answer what the source was told
   */
  public record Offered(List<PopEvent> events, Answer answer) implements Call {}

  /**
   * Events were given up.
   *
   * @param events the events
   */
  public record GivenUp(List<PopEvent> events) implements Call {}

  /**
   * A line was refused.
   *
   * @param line the line
   */
  public record Refused(RefusedLine line) implements Call {}

  /**
   * The peer is there.
   *
   * @param sender what it calls itself
   */
  public record Connected(String sender) implements Call {}

  /**
   * The peer is not there.
   *
   * @param reason why
   */
  public record Disconnected(String reason) implements Call {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Call> calls = new ArrayList<>();
  private final Deque<Answer> prepared = new ArrayDeque<>();
  private Function<List<PopEvent>, Answer> otherwise = events -> Answer.ACCEPTED;

  /** An intake that accepts everything. */
  public RecordingIntake() {}

  /**
   * Prepares the answers to the next offers, one each. After them it answers as before.
   *
   * @param answers in order
   * @return this intake
   */
  public RecordingIntake answering(Answer... answers) {
    lock.lock();
    try {
      prepared.addAll(List.of(answers));
      return this;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sets the answer to offers for which none is prepared.
   *
   * @param rule decides from the events; called under this intake's lock
   * @return this intake
   */
  public RecordingIntake otherwise(Function<List<PopEvent>, Answer> rule) {
    lock.lock();
    try {
      otherwise = rule;
      return this;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Answer offer(List<PopEvent> events) {
    lock.lock();
    try {
      Answer answer = answerTo(events);
      note(new Offered(List.copyOf(events), answer));
      return answer;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins an offer that is decided when it is settled: then it is accepted, or when it is finished
   * it is answered otherwise. It is written down with its answer.
   */
  @Override
  public BegunOffer begin(List<PopEvent> events) {
    return new BegunOffer() {

      private Answer answer;

      @Override
      public boolean settle() {
        lock.lock();
        try {
          answer = answerTo(events);
          if (answer == Answer.ACCEPTED) {
            note(new Offered(List.copyOf(events), answer));
          }
          return answer == Answer.ACCEPTED;
        } finally {
          lock.unlock();
        }
      }

      @Override
      public Answer finish() {
        if (answer == Answer.ACCEPTED) {
          throw new IllegalStateException(
              "finished an offer that was accepted; finish what settle has said no to");
        }
        if (answer == null) {
          // Whoever had to settle it has failed.
          return offer(events);
        }
        note(new Offered(List.copyOf(events), answer));
        return answer;
      }
    };
  }

  private Answer answerTo(List<PopEvent> events) {
    return prepared.isEmpty() ? otherwise.apply(events) : prepared.remove();
  }

  @Override
  public Answer giveUp(List<PopEvent> events) {
    note(new GivenUp(List.copyOf(events)));
    return Answer.ACCEPTED;
  }

  @Override
  public void refuse(RefusedLine line) {
    note(new Refused(line));
  }

  @Override
  public void connected(String sender) {
    note(new Connected(sender));
  }

  @Override
  public void disconnected(String reason) {
    note(new Disconnected(reason));
  }

  /**
   * All calls so far.
   *
   * @return a copy, in order
   */
  public List<Call> calls() {
    lock.lock();
    try {
      return List.copyOf(calls);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The events that were accepted.
   *
   * @return in order
   */
  public List<PopEvent> accepted() {
    List<PopEvent> events = new ArrayList<>();
    for (Call call : calls()) {
      if (call instanceof Offered offered && offered.answer() == Answer.ACCEPTED) {
        events.addAll(offered.events());
      }
    }
    return events;
  }

  /**
   * The events that were given up.
   *
   * @return in order
   */
  public List<PopEvent> givenUp() {
    List<PopEvent> events = new ArrayList<>();
    for (Call call : calls()) {
      if (call instanceof GivenUp given) {
        events.addAll(given.events());
      }
    }
    return events;
  }

  /**
   * The events that the source is rid of, accepted or given up.
   *
   * @return in order
   */
  public List<PopEvent> settled() {
    List<PopEvent> events = new ArrayList<>();
    for (Call call : calls()) {
      if (call instanceof GivenUp given) {
        events.addAll(given.events());
      } else if (call instanceof Offered offered && offered.answer() == Answer.ACCEPTED) {
        events.addAll(offered.events());
      }
    }
    return events;
  }

  /**
   * The lines that were refused.
   *
   * @return in order
   */
  public List<RefusedLine> refused() {
    List<RefusedLine> lines = new ArrayList<>();
    for (Call call : calls()) {
      if (call instanceof Refused refused) {
        lines.add(refused.line());
      }
    }
    return lines;
  }

  /**
   * How many calls of a kind there were.
   *
   * @param kind such as {@code Connected.class}
   * @return the number
   */
  public int count(Class<? extends Call> kind) {
    return (int) calls().stream().filter(kind::isInstance).count();
  }

  /**
   * Blocks until so many events are accepted or given up.
   *
   * @param events how many, at least
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitSettled(int events) throws InterruptedException {
    await(events + " settled events", () -> settled().size() >= events);
  }

  /**
   * Blocks until there were so many calls of a kind.
   *
   * @param kind such as {@code Connected.class}
   * @param times how many, at least
   * @throws InterruptedException if the thread is interrupted
   */
  public void await(Class<? extends Call> kind, int times) throws InterruptedException {
    await(times + " times " + kind.getSimpleName(), () -> count(kind) >= times);
  }

  /**
   * Blocks until something is so.
   *
   * @param what what is waited for, for the message
   * @param isSo looked at after every call; must be quick
   * @throws AssertionError if it is not so for 10 s; it tells the calls so far
   * @throws InterruptedException if the thread is interrupted
   */
  public void await(String what, BooleanSupplier isSo) throws InterruptedException {
    Patience.await(
        lock, changed, isSo, () -> "waited in vain for " + what + "; the calls so far: " + calls);
  }

  private void note(Call call) {
    lock.lock();
    try {
      calls.add(call);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
