package io.proofofplay.core.spi;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Port: the queue of batches between intake and delivery of one sink. Events gather in an open
 * batch; sealed batches are looked at, sent and removed, oldest first.
 *
 * <ol>
 *   <li value="1">[SP-1] First in, first out: events leave in the order in which they were
 *       appended, none missing, none twice, each with its own bytes and sender.
 *   <li value="2">[SP-2] {@link #append} keeps all events or none.
 *   <li value="3">[SP-3] After {@link #sync} has returned, what its thread has appended before, or
 *       all that was appended if it has appended nothing since it asked last, survives a kill and a
 *       power cut.
 *   <li value="4">[SP-4] {@link #peek} removes nothing: until {@link #remove} it answers the same
 *       batch, with the same id and the same bytes, also after a restart.
 *   <li value="5">[SP-5] A batch has at most {@code maxEvents} events and {@code maxBytes} bytes,
 *       save a single larger event; appending seals a batch that is full.
 *   <li value="6">[SP-6] An id is never given to other bytes, in this life of the spool or a later
 *       one.
 *   <li value="7">[SP-7] {@link #remove} of a leading part leaves the rest, as a part of the same
 *       batch, also after a restart.
 *   <li value="8">[SP-8] What was removed stays removed after {@link #close()} and a reopening.
 *   <li value="9">[SP-9] {@link #close()} keeps everything, forced, whatever the durability;
 *       closing twice is fine.
 *   <li value="10">[SP-10] {@link #stats} tells the truth: {@code events} is the number that was
 *       appended or found at the start and neither removed, evicted, damaged nor withdrawn; {@code
 *       unconfirmed} is 0 after a good {@link #sync} while nothing is appended.
 *   <li value="11">[SP-11] {@link #append} beyond {@code maxBytes} answers {@code FULL} and keeps
 *       nothing; after a removal there is room again. Events take at most as much of it as {@link
 *       #mostRoom} says.
 *   <li value="12">[SP-12] {@link #evict} takes the oldest batch that is not named as in flight.
 *   <li value="13">[SP-13] Nothing is lost by opening with other limits.
 *   <li value="14">[SP-14] {@link #peekBehind} answers the batch that will be the oldest once the
 *       one before it is removed, with the id and the bytes that it will have then.
 *   <li value="15">[SP-15] After {@link #adopt} the new limits hold for what is appended; what was
 *       there is neither lost nor changed, is forced, and is in other batches than what follows.
 * </ol>
 *
 * <p>Thread-safe: any number of threads append, sync and ask for stats; of {@link #roll}, {@link
 * #peek}, {@link #peekBehind}, {@link #remove} and {@link #evict} one runs at a time, from
 * whichever thread.
 */
public interface Spool extends AutoCloseable {

  /** What became of an append. */
  enum Append {
    /** All events are in the spool; they are durable after the next {@link Spool#sync}. */
    KEPT,
    /** The bound of the policy is reached; none is kept. */
    FULL,
    /** The disk has no room, or does not take what is written; none is kept. */
    NO_SPACE
  }

  /** The most room that is taken where a batch begins or its sender changes, an event included. */
  int MOST_FRAME = 256;

  /** The most room that another event of the same batch and sender takes beside itself. */
  int MOST_RECORD = 32;

  /**
   * The most that events take of the bound, in whatever batches they are.
   *
   * @param events the events
   * @return bytes: of each its own, {@link #MOST_FRAME}, and 6 for each character of its sender
   */
  static long mostRoom(List<PopEvent> events) {
    long room = 0;
    for (PopEvent event : events) {
      room += event.length() + mostFrame(event);
    }
    return room;
  }

  /**
   * The most that a batch takes of the bound.
   *
   * @param batch the batch
   * @return bytes: of each event its own and {@link #MOST_RECORD}, or where its sender is another
   *     one {@link #MOST_FRAME} and 6 for each character of that
   */
  static long mostRoom(Batch batch) {
    long room = 0;
    PopEvent before = null;
    for (PopEvent event : batch.events()) {
      boolean goesOn = before != null && before.sender().equals(event.sender());
      room += event.length() + (goesOn ? MOST_RECORD : mostFrame(event));
      before = event;
    }
    return room;
  }

  private static long mostFrame(PopEvent event) {
    return MOST_FRAME + 6L * event.sender().map(String::length).orElse(0);
  }

  /**
   * Adds events behind all others.
   *
   * @param events at least one, in order
   * @return whether all are kept, or why none is
   */
  Append append(List<PopEvent> events);

  /**
   * The same by a thread that has more to append before it asks for a force: what it adds may be
   * written to the disk together with that, and a disk without room for it may say so only then. A
   * spool need not tell the two apart.
   *
   * @param events at least one, in order
   * @return whether all are kept, or why none is
   */
  default Append appendAmongOthers(List<PopEvent> events) {
    return append(events);
  }

  /**
   * Forces to disk what the calling thread has appended since it asked last; all that was appended
   * by anybody, if it has appended nothing. Concurrent calls share one force.
   *
   * @throws IOException if the disk did not take it. What was appended since the last good force is
   *     then not in the spool any more and counted as withdrawn, save events that were already
   *     acknowledged under a durability below write-ahead, which stay; and save what the thread has
   *     appended after others learned of the failure, which the next call forces
   */
  void sync() throws IOException;

  /**
   * Seals the open batch, so that it can be looked at.
   *
   * @return whether there was anything to seal
   * @throws IOException if it could not be sealed; nothing is lost
   */
  boolean roll() throws IOException;

  /**
   * Looks at the oldest sealed batch.
   *
   * @return the batch, or what is left of it after a leading part was removed; empty if there is
   *     none
   * @throws IOException if it cannot be read now; nothing is lost
   */
  Optional<Batch> peek() throws IOException;

  /**
   * Looks at the sealed batch behind another one, to see whether the destination takes that one.
   *
   * @param id the batch that {@link #peek} answers
   * @return the second oldest sealed batch; empty if there is none
   * @throws IOException if it cannot be read now; nothing is lost
   */
  Optional<Batch> peekBehind(BatchId id) throws IOException;

  /**
   * A hint while nothing else is to be done: reads the batch behind the oldest one, if that was
   * looked at and if it costs no more than reading, so that {@link #peek} has it at hand when its
   * turn comes. Changes nothing that can be seen, and fails silently.
   */
  default void readAhead() {}

  /**
   * Removes what is done with. Needs no room on the disk and does not fail: what cannot be removed
   * from the disk now is not seen again in this life of the spool and is removed later.
   *
   * @param done the id of the batch that {@link #peek} answers, or of a part that it begins with
   * @throws IllegalArgumentException if it is neither
   */
  void remove(BatchId done);

  /**
   * Takes the oldest batch out to make room, sealing the open one if it is the only one.
   *
   * @param inFlight the batch that must stay, because it is being sent; a part stands for its batch
   * @return what was taken out, not in the spool any more; empty if there is nothing else
   * @throws IOException if it cannot be read now; nothing is lost
   */
  Optional<Batch> evict(Optional<BatchId> inFlight) throws IOException;

  /**
   * Keeps and gathers from now on in another way. No append may run meanwhile; all else may.
   *
   * @param keeping how to keep events
   * @param batches how to gather them
   * @param oneSender whether a batch must hold the events of one sender only
   * @throws IOException if the disk did not take what is not forced yet; all is as before then
   */
  void adopt(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender) throws IOException;

  /**
   * The spool's own books, all from one moment.
   *
   * @return counts
   */
  SpoolStats stats();

  /**
   * Keeps everything, forced, and lets go of the files.
   *
   * @throws IOException if the disk did not take it
   */
  @Override
  void close() throws IOException;
}
