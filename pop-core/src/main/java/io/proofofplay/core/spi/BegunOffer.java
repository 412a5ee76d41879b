package io.proofofplay.core.spi;

import io.proofofplay.core.spi.Intake.Answer;

/**
 * An offer in two steps, so that one thread can make several offers, perhaps of several sources,
 * and then wait once for what makes all of them safe. See {@link Intake#begin}.
 *
 * <p>First {@link #settle}, once, by the thread that began it; if that says no, {@link #finish},
 * once, by whichever thread. If that thread fails in between, another may finish without it, and
 * the events may come twice. An offer that is begun and not settled, or neither settled nor
 * finished after it was not, is nobody's answer: its events are still the caller's, although sinks
 * may have kept them.
 *
 * <p>Not thread-safe.
 */
public interface BegunOffer {

  /**
   * Makes safe what was begun. It does not wait for room; it may wait for the disk, and then for
   * all that the calling thread has begun so far, which need not wait again.
   *
   * @return whether the events are accepted, as by {@link Answer#ACCEPTED}; else {@link #finish} is
   *     due
   */
  boolean settle();

  /**
   * Does what {@link Intake#offer} does, save for sinks that keep the events already. May wait for
   * room.
   *
   * @return what became of all events together
   * @throws InterruptedException if the thread was interrupted while it waited for room
   */
  Answer finish() throws InterruptedException;
}
