package io.proofofplay.spool.file;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.Disk.OpenFile;
import io.proofofplay.spool.file.Segment.Mark;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest batches of a spool: those that are not yet sealed in a file, or not yet safe. Events
 * are put behind them, and brought to disk from here.
 *
 * <p>Not thread-safe: the spool's lock guards it, and {@link #bringToDisk} lets go of that while it
 * forces. One thread at a time may bring to disk.
 */
final class Tail {

  /** A larger buffer is not worth keeping for the next batch. */
  private static final int LARGEST_SPARE = 2 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Tail.class);

  private final SpoolFolder folder;
  private final TimeSource time;
  private final FileSpool.Bounds bounds;
  private final ReentrantLock lock;
  private final Collection<Segment> sealed;
  private final String id = SpoolId.random();
  private final SpoolFileFormat format = new SpoolFileFormat();
  private final List<Segment> batches = new ArrayList<>();
  private final Fresh fresh;
  private Bytes spare;

  /** How long the last batch was. */
  private int usual;

  private long nextNumber;
  private boolean onDisk;
  private long unkept;

  /** Whether a failed force has left batches in memory that belong into files. */
  private boolean takenBack;

  /** What to do with the files that they share with what is kept, once they are safe elsewhere. */
  private final List<Runnable> untrusted = new ArrayList<>();

  /** The file that holds most of each of the others, to be deleted then. */
  private final IdentityHashMap<Segment, String> copies = new IdentityHashMap<>();

  /**
   * A tail without batches.
   *
   * @param sealed the batches before it; gets those that are sealed here
   * @param fresh gets the bytes of those
   * @param nextNumber the number of the next batch
   * @param onDisk whether what is added is written at once
   */
  Tail(
      SpoolFolder folder,
      TimeSource time,
      FileSpool.Bounds bounds,
      ReentrantLock lock,
      Collection<Segment> sealed,
      Fresh fresh,
      long nextNumber,
      boolean onDisk) {
    this.folder = folder;
    this.time = time;
    this.bounds = bounds;
    this.lock = lock;
    this.sealed = sealed;
    this.fresh = fresh;
    this.nextNumber = nextNumber;
    this.onDisk = onDisk;
  }

  // ---------------------------------------------------------------- what there is

  /** The batches, oldest first. */
  List<Segment> batches() {
    return Collections.unmodifiableList(batches);
  }

  boolean isEmpty() {
    return batches.isEmpty();
  }

  /** The batch that takes more events, or {@code null}. */
  Segment open() {
    Segment last = batches.isEmpty() ? null : batches.get(batches.size() - 1);
    return last == null || last.isEnded() ? null : last;
  }

  /** Whether what is added is written to files at once; else it is in memory alone. */
  boolean isOnDisk() {
    return onDisk;
  }

  void onDisk(boolean now) {
    onDisk = now;
  }

  /** The bytes that are not safe. */
  long unkept() {
    return unkept;
  }

  /** How many events a force that fails would leave in memory alone. */
  long unkeptEvents() {
    long events = 0;
    for (Segment segment : batches) {
      events += segment.unkeptEvents();
    }
    return events;
  }

  /** Whether a failed force has left batches in memory that belong into files. */
  boolean isTakenBack() {
    return takenBack;
  }

  /** Whether something must be brought to disk before so many more bytes are added. */
  boolean hasNoRoomFor(long more) {
    return onDisk
        ? takenBack
            || (unkept > 0 && unkept + more > bounds.unforcedBytes())
            || batches.size() >= bounds.unforcedFiles()
        : unkept + more > bounds.memoryBytes();
  }

  // ---------------------------------------------------------------- adding

  /**
   * What an append has added.
   *
   * @param first the batch that was open before, or {@code null}
   * @param mark how far that one had come
   * @param before how many batches there were
   * @param bytes how many bytes are new
   */
  record Growth(Segment first, Mark mark, int before, long bytes) {}

  /** Adds events in memory. */
  Growth add(List<PopEvent> added, BatchPolicy policy, boolean oneSender) {
    Segment first = open();
    Growth none = new Growth(first, first == null ? Mark.NOTHING : first.mark(), batches.size(), 0);
    try {
      encode(added, policy, oneSender);
    } catch (RuntimeException | Error e) {
      takeOut(none);
      throw e;
    }
    long more = first == null ? 0 : first.length() - none.mark.length();
    for (int i = none.before; i < batches.size(); i++) {
      more += batches.get(i).length();
    }
    return new Growth(first, none.mark, none.before, more);
  }

  /** They are there for good, as far as the disk keeps its word. */
  void added(Growth growth) {
    unkept += growth.bytes;
  }

  /** Adds to the batches in memory; begins new ones where a limit or a change of sender asks it. */
  private void encode(List<PopEvent> added, BatchPolicy policy, boolean oneSender) {
    Segment last = open();
    Segment ended = null;
    for (PopEvent event : added) {
      String sender = event.sender().orElse(null);
      if (last != null
          && last.count() > 0
          && (policy.closesBefore(last.count(), last.eventBytes(), event.length())
              || (oneSender && !Objects.equals(sender, last.sender())))) {
        end(last);
        ended = last;
        last = null;
      }
      if (last == null) {
        if (ended != null) {
          // There may be hundreds of them in one append: none keeps more room than it needs.
          giveSpare(ended.shrink());
        }
        last =
            Segment.begin(
                nextNumber++, id, time.now().truncatedTo(ChronoUnit.MILLIS), takeSpare(), format);
        batches.add(last);
      }
      last.add(event, sender, format);
      if (policy.isFull(last.count(), last.eventBytes())) {
        end(last);
        ended = last;
        last = null;
      }
    }
  }

  /** Writes what was added to files, and what was left of the same batch before. */
  void write(Growth growth) throws IOException {
    // Whoever writes the batch out for the first time, for a force, will write this as well.
    Segment first = growth.first;
    if (first != null && first.file() != null) {
      first.write();
    }
    for (int i = growth.before; i < batches.size(); i++) {
      Segment segment = batches.get(i);
      String name = segment.openName().toString();
      segment.writtenTo(folder.create(name), name);
      segment.write();
      boolean isMore = i + 1 < batches.size();
      if (isMore && (i + 1 - growth.before) % bounds.unforcedFiles() == 0) {
        forceEnded(batches.subList(growth.before, i + 1));
      }
    }
  }

  /** Forces and closes the files of batches that have ended: not more can be open at a time. */
  private void forceEnded(List<Segment> some) throws IOException {
    List<Segment> unforced =
        some.stream().filter(segment -> segment.isEnded() && segment.file() != null).toList();
    folder.force(unforced.stream().map(Segment::file).toList());
    for (Segment segment : unforced) {
      SpoolFolder.closeQuietly(segment.file());
      segment.forcedWhole();
    }
  }

  /** Whether an append has made more batches than may have open files at a time. */
  boolean isLarge(Growth growth) {
    return batches.size() - growth.before > bounds.unforcedFiles();
  }

  /**
   * Whether an append has begun batches that would get files of their own while an earlier one is
   * not wholly in its file, because it was left to the next force. What was left of the open file
   * is no reason: it is written along.
   */
  boolean wouldPassOver(Growth growth) {
    if (batches.size() == growth.before) {
      return false;
    }
    for (int i = 0; i < growth.before; i++) {
      Segment earlier = batches.get(i);
      boolean isWrittenAlong = earlier == growth.first && earlier.file() != null;
      if (!isWrittenAlong && !earlier.isWholeInFile()) {
        return true;
      }
    }
    return false;
  }

  /** All or nothing: forgets what an append has added, and the files that it made. */
  void takeOut(Growth growth) {
    while (batches.size() > growth.before) {
      Segment segment = batches.remove(batches.size() - 1);
      giveSpare(segment.pending());
      SpoolFolder.closeQuietly(segment.file());
      if (segment.name() != null) {
        folder.delete(segment.name());
      }
    }
    if (growth.first != null) {
      growth.first.backTo(growth.mark);
    }
  }

  /**
   * Cuts the file of the open batch back to its last whole record. Where that fails, what it lacks
   * goes to another file.
   */
  void cut(Growth growth) {
    Segment first = growth.first;
    if (first == null || first.file() == null) {
      return;
    }
    try {
      first.file().truncate(first.written());
    } catch (IOException e) {
      // The batch ends here, for this life: what stands behind in the file is never read.
      LOG.warn("{}: cannot be cut back: {}", folder.path(first.name()), e.toString());
      if (first.written() < first.length()) {
        takeBack();
      } else {
        end(first);
      }
    }
  }

  /** Nothing is added to the open batch any more; says whether there was one. */
  boolean endOpen() {
    Segment open = open();
    if (open != null) {
      end(open);
    }
    return open != null;
  }

  private void end(Segment segment) {
    segment.end();
    if (!onDisk) {
      // The next one will need about as much: to grow there, and to be cut here, is a copy each.
      usual = segment.pending().length();
      segment.pending().trim();
    }
  }

  /** For the same bytes under another number; there may be hundreds that have ended. */
  private Bytes roomFor(Segment segment) {
    int needed = segment.pending().length() + FirstLine.LONGEST;
    return new Bytes(segment.isEnded() ? needed : Math.max(bounds.bufferBytes(), needed));
  }

  private Bytes takeSpare() {
    Bytes taken = spare;
    spare = null;
    if (taken != null) {
      return taken;
    }
    // A little more than the last one needed: to grow means to copy.
    int wanted = Math.min(usual + usual / 16, LARGEST_SPARE);
    return new Bytes(Math.max(bounds.bufferBytes(), wanted));
  }

  private void giveSpare(Bytes free) {
    if (free != null
        && !free.isLent()
        && free.capacity() >= bounds.bufferBytes()
        && free.capacity() <= LARGEST_SPARE) {
      free.cutTo(0);
      spare = free;
    }
  }

  // ---------------------------------------------------------------- to disk

  /**
   * Makes the batches safe, in files that are sealed if they have ended. Others may add meanwhile.
   *
   * @param openToo whether the open batch is to be forced as well
   * @return whether all that was there at the beginning is safe
   * @throws IOException if the disk does not take it; then {@link #takeBack} is due
   */
  boolean bringToDisk(boolean openToo) throws IOException {
    List<Segment> work = new ArrayList<>(batches);
    boolean all = openToo || open() == null;
    if (!all) {
      work.remove(work.size() - 1);
    }
    List<Mark> marks = new ArrayList<>(work.size());
    // Not all at once: from memory there may come more than can be open at a time.
    for (int from = 0; from < work.size(); from += bounds.unforcedFiles()) {
      forceContent(work.subList(from, Math.min(work.size(), from + bounds.unforcedFiles())), marks);
    }
    for (int i = 0; i < work.size(); i++) {
      Segment segment = work.get(i);
      SpoolFileName name =
          isWhole(segment, marks.get(i)) ? segment.sealedName() : segment.openName();
      if (!name.toString().equals(segment.name())) {
        folder.rename(segment.name(), name.toString());
        segment.named(name.toString());
      }
    }
    unlocked(folder::force);
    for (int i = 0; i < work.size(); i++) {
      Segment segment = work.get(i);
      unkept -= marks.get(i).length() - segment.kept().length();
      segment.keep(marks.get(i));
      if (isWhole(segment, marks.get(i)) && segment.isForced()) {
        settle(segment);
        sealed.add(segment);
      }
    }
    batches.removeIf(segment -> segment.pending() == null);
    if (all) {
      clearUntrusted();
    }
    return all;
  }

  /** Writes and forces batches; adds to the marks how far each of them is safe then. */
  private void forceContent(List<Segment> some, List<Mark> marks) throws IOException {
    int first = marks.size();
    List<OpenFile> unforced = new ArrayList<>(some.size());
    for (Segment segment : some) {
      if (segment.unkept() > 0 && segment.name() == null) {
        writeOut(segment);
      } else if (segment.file() != null) {
        segment.write();
      }
      marks.add(segment.mark());
      if (!segment.isForced() && segment.unkept() > 0) {
        unforced.add(segment.file());
      }
    }
    if (!unforced.isEmpty()) {
      unlocked(() -> folder.force(unforced));
    }
    for (int i = 0; i < some.size(); i++) {
      Segment segment = some.get(i);
      if (!segment.isForced() && isWhole(segment, marks.get(first + i))) {
        SpoolFolder.closeQuietly(segment.file());
        segment.forcedWhole();
      }
    }
  }

  private void settle(Segment segment) {
    boolean whole = segment.isWholeInMemory();
    Bytes content = segment.settle();
    usual = content.length();
    if (!whole || !fresh.keep(segment, content, sealed.size())) {
      giveSpare(content);
    }
  }

  /** A disk operation during which others may append. */
  private interface DiskStep {
    void run() throws IOException;
  }

  private void unlocked(DiskStep step) throws IOException {
    lock.unlock();
    try {
      step.run();
    } finally {
      lock.lock();
    }
  }

  /** Whether a batch has ended and nothing was added to it since. */
  private static boolean isWhole(Segment segment, Mark mark) {
    return segment.isEnded() && segment.length() == mark.length();
  }

  private void writeOut(Segment segment) throws IOException {
    SpoolFileName name = segment.isEnded() ? segment.sealedName() : segment.openName();
    segment.writtenTo(folder.create(name.temporary()), name.temporary());
    segment.write();
  }

  // ---------------------------------------------------------------- after a failure

  /**
   * After a failure: no file is trusted beyond what is kept. All pending bytes are in memory alone
   * again, in batches of their own. What the files hold beyond stays until it is safe elsewhere: a
   * process that is killed in between has not lost it.
   */
  void takeBack() {
    boolean renumber = false;
    for (int i = 0; i < batches.size(); i++) {
      Segment segment = batches.get(i);
      if (segment.kept().count() == 0) {
        SpoolFolder.closeQuietly(segment.file());
        leave(segment);
        // A part of it may be found under its id. Nobody has looked at it yet: it gets another.
        renumber |= segment.isInOpenFile();
        segment.withoutFile();
        if (renumber) {
          segment.renumber(nextNumber++, id, roomFor(segment), format);
        }
        takenBack = true;
      } else if (segment.unkept() > 0) {
        Segment rest = segment.splitPending(nextNumber++, id, roomFor(segment), format);
        SpoolFolder.closeQuietly(segment.file());
        segment.forcedWhole();
        batches.add(i + 1, rest);
        i++;
        untrusted.add(() -> cutToKept(segment));
        renumber = true;
        takenBack = true;
      }
    }
    recount();
  }

  /** The batches in memory go on being there: they belong into no file. */
  void backToMemory() {
    onDisk = false;
    takenBack = false;
  }

  /**
   * Takes out all that is not kept.
   *
   * @return how many events that were
   */
  long withdraw() {
    // First, while it is known which batch came first.
    clearUntrusted();
    long lost = 0;
    for (int i = batches.size() - 1; i >= 0; i--) {
      Segment segment = batches.get(i);
      if (segment.kept().count() == 0) {
        lost += segment.count();
        giveSpare(segment.pending());
        batches.remove(i);
      }
    }
    recount();
    return lost;
  }

  /** Takes out a batch that is done with. */
  void takeOut(Segment segment) {
    batches.remove(segment);
    unkept -= segment.unkept();
  }

  /** A batch is done with, wherever it was: what was left of it in another file goes too. */
  void forgetCopyOf(Segment segment) {
    String copy = copies.remove(segment);
    if (copy != null && !copy.equals(segment.name())) {
      folder.delete(copy);
    }
  }

  private void leave(Segment segment) {
    String name = segment.name();
    if (name == null) {
      return;
    }
    String older = copies.get(segment);
    if (name.equals(older)) {
      return;
    }
    if (SpoolFileName.isTemporary(name) || (older != null && !segment.isWholeInFile())) {
      folder.delete(name);
      return;
    }
    copies.put(segment, name);
    if (older != null) {
      // A disk that fails for hours would be filled with copies, of which the latest is enough.
      folder.delete(older);
    }
  }

  /** The same batch may have a new file under the name. */
  private void deleteUnlessInUse(String name) {
    long number = SpoolFileName.of(name).map(SpoolFileName::number).orElse(-1L);
    for (Collection<Segment> some : List.of(batches, sealed)) {
      for (Segment segment : some) {
        if (segment.number() == number && name.equals(segment.name())) {
          return;
        }
      }
    }
    folder.delete(name);
  }

  /**
   * What was left in files that are not trusted is safe elsewhere, or nobody's. The newest goes
   * first: whoever is killed in between leaves no event without the earlier ones.
   */
  private void clearUntrusted() {
    for (int i = batches.size() - 1; i >= 0; i--) {
      String copy = copies.remove(batches.get(i));
      if (copy != null) {
        deleteUnlessInUse(copy);
      }
    }
    copies.values().forEach(this::deleteUnlessInUse);
    copies.clear();
    for (int i = untrusted.size() - 1; i >= 0; i--) {
      untrusted.get(i).run();
    }
    untrusted.clear();
    takenBack = false;
  }

  private void cutToKept(Segment segment) {
    String name = segment.sealedName().toString();
    if (!segment.isInOpenFile() && !name.equals(segment.name())) {
      // It was sealed with what is taken out now; a start must not miss that.
      try {
        folder.rename(segment.name(), name);
        segment.named(name);
      } catch (IOException e) {
        LOG.warn(
            "{}: cannot be renamed to {}: {}", folder.path(segment.name()), name, e.toString());
      }
    }
    try (OpenFile file = folder.append(segment.name())) {
      file.truncate(segment.length());
    } catch (IOException e) {
      // In this life nothing behind is read. The next one may find events that stand in another
      // file as well.
      LOG.warn("{}: cannot be cut back: {}", folder.path(segment.name()), e.toString());
    }
  }

  private void recount() {
    unkept = 0;
    for (Segment segment : batches) {
      unkept += segment.unkept();
    }
  }

  void closeFiles() {
    batches.forEach(segment -> SpoolFolder.closeQuietly(segment.file()));
  }
}
