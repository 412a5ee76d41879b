package io.proofofplay.core.spi;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Port: the place where a relay keeps what it must not lose. It belongs to one relay at a time.
 * What is kept for a sink belongs to the sink's name: another destination under the same name
 * inherits it.
 *
 * <p>The relay opens everything from one thread and closes what it opened before it closes this.
 */
public interface Storage extends AutoCloseable {

  /** The most bytes that are remembered for a source. */
  int LONGEST_MEMORY = 4 << 20;

  /**
   * Opens the spool of a sink, with all that an earlier relay left in it.
   *
   * @param sink the sink's name
   * @param keeping how to keep events
   * @param batches how to gather them
   * @param oneSender whether a batch must hold the events of one sender only
   * @return the spool
   * @throws IOException if the place cannot be used at all; damage in it is no reason
   */
  Spool openSpool(String sink, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
      throws IOException;

  /**
   * Opens the dead letters of a sink.
   *
   * @param sink the sink's name
   * @return where to put them
   * @throws IOException if the place cannot be used at all
   */
  DeadLetters openDeadLetters(String sink) throws IOException;

  /**
   * Opens the drop ledger of a sink.
   *
   * @param sink the sink's name
   * @return where to write drops
   * @throws IOException if the place cannot be used at all
   */
  DropLedger openDropLedger(String sink) throws IOException;

  /**
   * Opens the place for refused lines.
   *
   * @return where to put them
   * @throws IOException if the place cannot be used at all
   */
  RefusedLines openRefusedLines() throws IOException;

  /**
   * What was remembered for a source. A storage that remembers nothing need not override this.
   *
   * @param source the source's name
   * @return the very bytes; empty if there are none, or if they are damaged
   * @throws IOException if they cannot be read
   */
  default byte[] recall(String source) throws IOException {
    return new byte[0];
  }

  /**
   * Remembers something for a source, in place of what was remembered before: one or the other is
   * there, whatever happens. A storage that remembers nothing need not override this.
   *
   * @param source the source's name
   * @param memory at most {@link #LONGEST_MEMORY} bytes
   * @throws IOException if that cannot be done; what was remembered before is still there
   */
  default void remember(String source, byte[] memory) throws IOException {}

  /**
   * Tries whether a sink's spool would take so many bytes of events: writes as many where they
   * would be, forces them, and takes them away again. A storage that cannot tell need not override
   * this; that it takes events again is then known with the next one that it keeps.
   *
   * <p>The relay asks while a spool takes no events, every few seconds at most.
   *
   * @param sink the name of a sink whose spool is open
   * @param bytes how many, at least 1
   * @return whether they could be kept; {@code false} if that cannot be told
   */
  default boolean couldKeep(String sink, int bytes) {
    return false;
  }

  /**
   * The sinks for which something is kept, whether or not they are opened.
   *
   * @return their names, sorted
   * @throws IOException if the place cannot be read
   */
  Set<String> sinks() throws IOException;

  /**
   * Whether something else is where this was opened, so that only a new start can use it. A place
   * that is only away for a while is no loss: what is done to it fails until it is back.
   *
   * <p>The relay asks about once a second, from any thread, and ends when it is told twice.
   *
   * @return what is wrong, for people; empty if this can be used, or may be again
   */
  default Optional<String> loss() {
    return Optional.empty();
  }

  @Override
  void close() throws IOException;
}
