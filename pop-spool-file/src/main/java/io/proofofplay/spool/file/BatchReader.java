package io.proofofplay.spool.file;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads batches back, and decides what becomes of a file that does not hold what it should: what is
 * left of it is delivered, what is damaged goes to quarantine, and the spool's books are told.
 *
 * <p>Not thread-safe: it belongs to whoever may look and remove.
 */
final class BatchReader {

  /** How often reading a file must have failed before the file is given up, and for how long. */
  static final int VAIN_READS = 10;

  static final Duration VAIN_TIME = Duration.ofMinutes(5);

  /** How many others are asked whether it is the disk that cannot be read. */
  private static final int NEIGHBOURS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(BatchReader.class);

  /** The spool's books, set right by what a look inside a file shows. */
  interface Books {

    /** So many events wait in a batch in fact, and so many that were promised do not. */
    void correct(Segment segment, int waiting, int lost);

    /** A batch was begun at this time, by its file. */
    void begun(Segment segment, Instant created);

    /** An open file that could not be read at the start was read, and what is in it sealed. */
    void counted(Segment segment, Recovery found);

    /** Something that nobody has counted could not be read. */
    void unreadableAtStart();

    /** The names of other files, at most so many. */
    List<String> namesBut(Segment segment, int most);
  }

  /**
   * A batch in memory, and what it was read from.
   *
   * @param segment where it stands in the spool
   * @param remains what its file holds, or will hold
   * @param rest all that waits of it
   */
  record Loaded(Segment segment, Remains remains, Batch rest) {}

  /**
   * Reads that have failed one after the other.
   *
   * @param count how many
   * @param since when the first was, by the monotonic clock
   */
  private record Vain(int count, long since) {}

  private final SpoolFolder folder;
  private final Reserve reserve;
  private final TimeSource time;
  private final Books books;

  /** The batches that could not be read when they were last looked at. */
  private final Map<Segment, Vain> unread = new HashMap<>();

  BatchReader(SpoolFolder folder, Reserve reserve, TimeSource time, Books books) {
    this.folder = folder;
    this.reserve = reserve;
    this.time = time;
    this.books = books;
  }

  /**
   * Reads a sealed batch from its file. Where that does not hold what it should, the books are set
   * right.
   *
   * @return the batch, or {@code null} if nothing is left of it and it is out of the spool
   * @throws IOException if it cannot be read now
   */
  Loaded read(Segment segment) throws IOException {
    String name = segment.name();
    byte[] content;
    try {
      if (folder.isForeign(name, segment.length())) {
        return setAside(segment, segment.length() + " bytes, and it does not begin like ours");
      }
      if (segment.isUncounted() && !count(segment)) {
        return null;
      }
      name = segment.name();
      content = folder.read(name, segment.length());
    } catch (NoSuchFileException e) {
      LOG.warn("{}: is gone, with {} events", folder.path(name), segment.waiting());
      unread.remove(segment);
      books.correct(segment, 0, segment.waiting());
      return null;
    } catch (AccessDeniedException | SpoolFolder.TooLongForMemory e) {
      // Somebody can mend that.
      throw e;
    } catch (IOException e) {
      if (!isGivenUp(segment, name, e)) {
        throw e;
      }
      unread.remove(segment);
      giveUp(segment);
      return null;
    }
    unread.remove(segment);
    return weigh(segment, name, SpoolFileScan.of(content));
  }

  /** Whether a batch could not be read when it was last looked at. */
  boolean hasFailedAt(Segment segment) {
    return unread.containsKey(segment);
  }

  /**
   * Looks at a batch whose bytes are at hand; otherwise as {@link #read}.
   *
   * @param name what its file is called, {@code null} if there is none
   * @param scan what was found in it
   */
  Loaded weigh(Segment segment, String name, SpoolFileScan scan) {
    if (Recovery.isOfAnotherVersion(scan)) {
      return setAside(segment, "written by another version of the relay");
    }
    Remains remains = new Remains(scan, segment.sealedName());
    if (remains.lost() > 0) {
      LOG.warn("{}: {} events cannot be read", folder.path(name), remains.lost());
    }
    if (remains.waiting() == 0) {
      // With all that is damaged in it.
      return setAside(segment, "no event is left in it");
    }
    if (!scan.damages().isEmpty()) {
      folder.quarantine(name, scan, scan.damages());
    }
    scan.header().ifPresent(header -> books.begun(segment, header.created()));
    if (remains.lost() > 0 || remains.waiting() != segment.waiting()) {
      books.correct(segment, remains.waiting(), remains.lost());
    }
    return new Loaded(segment, remains, remains.batch());
  }

  /**
   * Seals and counts an open file that could not be read at the start.
   *
   * @return whether there are events in it; if not it is out of the spool
   * @throws IOException if it still cannot be read
   */
  private boolean count(Segment segment) throws IOException {
    books.counted(segment, Recovery.ofUncounted(folder, segment));
    if (segment.isUncounted()) {
      unread.remove(segment);
      books.correct(segment, 0, 0);
    }
    return !segment.isUncounted();
  }

  private void giveUp(Segment segment) {
    if (segment.isUncounted()) {
      // There is no count of what was in it; it must be seen all the same.
      books.unreadableAtStart();
    }
    books.correct(segment, 0, segment.waiting());
  }

  /**
   * A file that cannot be read must not hold up those behind it for ever: once that has failed
   * often enough for long enough, and it is the file's fault, it is set aside whole.
   */
  private boolean isGivenUp(Segment segment, String name, IOException failure) {
    Vain before = unread.getOrDefault(segment, new Vain(0, time.nanos()));
    Vain now = new Vain(before.count() + 1, before.since());
    unread.put(segment, now);
    if (now.count() < VAIN_READS || time.nanos() - now.since() < VAIN_TIME.toNanos()) {
      return false;
    }
    String reason =
        now.count()
            + " attempts to read it have failed, in "
            + Duration.ofNanos(time.nanos() - now.since()).toSeconds()
            + " s, with "
            + (segment.isUncounted() ? "nobody knows how many" : segment.waiting())
            + " events: "
            + failure;
    List<String> neighbours = books.namesBut(segment, NEIGHBOURS);
    if (reserve.isThere()) {
      neighbours.add(Reserve.NAME);
    }
    return folder.setAsideUnread(name, neighbours, reason);
  }

  private Loaded setAside(Segment segment, String reason) {
    folder.setAside(segment.name(), reason);
    folder.forceIfPossible();
    giveUp(segment);
    return null;
  }
}
