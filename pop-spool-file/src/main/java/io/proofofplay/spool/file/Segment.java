package io.proofofplay.spool.file;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;

/**
 * One batch of the spool and the file that it is in, or will be in.
 *
 * <p>Its bytes are, in order: those that are <em>kept</em>, which is forced under a name that is
 * forced, and the <em>pending</em> ones, which are in memory in any case, and in the file too if
 * there is one. A batch that was found at the start, or that is sealed in a file, has kept bytes
 * alone.
 *
 * <p>Not thread-safe: the spool's lock guards it.
 */
final class Segment {

  /**
   * How far a batch has come.
   *
   * @param length its bytes
   * @param count its events
   * @param eventBytes the bytes of its events
   * @param sender the sender of its last event
   */
  record Mark(long length, int count, long eventBytes, String sender) {

    static final Mark NOTHING = new Mark(0, 0, 0, null);
  }

  /** Larger batches are let go of while they grow, as far as they are kept; not once they ended. */
  private static final int MOST_WHOLE_IN_MEMORY = 512 << 10;

  private long number;
  private Instant created;

  /** The events of the whole batch, those done with included. */
  private int count;

  /** How many of the first events are done with, as the name says it. */
  private int skip;

  /** How many events wait. */
  private int waiting;

  private long length;
  private int eventBytes;
  private String sender;

  /** {@code null} once all is kept and nothing will be added: a backlog has many of these. */
  private Mark kept;

  /** How much of it is in the file. */
  private int written;

  /**
   * The pending bytes, and before them what is kept, save its first so many; {@code null} once all
   * is kept and nothing will be added.
   */
  private Bytes pending;

  private int dropped;

  /** {@code null} while there is no file, or while it is called as {@code sealedName} says. */
  private String name;

  /** Whether the file is called as {@code sealedName} says. */
  private boolean calledAsSealed;

  /** {@code null} when there is no file, or nothing will be written to it any more. */
  private OpenFile file;

  private boolean ended;
  private boolean forced;

  /** Whether {@code created} is what the file's first line says. */
  private boolean dated = true;

  private Segment(long number, Instant created) {
    this.number = number;
    this.created = created;
  }

  /** A batch without events, in memory. */
  static Segment begin(
      long number, String spool, Instant created, Bytes pending, SpoolFileFormat format) {
    Segment segment = new Segment(number, created);
    segment.kept = Mark.NOTHING;
    segment.pending = pending;
    format.putHeader(pending, spool, number, created);
    segment.length = pending.length();
    return segment;
  }

  /**
   * A sealed batch in a file that an earlier life left.
   *
   * @param count how many events it holds; 0 if it is still open and could not be read
   */
  static Segment found(SpoolFileName as, String name, int count, long length, Instant modified) {
    Segment segment = new Segment(as.number(), modified);
    segment.dated = false;
    segment.count = count;
    segment.skip = as.skip();
    segment.waiting = count - as.skip();
    segment.length = length;
    segment.ended = true;
    segment.forced = true;
    segment.named(name);
    segment.callAsSealed();
    return segment;
  }

  void add(PopEvent event, String from, SpoolFileFormat format) {
    int before = pending.length();
    if (!Objects.equals(from, sender)) {
      format.putSender(pending, from);
      sender = from;
    }
    format.putRecord(pending, event);
    length += pending.length() - before;
    eventBytes += event.length();
    count++;
    waiting++;
  }

  Mark mark() {
    return new Mark(length, count, eventBytes, sender);
  }

  /** Takes out of memory what was added since. The file is the caller's business. */
  void backTo(Mark mark) {
    waiting -= count - mark.count;
    length = mark.length;
    count = mark.count;
    eventBytes = (int) mark.eventBytes;
    sender = mark.sender;
    pending.cutTo((int) (length - dropped));
    written = (int) Math.min(written, length);
    ended = false;
  }

  /** All up to here is safe in the file. */
  void keep(Mark mark) {
    if (!ended && mark.length > MOST_WHOLE_IN_MEMORY) {
      pending.dropFirst((int) (mark.length - dropped));
      dropped = (int) mark.length;
    }
    kept = mark;
  }

  /**
   * Splits the part off that is not kept. This ends with what is kept.
   *
   * @param spare gets the other part, under a number of its own
   */
  Segment splitPending(long other, String spool, Bytes spare, SpoolFileFormat format) {
    Segment rest = begin(other, spool, created, spare, format);
    if (kept.sender != null) {
      format.putSender(spare, kept.sender);
    }
    spare.put(pending, (int) (kept.length - dropped));
    rest.length = spare.length();
    rest.count = count - kept.count;
    rest.waiting = rest.count;
    rest.eventBytes = (int) (eventBytes - kept.eventBytes);
    rest.sender = sender;
    rest.ended = ended;
    pending.cutTo((int) (kept.length - dropped));
    waiting -= rest.count;
    count = kept.count;
    length = kept.length;
    // What its file has beyond is not its own any more.
    written = (int) Math.min(written, length);
    eventBytes = (int) kept.eventBytes;
    sender = kept.sender;
    ended = true;
    forced = true;
    return rest;
  }

  /** Gives a batch in memory that nobody has seen another number. */
  void renumber(long other, String spool, Bytes spare, SpoolFileFormat format) {
    format.putHeader(spare, spool, other, created);
    int header = pending.firstLine();
    length += spare.length() - header;
    spare.put(pending, header);
    number = other;
    pending = spare;
  }

  /** Whether all of it is in its file, forced or not. */
  boolean isWholeInFile() {
    return written == length;
  }

  /**
   * Gives room back that an ended batch does not need.
   *
   * @return the larger buffer, {@code null} if there is none to be had
   */
  Bytes shrink() {
    if (!pending.isWide() || pending.isLent()) {
      return null;
    }
    Bytes wide = pending;
    pending = new Bytes(wide.length());
    pending.put(wide, 0);
    return wide;
  }

  /** Forgets the file: the batch is in memory alone. */
  void withoutFile() {
    name = null;
    calledAsSealed = false;
    file = null;
    written = 0;
    forced = false;
  }

  /** Whether all of its bytes are in memory, kept ones too. */
  boolean isWholeInMemory() {
    return pending != null && dropped == 0;
  }

  /**
   * Lets go of what is only needed while something may be added.
   *
   * @return the buffer, with all its bytes if it was whole in memory
   */
  Bytes settle() {
    Bytes free = pending;
    pending = null;
    file = null;
    kept = null;
    callAsSealed();
    return free;
  }

  /** Whether it is an open file that could not be read, so that nobody knows what is in it. */
  boolean isUncounted() {
    return pending == null && count == 0;
  }

  /** The file could be read, and was sealed. */
  void isFound(Segment sealed) {
    created = sealed.created;
    dated = sealed.dated;
    count = sealed.count;
    waiting = sealed.waiting;
    length = sealed.length;
    named(sealed.name());
    callAsSealed();
  }

  /** A look inside has shown how many events wait in fact. */
  void holds(int events) {
    waiting = events;
  }

  void removeFirst(int events, int newSkip) {
    waiting -= events;
    if (newSkip > 0) {
      // It is called as before until it is renamed.
      named(name());
      skip = newSkip;
    }
  }

  long number() {
    return number;
  }

  Instant created() {
    return created;
  }

  boolean isDated() {
    return dated;
  }

  void createdAt(Instant instant) {
    created = instant;
    dated = true;
  }

  int count() {
    return count;
  }

  int skip() {
    return skip;
  }

  int waiting() {
    return waiting;
  }

  long length() {
    return length;
  }

  long eventBytes() {
    return eventBytes;
  }

  String sender() {
    return sender;
  }

  Mark kept() {
    return kept;
  }

  Bytes pending() {
    return pending;
  }

  long unkept() {
    return kept == null ? 0 : length - kept.length;
  }

  /** How many of its events a force that fails would leave in memory alone. */
  int unkeptEvents() {
    return kept == null ? 0 : count - kept.count;
  }

  String name() {
    return calledAsSealed ? sealedName().toString() : name;
  }

  /** Needs no room for a name that can be told from the numbers. */
  private void callAsSealed() {
    if (sealedName().toString().equals(name)) {
      name = null;
      calledAsSealed = true;
    }
  }

  /** Whether its file may be found with a part of its events. */
  boolean isInOpenFile() {
    return openName().toString().equals(name);
  }

  void named(String newName) {
    calledAsSealed = false;
    name = newName;
  }

  OpenFile file() {
    return file;
  }

  void writtenTo(OpenFile opened, String openedName) {
    file = opened;
    name = openedName;
  }

  /** How much of it is in the file, in bytes; what a write that failed has left is behind that. */
  long written() {
    return written;
  }

  /** Writes what is not in the file yet. */
  void write() throws IOException {
    int from = written - dropped;
    if (from < pending.length()) {
      file.write(pending.array(), from, pending.length() - from);
    }
    written = (int) length;
  }

  boolean isEnded() {
    return ended;
  }

  void end() {
    ended = true;
  }

  /** Whether all of an ended batch is forced, so that its file is closed. */
  boolean isForced() {
    return forced;
  }

  void forcedWhole() {
    forced = true;
    file = null;
  }

  SpoolFileName sealedName() {
    return new SpoolFileName(number, count, skip);
  }

  SpoolFileName openName() {
    return SpoolFileName.open(number);
  }
}
