package io.proofofplay.core.spi;

/**
 * Port: where events come from. A source owns no thread; the relay gives it one and calls {@link
 * #run}.
 *
 * <ol>
 *   <li value="1">[ES-1] Every event of the peer is offered exactly once, in the peer's order, with
 *       the peer's own bytes.
 *   <li value="2">[ES-2] {@link #close()} from another thread ends {@link #run} within a second,
 *       whatever it waits for, save an answer of the intake; closing twice, or before running, is
 *       fine.
 *   <li value="3">[ES-3] When an offer is answered {@code CLOSED}, be it by {@link
 *       BegunOffer#finish}, {@code run} returns.
 *   <li value="4">[ES-4] A peer that is absent, foreign or gone is no error: the source tries again
 *       by itself, and {@code run} does not return.
 *   <li value="5">[ES-5] An event that was answered {@code FULL} is offered again or given up by
 *       {@link Intake#giveUp}; it never vanishes between the two.
 *   <li value="6">[ES-6] What is no event goes to {@link Intake#refuse} with a reason, once, and
 *       costs no other event.
 *   <li value="7">[ES-7] Each change between connected and not is told to the intake, before the
 *       first event of a connection and after its last. A peer that was silent, and that a fresh
 *       connection finds at once and under the same name, was not away: that is no change.
 *   <li value="8">[ES-8] A source starts no thread.
 * </ol>
 */
public interface EventSource extends AutoCloseable {

  /**
   * Takes events from the peer and offers them until {@link #close()}.
   *
   * @param intake takes the events
   * @throws InterruptedException if the thread was interrupted
   */
  void run(Intake intake) throws InterruptedException;

  /** Ends {@link #run}. Callable from any thread, any number of times. */
  @Override
  void close();
}
