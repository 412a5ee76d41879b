package io.proofofplay.runner.inside;

import io.proofofplay.runner.terminal.Terminal;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Where events are printed, one a line: to a person, for whom every character that would steer the
 * terminal is spelled as JSON escapes it, or into a pipe, which gets the bytes as they are.
 *
 * <p>Not thread-safe.
 */
final class EventLines implements Closeable {

  private static final int ROOM = 1 << 16;

  private final OutputStream out;
  private final boolean toPerson;

  /**
   * Lines to a stream.
   *
   * @param stream where they go; closing the lines leaves it open
   * @param toPerson whether a terminal shows it
   */
  EventLines(OutputStream stream, boolean toPerson) {
    this.out = new BufferedOutputStream(stream, ROOM);
    this.toPerson = toPerson;
  }

  /** Those of the program. */
  static EventLines standardOutput() {
    return new EventLines(System.out, Terminal.standardOutput().isWatched());
  }

  /** An event as the player sent it. */
  void event(byte[] array, int offset, int length) throws IOException {
    if (toPerson) {
      // Between tokens JSON may have tabs and ends of lines, and nowhere else.
      String json = new String(array, offset, length, StandardCharsets.UTF_8);
      line(json.replace('\t', ' ').replace('\r', ' ').replace('\n', ' '));
    } else {
      out.write(array, offset, length);
      out.write('\n');
    }
  }

  /** A line of JSON of our own, in which an escaped character means what it stands for. */
  void line(String json) throws IOException {
    out.write(Terminal.harmless(json).getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }

  /** What was printed is seen from now on. */
  @Override
  public void close() throws IOException {
    out.flush();
  }
}
