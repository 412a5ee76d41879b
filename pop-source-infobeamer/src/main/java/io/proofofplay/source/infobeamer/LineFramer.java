package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.util.Arrays;

/**
 * Cuts the bytes of one connection into lines, in whatever pieces they arrive.
 *
 * <p>A line ends with a line feed; one carriage return before it belongs to the line end. A line of
 * nothing but white space is passed over. A line longer than the limit is told once, when its end
 * has come, with its whole length and its beginning; until then its bytes are thrown away, so the
 * memory in use is bounded by the limit, whatever the peer sends. What comes out depends on the
 * bytes alone, never on how they were cut.
 *
 * <p>A buffer that only gathers grows up to a share of what there is for all. A line that needs
 * more waits for a turn in the {@link LineRoom} of all sources, and is told like one that is too
 * long if there is none to be had. That alone depends on what others do.
 *
 * <p>Use: {@link #fill} until bytes came, then {@link #next} until it says false, and so on; at the
 * end of the stream {@link #finish}. The current line stays where it is until the next {@code fill}
 * or {@link #rest}. Not thread-safe.
 */
final class LineFramer {

  /** The buffer of a connection on which little happens, if the sources are not very many. */
  static final int SMALLEST_BUFFER = 4 * 1024;

  /** The same however many there are: a thousand of them are 2 MiB. */
  static final int LEAST_BUFFER = 2 * 1024;

  /** What those of all sources of a process are together: a part of its heap, 2 MiB of 32 MiB. */
  private static final int ALL_BUFFERS_BYTES =
      (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 16);

  /**
   * The most that one read takes. The JDK keeps a buffer outside the heap for every thread that
   * ever read, as large as its largest read.
   */
  static final int READ_BYTES = 8 * 1024;

  /** Less room than this is not worth a read. */
  private static final int LEAST_ROOM = 512;

  private final int limit;
  private final Crowd crowd;
  private final LineRoom.Turn turn;

  private byte[] buffer;

  /** Offset in the connection of the buffer's first byte. */
  private long base;

  /** Where the line begins whose end is looked for. */
  private int from;

  /** Up to here, from {@link #from} on, there is no line feed. */
  private int scanned;

  private int end;

  /** The beginning of the over-long line that is being skipped, or null. */
  private byte[] skipped;

  /** Whether others needed its room, or had it; else it is longer than the limit. */
  private boolean lacksRoom;

  private long skippedAt;
  private long skippedLength;
  private byte skippedLast;

  private int lineOffset;
  private int lineLength;
  private RefusedLine tooLong;
  private long ended;

  /**
   * A framer at the first byte of the connection of a process's only source.
   *
   * @param limit the longest line, in bytes without the line end
   */
  LineFramer(int limit) {
    this(limit, new Crowd());
  }

  /** A framer in a crowd in which nobody else has a long line. */
  LineFramer(int limit, Crowd crowd) {
    this(
        limit,
        crowd,
        new LineRoom(0, words -> {}).turn("", 0, TimeSource.system(), () -> false, () -> false));
  }

  /**
   * A framer at the first byte of a connection.
   *
   * @param limit the longest line, in bytes without the line end
   * @param crowd the sources among which the room for buffers is divided
   * @param turn room for {@link #most} bytes
   */
  LineFramer(int limit, Crowd crowd, LineRoom.Turn turn) {
    this.limit = limit;
    this.crowd = crowd;
    this.turn = turn;
    buffer = new byte[smallest()];
  }

  /** The largest buffer for lines of so many bytes at most: one of these, its end, and one read. */
  static int most(int limit) {
    return limit + 2 + READ_BYTES;
  }

  private int smallest() {
    return crowd.share(ALL_BUFFERS_BYTES, LEAST_BUFFER, SMALLEST_BUFFER);
  }

  /**
   * Reads once, at most {@value #READ_BYTES} bytes, for who wants as much as can be had.
   *
   * @param nanos the longest wait for the first byte
   * @return how many bytes came; 0 if none came in that time, -1 at the end of the stream
   */
  int fill(PlayerConnection connection, long nanos) throws IOException {
    return fill(connection, nanos, Integer.MAX_VALUE);
  }

  /**
   * Reads once, at most {@value #READ_BYTES} bytes. To be called when {@link #next} has said false,
   * or with fewer than {@code enough} bytes at hand.
   *
   * @param nanos the longest wait for the first byte
   * @param enough with so many bytes in it the buffer need not grow for more; it does for a line
   *     that does not fit, if there is room for it or comes in time
   * @return how many bytes came; 0 if none came in that time, -1 at the end of the stream
   */
  int fill(PlayerConnection connection, long nanos, int enough) throws IOException {
    return fill(connection, nanos, enough, Long.MAX_VALUE);
  }

  /**
   * The same for a line that is to come within a time: the wait for room is bound by it as well,
   * and nothing comes if it was in vain.
   */
  int fillWithin(PlayerConnection connection, long nanos) throws IOException {
    return fill(connection, nanos, 0, nanos);
  }

  private int fill(PlayerConnection connection, long nanos, int enough, long forRoom)
      throws IOException {
    if (!makeRoom(enough, forRoom)) {
      return 0;
    }
    int most = Math.min(READ_BYTES, buffer.length - end);
    long wait = nanos;
    if (turn.isHeld()) {
      // Little, so that what stands behind the line fits into a small buffer again.
      most = Math.min(most, smallest() / 2);
      wait = Math.min(wait, turn.nanosToLook());
    }
    int read = connection.read(buffer, end, most, wait);
    if (read > 0) {
      end += read;
      turn.heard();
    }
    return read;
  }

  /**
   * Goes to the next line that has ended.
   *
   * @return false if there is none among the bytes that have come
   */
  boolean next() {
    while (scanned < end) {
      int newline = indexOfNewline();
      if (newline < 0) {
        scanned = end;
        break;
      }
      int begin = from;
      from = newline + 1;
      scanned = from;
      ended++;
      if (choose(begin, newline)) {
        return true;
      }
    }
    if (skipped != null) {
      skip(from, end);
      from = end;
    } else if (end - from > limit + 1) {
      // One more than the limit may still be a line of the limit's length with a carriage return.
      beginToSkip();
    }
    return false;
  }

  /**
   * Goes to the next line if that is certainly an event, with one look at it.
   *
   * @return false if nothing was done, and {@link #next} must be asked
   */
  boolean nextEvent() {
    // What was looked at once, and had not ended, is not looked at from its beginning again.
    if (skipped != null || scanned != from || from == end) {
      return false;
    }
    int newline = PopEvent.endOfLine(buffer, from, end);
    if (newline < 0 || newline - from > limit) {
      return false;
    }
    int begin = from;
    from = newline + 1;
    scanned = from;
    ended++;
    return choose(begin, newline);
  }

  /** Gives the line up that has not ended. */
  private void beginToSkip() {
    lacksRoom = false;
    skipped = Arrays.copyOfRange(buffer, from, Math.min(end, from + RefusedLine.KEPT_BYTES));
    skippedAt = base + from;
    skippedLength = 0;
    skip(from, end);
    from = end;
    scanned = end;
  }

  /**
   * Goes to what stands behind the last line end, at the end of the stream and after {@link #next}
   * said false.
   *
   * @return false if nothing stands there, or white space alone
   */
  boolean finish() {
    int begin = from;
    from = end;
    scanned = end;
    return choose(begin, end);
  }

  /** Makes the bytes from begin to stop the current line; says whether they are one. */
  private boolean choose(int begin, int stop) {
    if (skipped != null) {
      skip(begin, stop);
      long length = skippedLast == '\r' ? skippedLength - 1 : skippedLength;
      tooLong = new RefusedLine(Refusal.TOO_LONG, skippedAt, length, skipped);
      skipped = null;
      return true;
    }
    int length = stop - begin;
    if (length > 0 && buffer[stop - 1] == '\r') {
      length--;
    }
    lineOffset = begin;
    lineLength = length;
    tooLong = length > limit ? refused(Refusal.TOO_LONG) : null;
    return tooLong != null || !isBlank();
  }

  private void skip(int begin, int stop) {
    if (stop > begin) {
      skippedLength += stop - begin;
      skippedLast = buffer[stop - 1];
    }
  }

  /** The array that holds the current line. */
  byte[] array() {
    return buffer;
  }

  /** Where the current line begins in the array. */
  int offset() {
    return lineOffset;
  }

  /** The current line's length, without its line end. */
  int length() {
    return lineLength;
  }

  /** The current line if it is longer than the limit, else null. */
  RefusedLine tooLong() {
    return tooLong;
  }

  /** The current line, refused for a reason. */
  RefusedLine refused(Refusal reason) {
    int kept = Math.min(lineLength, RefusedLine.KEPT_BYTES);
    byte[] start = Arrays.copyOfRange(buffer, lineOffset, lineOffset + kept);
    return new RefusedLine(reason, base + lineOffset, lineLength, start);
  }

  /** Whether an over-long line has begun and not ended. */
  boolean isSkipping() {
    return skipped != null;
  }

  /** Whether a line has begun and not ended that there was no room for, however long it is. */
  boolean lacksRoom() {
    return skipped != null && lacksRoom;
  }

  /** How many line ends have been seen, those of blank and of over-long lines among them. */
  long ended() {
    return ended;
  }

  /** How many bytes wait for {@link #next} or for the rest of their line. */
  int buffered() {
    return end - from;
  }

  /** The memory in use for bytes. */
  int capacity() {
    return buffer.length;
  }

  /** Whether there is no room for more bytes, so that the last read may have left some. */
  boolean isFull() {
    return end == buffer.length;
  }

  /** Gives memory back, before a wait that may be long. */
  void rest() {
    int smallest = smallest();
    if (buffered() <= smallest - LEAST_ROOM) {
      if (buffer.length > smallest) {
        moveTo(new byte[smallest]);
      }
      turn.end();
    }
  }

  /** Whether a line is under way, or was the last one, that has a turn in the room of all. */
  boolean hasTurn() {
    return turn.isHeld();
  }

  /** Gives back what is everybody's; nothing is read any more. */
  void end() {
    turn.end();
  }

  /** Says whether there was room for a line that needs some of everybody's. */
  private boolean makeRoom(int enough, long forRoom) {
    if (turn.isHeld()) {
      if (turn.isDue() && skipped == null && buffered() > smallest() - LEAST_ROOM) {
        beginToSkip();
        lacksRoom = true;
      }
      // What had a turn has been taken, or given up; else this does nothing.
      rest();
    }
    if (from > 0) {
      moveTo(buffer);
    }
    boolean gathers = buffered() < enough;
    int wanted = gathers ? enough - buffered() : LEAST_ROOM;
    if (buffer.length - end >= Math.min(LEAST_ROOM, wanted)) {
      return true;
    }
    if (!gathers && !turn.take(forRoom)) {
      beginToSkip();
      lacksRoom = true;
      rest();
      return false;
    }
    // Doubled, but not past what the longest line and one read can need.
    moveTo(new byte[Math.min(2 * buffer.length, Math.max(most(limit), end + READ_BYTES))]);
    return true;
  }

  private void moveTo(byte[] target) {
    System.arraycopy(buffer, from, target, 0, end - from);
    buffer = target;
    base += from;
    scanned -= from;
    end -= from;
    from = 0;
  }

  private int indexOfNewline() {
    byte[] bytes = buffer;
    int stop = end;
    for (int i = scanned; i < stop; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private boolean isBlank() {
    for (int i = lineOffset; i < lineOffset + lineLength; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
        return false;
      }
    }
    return true;
  }
}
