package io.proofofplay.core.spi;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Port: where the events of one sink go that its destination will never take. They stay until an
 * operator decides.
 *
 * <ol>
 *   <li value="1">[DL-1] After {@link #put} has returned, the letter survives a kill and a power
 *       cut.
 *   <li value="2">[DL-2] The event's bytes, the batch, the status, the reason and the answer can be
 *       read back as they were put.
 *   <li value="3">[DL-3] A {@link #put} that throws has kept nothing, and a later one may succeed.
 *   <li value="4">[DL-4] Letters stay in the order in which they were put.
 *   <li value="5">[DL-5] {@link #takeOut} hands over every letter in order, and removes those that
 *       were taken, and no other, after {@link Taker#keep} has returned.
 *   <li value="6">[DL-6] A {@link #takeOut} that throws, or that a kill or a power cut ends, has
 *       lost nothing: every letter is still there, or was taken and kept.
 *   <li value="7">[DL-7] A letter that {@link #discard} removes is written down elsewhere before,
 *       and survives there what a letter survives.
 *   <li value="8">[DL-8] {@link #request} answers every request of an operator once; from then on
 *       it is gone, whatever comes of it.
 *   <li value="9">[DL-9] {@link #kept} is the number of letters that are here, those of an earlier
 *       opening included.
 * </ol>
 *
 * <p>A place that keeps letters for somebody else to look at need only put them: the rules from
 * DL-5 on are for those that an operator can ask to give letters back.
 *
 * <p>The relay puts from one thread per sink, and looks for requests and follows them from another.
 * {@link #discarded} and {@link #kept} are for any, and wait for no disk.
 */
public interface DeadLetters extends AutoCloseable {

  /**
   * Keeps a letter, durably.
   *
   * @param letter the event and why it is dead
   * @throws IOException if it could not be kept; the event then stays where it was
   */
  void put(DeadLetter letter) throws IOException;

  /**
   * How many letters were given up since the opening because there were too many.
   *
   * @return the number that rotation has removed
   */
  default long discarded() {
    return 0;
  }

  /**
   * How many letters are here.
   *
   * @return those that were put, in an earlier opening too, and were not taken out, discarded or
   *     given up; 0 also where that is not counted
   */
  default long kept() {
    return 0;
  }

  /** Takes letters over. */
  interface Taker {

    /**
     * Looks at a letter.
     *
     * @param letter the next one
     * @return whether it is taken; one that is not stays where it is
     * @throws IOException if no more can be taken; then none is removed
     */
    boolean take(DeadLetter letter) throws IOException;

    /**
     * Makes safe what was taken since the last call.
     *
     * @throws IOException if that cannot be done; then none of it is removed
     */
    void keep() throws IOException;
  }

  /**
   * Gives letters back. A letter that cannot be read any more stays.
   *
   * @param taker decides about each letter, and takes it over
   * @return how many are removed
   * @throws IOException if something failed; some letters may be removed, and some may have been
   *     taken and be here nevertheless
   */
  default long takeOut(Taker taker) throws IOException {
    throw new IOException("these dead letters cannot be taken out");
  }

  /**
   * Removes letters, and writes down that it did.
   *
   * @param time when, by the wall clock
   * @param which the letters to remove
   * @return how many are removed
   * @throws IOException if something failed; some letters may be removed
   */
  default long discard(Instant time, Predicate<DeadLetter> which) throws IOException {
    throw new IOException("these dead letters cannot be discarded");
  }

  /**
   * What an operator has asked for and nobody has seen to. The relay asks about once a second.
   *
   * @return one request, if there is one
   * @throws IOException if it is not known; nothing is lost
   */
  default Optional<DeadLetterRequest> request() throws IOException {
    return Optional.empty();
  }

  /**
   * Tells the operator what came of a request.
   *
   * @param request one that {@link #request} has answered
   * @param done how many letters are not here any more
   * @param problem why not all that were meant; empty if nothing went wrong
   * @throws IOException if it could not be told
   */
  default void answer(DeadLetterRequest request, long done, String problem) throws IOException {}

  @Override
  void close() throws IOException;
}
