package io.proofofplay.testkit;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.SubmitResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A listener that writes down everything in order.
 *
 * <p>Thread-safe.
 */
public final class RecordingListener implements RelayListener {

  /** Something that was heard. */
  public sealed interface Note {}

  /**
   * A source's peer is there.
   *
   * @param source the source's name
   * @param sender what the peer calls itself
   */
  public record Connected(String source, String sender) implements Note {}

  /**
   * A source's peer is not there.
   *
   * @param source the source's name
   * @param reason why
   */
  public record Disconnected(String source, String reason) implements Note {}

  /**
   * Events were accepted.
   *
   * @param source the source's name
   * @param events how many
   */
  public record Accepted(String source, int events) implements Note {}

  /**
   * A line was refused.
   *
   * @param source the source's name
   * @param line the line
   */
  public record Refused(String source, RefusedLine line) implements Note {}

  /**
   * An attempt has ended.
   *
   * @param sink the sink's name
   * @param batch what was sent
   * @param result the verdict
   * @param took how long it took
   */
  public record Submitted(String sink, Batch batch, SubmitResult result, Duration took)
      implements Note {}

  /**
   * A batch was on its way.
   *
   * @param sink the sink's name
   * @param batch what was sent
   */
  public record Submitting(String sink, Batch batch) implements Note {}

  /**
   * An event became a dead letter.
   *
   * @param sink the sink's name
   * @param letter the event and why
   */
  public record Dead(String sink, DeadLetter letter) implements Note {}

  /**
   * Events were given up.
   *
   * @param sink the sink's name
   * @param drop which and why
   */
  public record Dropped(String sink, Drop drop) implements Note {}

  /**
   * A sink's storage is in trouble, or out of it.
   *
   * @param sink the sink's name
   * @param trouble what is wrong; empty if nothing is any more
   */
  public record StorageTold(String sink, Optional<String> trouble) implements Note {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Note> notes = new ArrayList<>();

  /** A listener that has heard nothing. */
  public RecordingListener() {}

  @Override
  public void connected(String source, String sender) {
    note(new Connected(source, sender));
  }

  @Override
  public void disconnected(String source, String reason) {
    note(new Disconnected(source, reason));
  }

  @Override
  public void accepted(String source, int events) {
    note(new Accepted(source, events));
  }

  @Override
  public void storage(String sink, Optional<String> trouble) {
    note(new StorageTold(sink, trouble));
  }

  @Override
  public void refused(String source, RefusedLine line) {
    note(new Refused(source, line));
  }

  @Override
  public void submitting(String sink, Batch batch) {
    note(new Submitting(sink, batch));
  }

  @Override
  public void submitted(String sink, Batch batch, SubmitResult result, Duration took) {
    note(new Submitted(sink, batch, result, took));
  }

  @Override
  public void dead(String sink, DeadLetter letter) {
    note(new Dead(sink, letter));
  }

  @Override
  public void dropped(String sink, Drop drop) {
    note(new Dropped(sink, drop));
  }

  /**
   * All that was heard.
   *
   * @return a copy, in order
   */
  public List<Note> notes() {
    lock.lock();
    try {
      return List.copyOf(notes);
    } finally {
      lock.unlock();
    }
  }

  /**
   * All of one kind that was heard.
   *
   * @param kind such as {@code Dropped.class}
   * @param <N> the kind
   * @return a copy, in order
   */
  public <N extends Note> List<N> notes(Class<N> kind) {
    return notes().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /**
   * Blocks, in real time, until so many of one kind were heard.
   *
   * @param kind such as {@code Dropped.class}
   * @param times how many, at least
   * @throws AssertionError if there are fewer for 10 s; it tells what was heard
   * @throws InterruptedException if the thread is interrupted
   */
  public void await(Class<? extends Note> kind, int times) throws InterruptedException {
    Patience.await(
        lock,
        changed,
        () -> notes.stream().filter(kind::isInstance).count() >= times,
        () -> "waited in vain for " + times + " times " + kind.getSimpleName() + " in " + notes);
  }

  private void note(Note note) {
    lock.lock();
    try {
      notes.add(note);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
