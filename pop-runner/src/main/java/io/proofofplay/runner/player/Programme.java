package io.proofofplay.runner.player;

import java.io.IOException;

/**
 * What a player plays, event by event.
 *
 * <p>Not thread-safe: the player's thread asks, nobody else.
 */
public interface Programme extends AutoCloseable {

  /** What there is to play. */
  enum Next {
    /** One event, added to the buffer. */
    EVENT,
    /** Nothing at the moment; ask again. */
    NOTHING_YET,
    /** Nothing any more. */
    END
  }

  /**
   * Plays one event.
   *
   * @param line takes the event's line, with a line feed behind it
   * @return whether there was one
   * @throws IOException if it comes from a file that cannot be read
   */
  Next next(LineBuffer line) throws IOException;

  @Override
  default void close() throws IOException {}

  /**
   * The beginning of this.
   *
   * @param count how many events, at most
   * @return this, ended after that many
   */
  default Programme limit(long count) {
    Programme whole = this;
    return new Programme() {
      private long left = count;

      @Override
      public Next next(LineBuffer line) throws IOException {
        if (left <= 0) {
          return Next.END;
        }
        Next next = whole.next(line);
        if (next == Next.EVENT) {
          left--;
        }
        return next;
      }

      @Override
      public void close() throws IOException {
        whole.close();
      }
    };
  }
}
