package io.proofofplay.core.spi;

import io.proofofplay.core.model.PopEvent;
import java.util.List;

/**
 * The relay's side of a source. Offered to adapters, implemented by the engine.
 *
 * <p>Thread-safe: a source of one's own may offer from several threads; concurrent offers share the
 * force to disk. What a thread has begun to offer ({@link #begin}) the same thread settles.
 */
public interface Intake {

  /** What became of an offer. */
  enum Answer {
    /** Every sink keeps the events under its policy. From here on the relay answers for them. */
    ACCEPTED,
    /**
     * At least one sink has no room, and under its policy was waited for in vain. The events are
     * still the caller's: offer them again, or {@link Intake#giveUp} them. A sink that did keep
     * them may get them twice then; the {@code uuid} lets its backend drop the repeat.
     */
    FULL,
    /** The relay stops; nothing is taken any more. */
    CLOSED
  }

  /**
   * Offers events. Returns when every sink that wants them keeps them under its policy, or when
   * that failed; never throws an event away.
   *
   * @param events in the order of their arrival; they belong to the relay when accepted
   * @return what became of all of them together
   * @throws InterruptedException if the thread was interrupted while it waited for room
   */
  Answer offer(List<PopEvent> events) throws InterruptedException;

  /**
   * Begins to offer events, without a wait for room, and as a rule for the disk. For who reads for
   * several sources by one thread: it begins the offers of all of them, and then settles one after
   * the other, of which the first waits for all. If the disk fails in between, events that were
   * begun may come twice, even if they are given up in the end. Unless overridden nothing is done
   * until {@link BegunOffer#finish}, which offers.
   *
   * @param events in the order of their arrival; not empty
   * @return the offer; its events belong to the caller until it is accepted
   */
  default BegunOffer begin(List<PopEvent> events) {
    return new BegunOffer() {
      @Override
      public boolean settle() {
        return false;
      }

      @Override
      public Answer finish() throws InterruptedException {
        return offer(events);
      }
    };
  }

  /**
   * Hands over events that were answered {@link Answer#FULL} and that the caller can neither keep
   * nor get again. Each sink keeps as many as it has room for, without a wait; the others are
   * counted as accepted and dropped for that sink and put in its drop ledger.
   *
   * @param events the very ones that were answered {@code FULL}
   * @return {@link Answer#ACCEPTED}, or {@link Answer#CLOSED} if the relay stops
   */
  Answer giveUp(List<PopEvent> events);

  /**
   * Whether the relay stops, so that nothing is taken any more. Unless overridden it is not known.
   *
   * @return whether every offer is answered {@link Answer#CLOSED} from now on
   */
  default boolean isClosed() {
    return false;
  }

  /**
   * Takes note of a line that is no event; not any more when the relay stops, which may itself be
   * why the line was not taken.
   *
   * @param line what it was and why it was refused
   */
  void refuse(RefusedLine line);

  /**
   * Says that events came again, byte for byte, that were accepted or given up before, and that the
   * source has left them out. Unless overridden it does nothing.
   *
   * @param events how many
   */
  default void repeated(int events) {}

  /**
   * Says that events were offered whose id other events had before. They are events like all
   * others; but a backend that drops repeats by the id may take one of them for the other. Unless
   * overridden it does nothing.
   *
   * @param events how many
   */
  default void reusedId(int events) {}

  /**
   * What the source of this name last wanted to be remembered: in the life of this relay, else when
   * the one before stopped in good order. Unless overridden there is nothing.
   *
   * @return the very bytes; empty if there are none, or if they cannot be read
   */
  default byte[] recall() {
    return new byte[0];
  }

  /**
   * Leaves something for the source of this name in the next relay. It is kept once everything that
   * was accepted is kept, and not at all if that fails; so it may say what was accepted. Unless
   * overridden it is forgotten.
   *
   * @param memory at most {@link Storage#LONGEST_MEMORY} bytes; the last call counts
   */
  default void remember(byte[] memory) {}

  /**
   * Says that the peer is there and has introduced itself.
   *
   * @param sender what it calls itself
   */
  void connected(String sender);

  /**
   * Says that the peer is not there. Repeating it while it stays away is fine; the relay tells
   * changes, not attempts.
   *
   * @param reason the address, what is wrong, and what would be right
   */
  void disconnected(String reason);
}
