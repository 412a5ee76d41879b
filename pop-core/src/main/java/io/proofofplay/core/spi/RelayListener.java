package io.proofofplay.core.spi;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Port: hears what the relay does, for logs, metrics and histories. Every method does nothing
 * unless overridden.
 *
 * <p>Called from the relay's threads, several at a time, never under a lock. A call delays what it
 * reports, and where one thread reads for many sources what comes from all of them, so it should be
 * short; what it throws is counted and otherwise ignored.
 */
public interface RelayListener {

  /**
   * A source's peer is there.
   *
   * @param source the source's name
   * @param sender what the peer calls itself
   */
  default void connected(String source, String sender) {}

  /**
   * A source's peer is not there; told at each change, not at each attempt.
   *
   * @param source the source's name
   * @param reason why
   */
  default void disconnected(String source, String reason) {}

  /**
   * Events of a source were accepted.
   *
   * @param source the source's name
   * @param events how many
   */
  default void accepted(String source, int events) {}

  /**
   * Events of a source were accepted. Unless overridden it tells their number alone.
   *
   * @param source the source's name
   * @param events the events, at least one, in the order of their arrival; not to be kept, because
   *     each may hold much more than its own bytes in memory
   */
  default void accepted(String source, List<PopEvent> events) {
    accepted(source, events.size());
  }

  /**
   * A line of a source was refused.
   *
   * @param source the source's name
   * @param line what it was and why
   */
  default void refused(String source, RefusedLine line) {}

  /**
   * A batch is on its way, and its answer is waited for: the time to prepare what {@link
   * #submitted} will need. Told for most attempts and not for all, for some more than once, and
   * says nothing about what will come of them.
   *
   * @param sink the sink's name
   * @param batch what was sent
   */
  default void submitting(String sink, Batch batch) {}

  /**
   * An attempt to deliver has ended.
   *
   * @param sink the sink's name
   * @param batch what was sent
   * @param result the verdict
   * @param took how long the attempt took
   */
  default void submitted(String sink, Batch batch, SubmitResult result, Duration took) {}

  /**
   * An event became a dead letter.
   *
   * @param sink the sink's name
   * @param letter the event and why
   */
  default void dead(String sink, DeadLetter letter) {}

  /**
   * A sink's storage does not do what it is asked to, or does so again: it has no room, fails, or
   * has not answered for long. Told at each change, within about a second of it.
   *
   * @param sink the sink's name
   * @param trouble what is wrong, for people; empty if nothing is any more
   */
  default void storage(String sink, Optional<String> trouble) {}

  /**
   * Events were given up.
   *
   * @param sink the sink's name
   * @param drop which and why
   */
  default void dropped(String sink, Drop drop) {}
}
