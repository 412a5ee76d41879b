package io.proofofplay.core.spi;

import io.proofofplay.core.model.Batch;

/**
 * Port: where batches go. One attempt, blocking; whose fault a failure was is answered here, what
 * follows from it is the engine's.
 *
 * <ol>
 *   <li value="1">[SU-1] {@link Delivered} is answered only when the destination has confirmed all
 *       events of the batch.
 *   <li value="2">[SU-2] An event reaches the destination with its own bytes, and the events of a
 *       batch in its order.
 *   <li value="3">[SU-3] Two attempts of the same batch send the same bytes under the same batch
 *       id.
 *   <li value="4">[SU-4] A failure is a value: {@code submit} throws for no answer of the
 *       destination and for no state of the network.
 *   <li value="5">[SU-5] {@code submit} returns when the attempt's timeout has passed, at most a
 *       second late, whatever the destination does.
 *   <li value="6">[SU-6] {@link #close()} from another thread ends a running {@code submit} within
 *       a second; closing twice is fine; {@code submit} after it answers {@link Later}.
 *   <li value="7">[SU-7] A destination that is not there is {@link Later}.
 *   <li value="8">[SU-8] A failed attempt leaves nothing behind: the next one to a destination that
 *       is well again is delivered.
 *   <li value="9">[SU-9] No secret stands in a {@link Reason}.
 * </ol>
 *
 * <p>The relay calls {@code submit} and {@code refresh} from one thread, never two at a time.
 */
public interface Submitter extends AutoCloseable {

  /**
   * Tries once to deliver a batch.
   *
   * @param batch what to deliver
   * @param attempt how long it may take, and what else is known
   * @return what came of it
   * @throws InterruptedException if the thread was interrupted
   */
  SubmitResult submit(Batch batch, Attempt attempt) throws InterruptedException;

  /**
   * Reads again what may be out of date: a secret from its file, a certificate. Called before the
   * attempt that follows a {@link Held}.
   */
  default void refresh() {}

  /**
   * Whether a batch must hold the events of one sender only, because the destination is told the
   * sender once for a whole batch.
   *
   * @return {@code false} unless overridden
   */
  default boolean wantsOneSender() {
    return false;
  }

  /**
   * Ends a running {@link #submit} and frees what is held. From any thread, any number of times.
   */
  @Override
  void close();
}
