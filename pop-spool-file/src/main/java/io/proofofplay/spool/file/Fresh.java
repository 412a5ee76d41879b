package io.proofofplay.spool.file;

import java.util.IdentityHashMap;

/**
 * The bytes of the batches that were sealed last, so that whoever delivers them at once need not
 * read the files. Kept only while every batch that waits in a file is among them: in a backlog, the
 * newest are looked at last.
 *
 * <p>Not thread-safe: the spool's lock guards it.
 */
final class Fresh {

  private final long most;
  private final IdentityHashMap<Segment, Bytes> contents = new IdentityHashMap<>();
  private long bytes;

  /**
   * Without any yet.
   *
   * @param most how many bytes may be kept together
   */
  Fresh(long most) {
    this.most = most;
  }

  /**
   * Keeps what a file holds that was sealed just now.
   *
   * @param waiting how many sealed batches wait, this one not among them; the oldest may be on its
   *     way already
   * @return whether it is kept; then nobody may change it any more
   */
  boolean keep(Segment segment, Bytes content, int waiting) {
    if (contents.size() + 1 < waiting || bytes + content.capacity() > most) {
      return false;
    }
    contents.put(segment, content);
    bytes += content.capacity();
    return true;
  }

  /** The content of a batch; {@code null} if it is not here. */
  Bytes of(Segment segment) {
    return contents.get(segment);
  }

  /** The batch is not in the spool any more. */
  void forget(Segment segment) {
    Bytes content = contents.remove(segment);
    if (content != null) {
      bytes -= content.capacity();
    }
  }
}
