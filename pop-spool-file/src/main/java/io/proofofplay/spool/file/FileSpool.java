package io.proofofplay.spool.file;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.Disk.OpenFile;
import io.proofofplay.spool.file.Segment.Mark;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A spool in files: one sealed file is one batch, and its name says how far it is done with.
 *
 * <p>What always holds:
 *
 * <ol>
 *   <li>The order of the batches is the order of their numbers. A number is given once in a life of
 *       the spool, and a life has an id of its own: an id never means other bytes.
 *   <li>A batch is a run of <em>kept</em> bytes, forced in a file whose name is forced, followed by
 *       <em>pending</em> ones, which are all in memory. So a failed force loses nothing: the file
 *       is cut back to what is kept and never trusted beyond it, and the pending bytes go to a new
 *       one.
 *   <li>Batches with pending bytes, and those not yet sealed, are the last ones ({@code
 *       unsettled}); all others are sealed files ({@code sealed}). Only the very last batch may be
 *       open.
 *   <li>A batch that was looked at never changes. With files, only sealed ones are looked at. While
 *       everything is in memory ({@code onDisk} is false), ended ones are; they get their file
 *       under a temporary name, so that a kill leaves all of it or nothing.
 *   <li>{@code sync} returns only after the bytes and the names of all that was appended before it
 *       are forced. What could not be forced under write-ahead is taken out again, in memory and,
 *       as far as possible, in the files; a restart may find it, as events that nobody was
 *       promised.
 *   <li>Removing and progress are an unlink and a rename. If even these fail, they are tried again
 *       later, and a restart may find a batch that was delivered; it never misses one that was not.
 * </ol>
 *
 * <p>How far the memory goes: pending bytes are at most {@value #UNFORCED_BYTES}, with {@link
 * Durability#ON_FAILURE} {@value #MEMORY_BYTES}, save one larger append; beside them, the two
 * batches that are looked at.
 *
 * <p>Two locks: {@code consumer} lets one thread at a time look and remove, {@code lock} guards the
 * state. Forces are made by one leader at a time, who lets go of {@code lock} meanwhile; what was
 * appended by then shares his next force. Nothing here reacts to an interrupt.
 */
final class FileSpool implements Spool {

  /** What {@link Durability#ON_FAILURE} keeps in memory before it writes by itself. */
  static final long MEMORY_BYTES = 8 << 20;

  /** What may be written and not forced, because it is held in memory until then. */
  static final long UNFORCED_BYTES = 1 << 20;

  /** How far the memory goes. Tests choose less, so that a few events reach it. */
  record Bounds(int bufferBytes, long unforcedBytes, long memoryBytes, int unforcedFiles) {

    static final Bounds USUAL =
        new Bounds(BUFFER_BYTES, UNFORCED_BYTES, MEMORY_BYTES, UNFORCED_FILES);
  }

  /** How often reading a file must have failed before the file is given up, and for how long. */
  static final int VAIN_READS = 10;

  static final Duration VAIN_TIME = Duration.ofMinutes(5);

  /** How many others are asked whether it is the disk that cannot be read. */
  private static final int NEIGHBOURS = 4;

  /** How many files may be open at a time because they are not forced, save one append's. */
  private static final int UNFORCED_FILES = 64;

  private static final int BUFFER_BYTES = 64 << 10;

  /** A larger buffer is not worth keeping for the next batch. */
  private static final int LARGEST_SPARE = 2 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(FileSpool.class);

  private final SpoolFolder folder;
  private final Reserve reserve;
  private final TimeSource time;
  private final Bounds bounds;
  private final String id;
  private final SpoolFileFormat format = new SpoolFileFormat();
  private long damagedAtStart;

  private final ReentrantLock consumer = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition settled = lock.newCondition();

  private SpoolPolicy keeping;
  private BatchPolicy batches;
  private boolean oneSender;
  private final ArrayDeque<Segment> sealed = new ArrayDeque<>();
  private final List<Segment> unsettled = new ArrayList<>();
  private Bytes spare;
  private long nextNumber;
  private boolean onDisk;
  private boolean closed;

  /** Whether a failed force has left batches in memory that belong into files. */
  private boolean takenBack;

  /** What to do with the files they were in, once they are safe elsewhere. */
  private final List<Runnable> untrusted = new ArrayList<>();

  /** Whether a leader is forcing. */
  private boolean settling;

  /** Counts the appends; what is kept of them is counted in {@code keptTicket}. */
  private long ticket;

  private long keptTicket;
  private final List<Waiter> waiters = new ArrayList<>();

  /** With write-ahead: who has appended what is not kept yet, and will ask by {@code sync}. */
  private final Map<Thread, Long> appenders = new HashMap<>();

  /** Whose events were taken out again before they asked. */
  private final Set<Thread> betrayed = new HashSet<>();

  private long events;
  private long bytes;
  private long unkept;
  private long appended;
  private long recovered;
  private long damaged;
  private long withdrawn;
  private boolean refusing;

  /** Whether the first try to bring events to disk failed the last time: said once in a row. */
  private boolean retrying;

  /** Whether events were refused because they could not be forced, likewise. */
  private boolean withdrawing;

  /** The oldest batch, once it was looked at; guarded by {@code consumer}. */
  private Loaded loaded;

  /** The one behind it, likewise. */
  private Loaded behind;

  /** The batches that could not be read when they were last looked at; likewise. */
  private final Map<Segment, Vain> unread = new HashMap<>();

  /**
   * Reads that have failed one after the other.
   *
   * @param count how many
   * @param since when the first was, by the monotonic clock
   */
  private record Vain(int count, long since) {}

  /** A thread that waits for a force. */
  private static final class Waiter {

    private final Thread thread = Thread.currentThread();
    private final long target;
    private IOException failure;

    Waiter(long target) {
      this.target = target;
    }
  }

  /**
   * A batch in memory, and what it was read from.
   *
   * @param segment where it stands in the spool
   * @param remains what its file holds, or will hold
   * @param rest all that waits of it
   */
  private record Loaded(Segment segment, Remains remains, Batch rest) {}

  private FileSpool(
      SpoolFolder folder,
      Reserve reserve,
      TimeSource time,
      SpoolPolicy keeping,
      BatchPolicy batches,
      boolean oneSender,
      Bounds bounds,
      Recovery found) {
    this.folder = folder;
    this.reserve = reserve;
    this.time = time;
    this.keeping = keeping;
    this.batches = batches;
    this.oneSender = oneSender;
    this.bounds = bounds;
    this.id = SpoolId.random();
    this.nextNumber = found.next();
    this.damagedAtStart = found.damagedLines();
    for (Segment segment : found.segments()) {
      sealed.add(segment);
      recovered += segment.waiting();
      bytes += segment.length();
    }
    events = recovered;
    onDisk = keeping.durability() != Durability.ON_FAILURE || !sealed.isEmpty();
    learnAge();
  }

  /**
   * Opens the spool in a folder, with all that is in it.
   *
   * @throws IOException if the folder cannot be made or listed
   */
  static FileSpool open(
      SpoolFolder folder,
      Reserve reserve,
      TimeSource time,
      SpoolPolicy keeping,
      BatchPolicy batches,
      boolean oneSender)
      throws IOException {
    return open(folder, reserve, time, keeping, batches, oneSender, Bounds.USUAL);
  }

  /** The same, with other bounds of memory. */
  static FileSpool open(
      SpoolFolder folder,
      Reserve reserve,
      TimeSource time,
      SpoolPolicy keeping,
      BatchPolicy batches,
      boolean oneSender,
      Bounds bounds)
      throws IOException {
    folder.prepare();
    Recovery found = Recovery.of(folder);
    reserve.prepare();
    return new FileSpool(folder, reserve, time, keeping, batches, oneSender, bounds, found);
  }

  // ---------------------------------------------------------------- append

  @Override
  public Append append(List<PopEvent> added) {
    if (added.isEmpty()) {
      throw new IllegalArgumentException("no events to append; at least one is right");
    }
    long framed = 0;
    for (PopEvent event : added) {
      framed += SpoolFileFormat.framed(event.length());
    }
    lock.lock();
    try {
      if (isBeyond(framed)) {
        return Append.FULL;
      }
      // The spool may be closed while others' bytes are forced to make room.
      if (closed || !prepareFor(framed) || closed) {
        return Append.NO_SPACE;
      }
      return keep(added);
    } finally {
      lock.unlock();
    }
  }

  private boolean isBeyond(long more) {
    return more > SpoolFolder.LONGEST_FILE / 2 || bytes + more > keeping.maxBytes().bytes();
  }

  /** Brings to disk what may not stay in memory beside so many more bytes. */
  private boolean prepareFor(long more) {
    if (reserve.isOwed()) {
      return refuse("the disk has no room for the reserve");
    }
    boolean late =
        onDisk
            ? takenBack
                || (unkept > 0 && unkept + more > bounds.unforcedBytes())
                || unsettled.size() >= bounds.unforcedFiles()
            : unkept + more > bounds.memoryBytes();
    if (late) {
      try {
        settle(true);
        onDisk = true;
      } catch (IOException e) {
        return refuse(e.toString());
      }
    }
    return true;
  }

  private boolean refuse(String reason) {
    if (!refusing) {
      refusing = true;
      LOG.warn("{}: takes no events: {}", folder.directory(), reason);
    }
    return false;
  }

  private Append keep(List<PopEvent> added) {
    Segment first = open();
    Mark mark = first == null ? Mark.NOTHING : first.mark();
    int before = unsettled.size();
    try {
      encode(added);
    } catch (RuntimeException | Error e) {
      takeOut(first, mark, before);
      throw e;
    }
    long more = first == null ? 0 : first.length() - mark.length();
    for (int i = before; i < unsettled.size(); i++) {
      more += unsettled.get(i).length();
    }
    if (isBeyond(more)) {
      takeOut(first, mark, before);
      return Append.FULL;
    }
    if (onDisk) {
      try {
        write(first, mark, before);
      } catch (IOException e) {
        takeOut(first, mark, before);
        cut(first, mark);
        refuse(e.toString());
        return Append.NO_SPACE;
      }
    }
    bytes += more;
    unkept += more;
    events += added.size();
    appended += added.size();
    ticket++;
    if (keeping.durability() == Durability.WRITE_AHEAD) {
      appenders.put(Thread.currentThread(), ticket);
    }
    if (refusing) {
      refusing = false;
      LOG.info("{}: takes events again", folder.directory());
    }
    return Append.KEPT;
  }

  /** Adds to the batches in memory; begins new ones where a limit or a change of sender asks it. */
  private void encode(List<PopEvent> added) {
    Segment last = open();
    for (PopEvent event : added) {
      String sender = event.sender().orElse(null);
      if (last != null
          && last.count() > 0
          && (batches.closesBefore(last.count(), last.eventBytes(), event.length())
              || (oneSender && !Objects.equals(sender, last.sender())))) {
        end(last);
        last = null;
      }
      if (last == null) {
        last =
            Segment.begin(
                nextNumber++, id, time.now().truncatedTo(ChronoUnit.MILLIS), takeSpare(), format);
        unsettled.add(last);
      }
      last.add(event, sender, format);
      if (batches.isFull(last.count(), last.eventBytes())) {
        end(last);
        last = null;
      }
    }
  }

  private void write(Segment first, Mark mark, int before) throws IOException {
    // A leader who is about to write the batch out for the first time will write this as well.
    if (first != null && first.file() != null) {
      write(first, mark.length() - first.kept().length());
    }
    for (int i = before; i < unsettled.size(); i++) {
      Segment segment = unsettled.get(i);
      String name = segment.openName().toString();
      segment.writtenTo(folder.create(name), name);
      write(segment, 0);
      if (i - before >= bounds.unforcedFiles() && segment.isEnded()) {
        force(segment);
      }
    }
  }

  private static void write(Segment segment, long from) throws IOException {
    Bytes pending = segment.pending();
    if (from < pending.length()) {
      segment.file().write(pending.array(), (int) from, (int) (pending.length() - from));
    }
  }

  private static void force(Segment segment) throws IOException {
    segment.file().force();
    SpoolFolder.closeQuietly(segment.file());
    segment.forcedWhole();
  }

  /** All or nothing: forgets what an append has added, and the files that it made. */
  private void takeOut(Segment first, Mark mark, int before) {
    while (unsettled.size() > before) {
      Segment segment = unsettled.remove(unsettled.size() - 1);
      giveSpare(segment.pending());
      SpoolFolder.closeQuietly(segment.file());
      if (segment.name() != null) {
        folder.delete(segment.name());
      }
    }
    if (first != null) {
      first.backTo(mark);
    }
  }

  /** Cuts the file of the open batch back to its last whole record. */
  private void cut(Segment first, Mark mark) {
    if (first == null || first.file() == null) {
      return;
    }
    try {
      first.file().truncate(mark.length());
    } catch (IOException e) {
      // The batch ends here, for this life: what stands behind in the file is never read.
      LOG.warn("{}: cannot be cut back: {}", folder.path(first.name()), e.toString());
      end(first);
    }
  }

  private Segment open() {
    Segment last = unsettled.isEmpty() ? null : unsettled.get(unsettled.size() - 1);
    return last == null || last.isEnded() ? null : last;
  }

  private void end(Segment segment) {
    segment.end();
    if (!onDisk) {
      segment.pending().trim();
    }
  }

  private Bytes takeSpare() {
    Bytes taken = spare;
    spare = null;
    return taken == null ? new Bytes(bounds.bufferBytes()) : taken;
  }

  private void giveSpare(Bytes free) {
    if (free != null
        && free.capacity() >= bounds.bufferBytes()
        && free.capacity() <= LARGEST_SPARE) {
      free.cutTo(0);
      spare = free;
    }
  }

  // ---------------------------------------------------------------- sync

  @Override
  public void sync() throws IOException {
    lock.lock();
    try {
      if (betrayed.remove(Thread.currentThread())) {
        throw new IOException(folder.directory() + ": an earlier force failed; nothing is kept");
      }
      requireOpen();
      Waiter waiter = new Waiter(ticket);
      waiters.add(waiter);
      try {
        await(waiter);
      } finally {
        waiters.remove(waiter);
      }
    } finally {
      lock.unlock();
    }
  }

  private void await(Waiter waiter) throws IOException {
    while (true) {
      if (waiter.failure != null) {
        throw new IOException(waiter.failure.getMessage(), waiter.failure);
      }
      if (keptTicket >= waiter.target) {
        return;
      }
      if (closed) {
        throw new IOException(folder.directory() + ": closed before all of it was forced");
      }
      if (settling) {
        settled.awaitUninterruptibly();
        continue;
      }
      try {
        settle(true);
      } catch (IOException e) {
        if (keeping.durability() == Durability.WRITE_AHEAD) {
          withdraw(e);
        }
        throw e;
      }
    }
  }

  /** Nobody was promised what is pending under write-ahead: takes it out again, and says so. */
  private void withdraw(IOException failure) {
    Set<Thread> told = new HashSet<>();
    for (Waiter waiter : waiters) {
      told.add(waiter.thread);
      if (waiter.target > keptTicket) {
        waiter.failure = failure;
      }
    }
    appenders.forEach(
        (thread, last) -> {
          if (last > keptTicket && !told.contains(thread)) {
            betrayed.add(thread);
          }
        });
    appenders.clear();
    long lost = 0;
    for (int i = unsettled.size() - 1; i >= 0; i--) {
      Segment segment = unsettled.get(i);
      if (segment.kept().count() == 0) {
        lost += segment.count();
        bytes -= segment.length();
        giveSpare(segment.pending());
        unsettled.remove(i);
      }
    }
    clearUntrusted();
    takenBack = false;
    unkept = 0;
    events -= lost;
    withdrawn += lost;
    settled.signalAll();
    if (!withdrawing) {
      withdrawing = true;
      LOG.warn(
          "{}: {} events could not be forced and are refused: {}",
          folder.directory(),
          lost,
          failure.toString());
    }
  }

  /**
   * Makes everything pending safe, in files that are sealed if their batches have ended. After a
   * failure it tries once more, in new files.
   *
   * @param openToo whether the open batch is to be forced as well
   * @throws IOException if the second try failed too; then all that is pending is in memory alone
   */
  private void settle(boolean openToo) throws IOException {
    while (settling) {
      settled.awaitUninterruptibly();
    }
    settling = true;
    boolean fromMemory = !onDisk;
    // From here on an append writes its bytes itself, so that no file lacks some.
    onDisk = true;
    boolean done = false;
    try {
      try {
        bringToDisk(openToo);
        retrying = false;
      } catch (IOException first) {
        if (!retrying) {
          retrying = true;
          LOG.warn("{}: trying again in a new file: {}", folder.directory(), first.toString());
        }
        takeBack();
        try {
          bringToDisk(openToo);
        } catch (IOException second) {
          second.addSuppressed(first);
          throw second;
        }
      }
      done = true;
      withdrawing = false;
    } finally {
      if (!done) {
        takeBack();
        if (fromMemory) {
          onDisk = false;
          takenBack = false;
        }
      } else if (sealed.isEmpty() && unsettled.isEmpty()) {
        onDisk = !fromMemory;
      }
      settling = false;
      settled.signalAll();
    }
  }

  /**
   * Whether the open batch goes with the ended ones. Under write-ahead it does: a part of an append
   * must not be safe when the other may have to be taken out again. After a failure it does too:
   * what it was taken from must not be removed before it is safe.
   */
  private boolean withOpen() {
    return takenBack || keeping.durability() == Durability.WRITE_AHEAD;
  }

  private void bringToDisk(boolean openToo) throws IOException {
    long upTo = ticket;
    List<Segment> work = new ArrayList<>(unsettled);
    boolean all = openToo || open() == null;
    if (!all) {
      work.remove(work.size() - 1);
    }
    List<Mark> marks = new ArrayList<>(work.size());
    for (Segment segment : work) {
      if (segment.unkept() > 0 && segment.name() == null) {
        writeOut(segment);
      }
      Mark mark = segment.mark();
      marks.add(mark);
      if (!segment.isForced()) {
        OpenFile file = segment.file();
        if (segment.unkept() > 0) {
          unlocked(file::force);
        }
        if (isWhole(segment, mark)) {
          SpoolFolder.closeQuietly(file);
          segment.forcedWhole();
        }
      }
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
        giveSpare(segment.settle());
        sealed.add(segment);
      }
    }
    unsettled.removeIf(segment -> segment.pending() == null);
    if (all) {
      clearUntrusted();
      takenBack = false;
      keptTicket = Math.max(keptTicket, upTo);
      appenders.values().removeIf(last -> last <= keptTicket);
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
    write(segment, 0);
  }

  /**
   * After a failure: no file is trusted beyond what is kept. All pending bytes are in memory alone
   * again, in batches of their own. What the files hold beyond stays until it is safe elsewhere: a
   * process that is killed in between has not lost it.
   */
  private void takeBack() {
    boolean renumber = false;
    for (int i = 0; i < unsettled.size(); i++) {
      Segment segment = unsettled.get(i);
      if (segment.kept().count() == 0) {
        SpoolFolder.closeQuietly(segment.file());
        leave(segment.name());
        // A part of it may be found under its id. Nobody has looked at it yet: it gets another.
        renumber |= segment.isInOpenFile();
        segment.withoutFile();
        if (renumber) {
          segment.renumber(nextNumber++, id, new Bytes(bounds.bufferBytes()), format);
        }
        takenBack = true;
      } else if (segment.unkept() > 0) {
        Segment rest =
            segment.splitPending(nextNumber++, id, new Bytes(bounds.bufferBytes()), format);
        SpoolFolder.closeQuietly(segment.file());
        segment.forcedWhole();
        unsettled.add(i + 1, rest);
        i++;
        untrusted.add(() -> cutToKept(segment));
        renumber = true;
        takenBack = true;
      }
    }
    recount();
  }

  private void leave(String name) {
    if (name == null) {
      return;
    }
    if (SpoolFileName.isTemporary(name)) {
      folder.delete(name);
    } else {
      untrusted.add(() -> deleteUnlessInUse(name));
    }
  }

  /** The same batch may have a new file under the name. */
  private void deleteUnlessInUse(String name) {
    long number = SpoolFileName.of(name).map(SpoolFileName::number).orElse(-1L);
    for (Collection<Segment> some : List.of(unsettled, sealed)) {
      for (Segment segment : some) {
        if (segment.number() == number && name.equals(segment.name())) {
          return;
        }
      }
    }
    folder.delete(name);
  }

  /** What was left in files that are not trusted is safe elsewhere, or nobody's. */
  private void clearUntrusted() {
    untrusted.forEach(Runnable::run);
    untrusted.clear();
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
    long all = 0;
    long pending = 0;
    for (Segment segment : sealed) {
      all += segment.length();
    }
    for (Segment segment : unsettled) {
      all += segment.length();
      pending += segment.unkept();
    }
    bytes = all;
    unkept = pending;
  }

  // ---------------------------------------------------------------- look, remove, evict

  @Override
  public boolean roll() throws IOException {
    consumer.lock();
    try {
      tidy();
      lock.lock();
      try {
        requireOpen();
        Segment open = open();
        if (open != null) {
          end(open);
        }
        while (onDisk && !unsettled.isEmpty() && unsettled.get(0).isEnded()) {
          settle(withOpen());
        }
        return open != null;
      } finally {
        lock.unlock();
      }
    } finally {
      consumer.unlock();
    }
  }

  @Override
  public Optional<Batch> peek() throws IOException {
    consumer.lock();
    try {
      return Optional.ofNullable(head()).map(Loaded::rest);
    } finally {
      consumer.unlock();
    }
  }

  @Override
  public Optional<Batch> peekBehind(BatchId id) throws IOException {
    consumer.lock();
    try {
      if (head() == null) {
        return Optional.empty();
      }
      while (true) {
        Segment second = oldestBut(loaded.segment());
        if (second == null) {
          return Optional.empty();
        }
        behind = look(second);
        if (behind != null) {
          return Optional.of(behind.rest());
        }
      }
    } finally {
      consumer.unlock();
    }
  }

  private Loaded head() throws IOException {
    while (loaded == null) {
      Segment oldest = oldestBut(null);
      if (oldest == null) {
        return null;
      }
      loaded = look(oldest);
    }
    return loaded;
  }

  /** A batch is read once: what is missing in it is booked then. */
  private Loaded look(Segment segment) throws IOException {
    for (Loaded known : new Loaded[] {loaded, behind}) {
      if (known != null && known.segment() == segment) {
        return known;
      }
    }
    return load(segment);
  }

  private void forget(Segment segment) {
    if (loaded != null && loaded.segment() == segment) {
      loaded = null;
    }
    if (behind != null && behind.segment() == segment) {
      behind = null;
    }
  }

  /** The oldest batch that can be looked at, save one. */
  private Segment oldestBut(Segment spared) throws IOException {
    lock.lock();
    try {
      while (true) {
        requireOpen();
        for (Segment segment : sealed) {
          if (segment != spared) {
            return segment;
          }
        }
        Segment next = null;
        for (Segment segment : unsettled) {
          if (segment != spared) {
            next = segment;
            break;
          }
        }
        if (next == null || !next.isEnded()) {
          return null;
        }
        if (!onDisk) {
          return next;
        }
        settle(withOpen());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads a batch. Where its file does not hold what it should, the books are set right.
   *
   * @return the batch, or {@code null} if nothing is left of it and it is out of the spool
   */
  private Loaded load(Segment segment) throws IOException {
    byte[] content = null;
    String name;
    lock.lock();
    try {
      name = segment.name();
      if (segment.pending() != null) {
        content = segment.pending().copy();
      }
    } finally {
      lock.unlock();
    }
    if (content == null) {
      if (segment.length() > SpoolFolder.LONGEST_FILE) {
        return setAside(segment, segment.length() + " bytes are more than any spool file has");
      }
      try {
        if (segment.isUncounted() && !count(segment)) {
          return null;
        }
        name = segment.name();
        content = folder.read(name, segment.length());
      } catch (NoSuchFileException e) {
        LOG.warn("{}: is gone, with {} events", folder.path(name), segment.waiting());
        unread.remove(segment);
        correct(segment, 0, segment.waiting());
        return null;
      } catch (AccessDeniedException e) {
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
    }
    SpoolFileScan scan = SpoolFileScan.of(content);
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
    if (remains.lost() > 0 || remains.waiting() != segment.waiting()) {
      correct(segment, remains.waiting(), remains.lost());
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
    Recovery found = Recovery.ofUncounted(folder, segment);
    lock.lock();
    try {
      damagedAtStart += found.damagedLines();
      for (Segment sealedNow : found.segments()) {
        bytes += sealedNow.length() - segment.length();
        events += sealedNow.waiting();
        recovered += sealedNow.waiting();
        segment.isFound(sealedNow);
        LOG.info(
            "{}: could be read now, {} events wait in it",
            folder.path(segment.name()),
            segment.waiting());
      }
    } finally {
      lock.unlock();
    }
    if (segment.isUncounted()) {
      unread.remove(segment);
      correct(segment, 0, 0);
    }
    return !segment.isUncounted();
  }

  private void giveUp(Segment segment) {
    if (segment.isUncounted()) {
      lock.lock();
      try {
        // There is no count of what was in it; it must be seen all the same.
        damagedAtStart++;
      } finally {
        lock.unlock();
      }
    }
    correct(segment, 0, segment.waiting());
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
    return folder.setAsideUnread(name, neighboursOf(segment), reason);
  }

  private List<String> neighboursOf(Segment segment) {
    List<String> names = new ArrayList<>();
    lock.lock();
    try {
      for (Segment other : sealed) {
        if (names.size() == NEIGHBOURS) {
          break;
        }
        if (other != segment && other.name() != null) {
          names.add(other.name());
        }
      }
    } finally {
      lock.unlock();
    }
    if (reserve.isThere()) {
      names.add(Reserve.NAME);
    }
    return names;
  }

  private Loaded setAside(Segment segment, String reason) {
    folder.setAside(segment.name(), reason);
    folder.forceIfPossible();
    correct(segment, 0, segment.waiting());
    return null;
  }

  /** Sets the books right: so many wait in fact, and so many of those that were promised do not. */
  private void correct(Segment segment, int waiting, int lost) {
    lock.lock();
    try {
      long more = (long) waiting - (segment.waiting() - lost);
      damaged += lost;
      recovered += more;
      events += more - lost;
      segment.holds(waiting);
      if (waiting == 0) {
        takeOut(segment);
      }
    } finally {
      lock.unlock();
    }
    learnAge();
  }

  private void takeOut(Segment segment) {
    if (!sealed.remove(segment)) {
      unsettled.remove(segment);
      unkept -= segment.unkept();
    }
    bytes -= segment.length();
    if (sealed.isEmpty() && unsettled.isEmpty() && keeping.durability() == Durability.ON_FAILURE) {
      onDisk = false;
    }
  }

  @Override
  public void remove(BatchId id) {
    consumer.lock();
    try {
      if (isClosed()) {
        return;
      }
      tidy();
      Loaded from = headFor(id);
      int done = prefixEnd(from.rest(), id);
      boolean all = done == from.rest().size();
      Segment segment = from.segment();
      lock.lock();
      try {
        awaitFileOf(segment);
        events -= done;
        if (all) {
          segment.removeFirst(segment.waiting(), 0);
          takeOut(segment);
        } else {
          segment.removeFirst(done, from.remains().skipFor(from.rest().id().from() + done));
        }
      } finally {
        lock.unlock();
      }
      if (all) {
        forget(segment);
        if (segment.name() != null) {
          folder.delete(segment.name());
        }
      } else {
        Batch rest = from.rest().part(done, from.rest().size());
        loaded = new Loaded(segment, from.remains(), rest);
        noteProgress();
      }
      folder.forceIfPossible();
      learnAge();
    } finally {
      consumer.unlock();
    }
  }

  private Loaded headFor(BatchId done) {
    try {
      if (head() != null) {
        return loaded;
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(done + " was not looked at", e);
    }
    throw new IllegalArgumentException(done + " is not in the spool; nothing is");
  }

  /** How many events an id names, if it names the first ones of what is left. */
  private static int prefixEnd(Batch rest, BatchId done) {
    BatchId id = rest.id();
    int from = id.from();
    int to = from + rest.size();
    boolean begins =
        done.whole().equals(id.whole())
            && (done.isPart() ? done.from() == from && done.to() <= to : !id.isPart());
    if (!begins) {
      throw new IllegalArgumentException(
          done + " is not the batch to be removed, nor a part that it begins with; " + id + " is");
    }
    return done.isPart() ? done.to() - from : rest.size();
  }

  /** A batch in memory may be on its way into a file; then its name is not settled yet. */
  private void awaitFileOf(Segment segment) {
    while (settling && segment.pending() != null) {
      settled.awaitUninterruptibly();
    }
  }

  /** Lets the name of the batch that is looked at say how far it is done with. */
  private void noteProgress() {
    if (loaded == null || loaded.segment().name() == null) {
      return;
    }
    Segment segment = loaded.segment();
    String name = segment.sealedName().toString();
    if (segment.skip() == 0 || name.equals(segment.name()) || isTaken(segment, name)) {
      return;
    }
    try {
      folder.rename(segment.name(), name);
      segment.named(name);
    } catch (IOException e) {
      LOG.warn(
          "{}: cannot be renamed to {}; a restart would repeat what was delivered of it: {}",
          folder.path(segment.name()),
          name,
          e.toString());
    }
  }

  /** Copies made by hand may bear the name already. */
  private boolean isTaken(Segment segment, String name) {
    lock.lock();
    try {
      for (Segment other : sealed) {
        if (other.number() > segment.number()) {
          return false;
        }
        if (other != segment && name.equals(other.name())) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Batch> evict(Optional<BatchId> inFlight) throws IOException {
    consumer.lock();
    try {
      tidy();
      while (true) {
        Segment spared = null;
        if (inFlight.isPresent()
            && head() != null
            && loaded.rest().id().whole().equals(inFlight.get().whole())) {
          spared = loaded.segment();
        }
        Segment oldest = oldestBut(spared);
        if (oldest == null) {
          if (!roll()) {
            return Optional.empty();
          }
          continue;
        }
        Loaded victim = look(oldest);
        if (victim == null) {
          continue;
        }
        drop(victim.segment());
        forget(victim.segment());
        learnAge();
        return Optional.of(victim.rest());
      }
    } finally {
      consumer.unlock();
    }
  }

  private void drop(Segment segment) {
    lock.lock();
    try {
      awaitFileOf(segment);
      events -= segment.waiting();
      takeOut(segment);
    } finally {
      lock.unlock();
    }
    if (segment.name() != null) {
      folder.delete(segment.name());
      folder.forceIfPossible();
    }
  }

  /** Does now what could not be done before. */
  private void tidy() {
    folder.tidy();
    noteProgress();
  }

  /** The names do not say when a batch was begun; the first line of the oldest file does. */
  private void learnAge() {
    Segment oldest;
    lock.lock();
    try {
      oldest = sealed.peekFirst();
      if (oldest == null || oldest.isDated()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    try {
      byte[] start = folder.read(oldest.name(), SpoolFileScan.LONGEST_HEADER);
      SpoolFileScan.header(start, start.length)
          .ifPresent(
              header -> {
                lock.lock();
                try {
                  oldest.createdAt(header.created());
                } finally {
                  lock.unlock();
                }
              });
    } catch (IOException e) {
      LOG.debug("{}: its age is the file's", folder.path(oldest.name()), e);
    }
  }

  // ---------------------------------------------------------------- other limits

  @Override
  public void adopt(SpoolPolicy newKeeping, BatchPolicy newBatches, boolean newOneSender)
      throws IOException {
    lock.lock();
    try {
      requireOpen();
      Segment open = open();
      if (open != null) {
        end(open);
      }
      // What was acknowledged under one durability must not be taken out again under another.
      while (!unsettled.isEmpty()) {
        settle(true);
      }
      requireOpen();
      appenders.clear();
      keeping = newKeeping;
      batches = newBatches;
      oneSender = newOneSender;
      onDisk = keeping.durability() != Durability.ON_FAILURE || !sealed.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  // ---------------------------------------------------------------- books and end

  @Override
  public SpoolStats stats() {
    lock.lock();
    try {
      Segment open = open();
      Segment oldest = sealed.peekFirst();
      if (oldest == null && !unsettled.isEmpty()) {
        oldest = unsettled.get(0);
      }
      return new SpoolStats(
          events,
          open == null ? 0 : open.waiting(),
          open == null ? 0 : open.eventBytes(),
          sealed.size() + unsettled.size() - (open == null ? 0L : 1L),
          bytes,
          Optional.ofNullable(oldest).map(Segment::created),
          appended,
          recovered,
          damaged,
          withdrawn,
          unconfirmed(),
          damagedAtStart);
    } finally {
      lock.unlock();
    }
  }

  /** What {@link #withdraw} would take out now. */
  private long unconfirmed() {
    return keeping.durability() == Durability.WRITE_AHEAD
        ? unsettled.stream().mapToLong(Segment::unkeptEvents).sum()
        : 0;
  }

  @Override
  public void close() throws IOException {
    consumer.lock();
    try {
      lock.lock();
      try {
        if (closed) {
          return;
        }
        closeFiles();
      } finally {
        lock.unlock();
      }
      tidy();
      folder.forceIfPossible();
      loaded = null;
      behind = null;
    } finally {
      consumer.unlock();
    }
  }

  private void closeFiles() throws IOException {
    try {
      Segment open = open();
      if (open != null) {
        end(open);
      }
      while (!unsettled.isEmpty()) {
        settle(true);
      }
    } finally {
      closed = true;
      unsettled.forEach(segment -> SpoolFolder.closeQuietly(segment.file()));
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException(folder.directory() + ": the spool is closed");
    }
  }
}
