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
import io.proofofplay.spool.file.BatchReader.Loaded;
import io.proofofplay.spool.file.Tail.Growth;
import io.proofofplay.spool.file.Waiters.Waiter;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
 *   <li>Batches with pending bytes, and those not yet sealed, are the last ones ({@link Tail}); all
 *       others are sealed files ({@code sealed}). Only the very last batch may be open.
 *   <li>A batch that was looked at never changes. With files, only sealed ones are looked at. While
 *       everything is in memory ({@code onDisk} is false), ended ones are; they get their file
 *       under a temporary name, so that a kill leaves all of it or nothing.
 *   <li>{@code sync} returns only after the bytes and the names are forced of all that its thread
 *       has appended before, or, if that is nothing, of all that was appended. What could not be
 *       forced under write-ahead is taken out again, in memory and, as far as possible, in the
 *       files; a restart may find it, as events that nobody was promised.
 *   <li>Removing and progress are an unlink and a rename. If even these fail, they are tried again
 *       later, and a restart may find a batch that was delivered; it never misses one that was not.
 *       Their force may wait for others, as {@link SpoolFolder} says, but not in an empty spool.
 * </ol>
 *
 * <p>How far the memory goes: pending bytes are at most {@value #UNFORCED_BYTES}, with {@link
 * Durability#ON_FAILURE} {@value #MEMORY_BYTES}, save one larger append; beside them, what is kept
 * of the open batch, up to {@value #UNFORCED_BYTES} of what was sealed last ({@link Fresh}), and
 * the two batches that are looked at.
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

  /** How many files may be open at a time because they are not forced, save one append's. */
  private static final int UNFORCED_FILES = 64;

  private static final int BUFFER_BYTES = 64 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(FileSpool.class);

  private final SpoolFolder folder;
  private final Reserve reserve;
  private final BatchReader reader;
  private long damagedAtStart;

  private final ReentrantLock consumer = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition settled = lock.newCondition();

  private SpoolPolicy keeping;
  private BatchPolicy batches;
  private boolean oneSender;
  private final ArrayDeque<Segment> sealed = new ArrayDeque<>();
  private final Fresh fresh;
  private final Tail tail;

  /** Whether nothing is taken any more, because what is here is brought to disk for good. */
  private boolean closing;

  private boolean closed;

  /** Whether a leader is forcing. */
  private boolean settling;

  private final Waiters waiters = new Waiters();

  private long events;
  private long bytes;
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
    this.keeping = keeping;
    this.batches = batches;
    this.oneSender = oneSender;
    this.damagedAtStart = found.damagedLines();
    for (Segment segment : found.segments()) {
      sealed.add(segment);
      recovered += segment.waiting();
      bytes += segment.length();
    }
    events = recovered;
    boolean onDisk = keeping.durability() != Durability.ON_FAILURE || !sealed.isEmpty();
    fresh = new Fresh(bounds.unforcedBytes());
    tail = new Tail(folder, time, bounds, lock, sealed, fresh, found.next(), onDisk);
    reader = new BatchReader(folder, reserve, time, new Shown());
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
    return append(added, false);
  }

  @Override
  public Append appendAmongOthers(List<PopEvent> added) {
    return append(added, true);
  }

  /**
   * Appends.
   *
   * @param amongOthers whether the thread has more to append before it asks for a force
   */
  private Append append(List<PopEvent> added, boolean amongOthers) {
    if (added.isEmpty()) {
      throw new IllegalArgumentException("no events to append; at least one is right");
    }
    long framed = 0;
    int largest = 0;
    for (PopEvent event : added) {
      framed += SpoolFileFormat.framed(event.length());
      largest = Math.max(largest, event.length());
    }
    lock.lock();
    try {
      if (isBeyond(framed)) {
        return Append.FULL;
      }
      if (!reserve.covers(largest)) {
        refuse("the disk has no room for a reserve that is enough for an event of " + largest);
        return Append.NO_SPACE;
      }
      // The spool may be closed while others' bytes are forced to make room.
      if (closing || !prepareFor(framed) || closing) {
        return Append.NO_SPACE;
      }
      return keep(added, amongOthers);
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
    while (settling && tail.hasNoRoomFor(more)) {
      settled.awaitUninterruptibly();
    }
    if (tail.hasNoRoomFor(more)) {
      try {
        settle(true);
        tail.onDisk(true);
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

  private Append keep(List<PopEvent> added, boolean amongOthers) {
    Growth growth = tail.add(added, batches, oneSender);
    if (isBeyond(growth.bytes())) {
      tail.takeOut(growth);
      return Append.FULL;
    }
    if (tail.isOnDisk() && !isLeftToTheNext(growth, amongOthers)) {
      try {
        tail.write(growth);
      } catch (IOException e) {
        tail.takeOut(growth);
        tail.cut(growth);
        recount();
        refuse(e.toString());
        return Append.NO_SPACE;
      }
    }
    tail.added(growth);
    bytes += growth.bytes();
    events += added.size();
    appended += added.size();
    waiters.appended(keeping.durability() == Durability.WRITE_AHEAD);
    if (refusing) {
      refusing = false;
      LOG.info("{}: takes events again", folder.directory());
    }
    return Append.KEPT;
  }

  /**
   * Whether who forces next writes what is appended now, in one piece with what others append:
   * while a force runs, whoever wants to be promised anything waits for the next one. So does who
   * has appended more batches than may have open files at a time, and those are written in parts;
   * and who has more to append, behind anything that is not forced; and who begins a batch behind
   * one that is left already: a kill would keep the later events and lose the earlier ones. Without
   * such a promise it must be in the system's hands at once.
   */
  private boolean isLeftToTheNext(Growth growth, boolean amongOthers) {
    return keeping.durability() == Durability.WRITE_AHEAD
        && (settling
            || (amongOthers && tail.unkept() > 0)
            || tail.isLarge(growth)
            || tail.wouldPassOver(growth));
  }

  // ---------------------------------------------------------------- sync

  @Override
  public void sync() throws IOException {
    Waiter waiter;
    lock.lock();
    try {
      if (waiters.isBetrayed()) {
        throw new IOException(folder.directory() + ": an earlier force failed; nothing is kept");
      }
      OptionalLong own = waiters.own();
      if (own.isPresent() && waiters.isKept(own.getAsLong())) {
        return;
      }
      requireOpen();
      // Who has appended nothing asks for all.
      long asked = own.orElse(waiters.ticket());
      if (waiters.isKept(asked)) {
        return;
      }
      if (!settling) {
        force();
        return;
      }
      waiter = waiters.enter(asked);
    } finally {
      lock.unlock();
    }
    while (true) {
      switch (waiter.sleep()) {
        case KEPT -> {
          return;
        }
        case FAILED -> throw waiter.failure();
        default -> {
          if (forceInTurn(waiter)) {
            return;
          }
        }
      }
    }
  }

  /**
   * Forces, unless somebody has done so, or does it now, since the waiter was told.
   *
   * @return whether it has forced; else there is, or will be, another word
   */
  private boolean forceInTurn(Waiter waiter) throws IOException {
    lock.lock();
    try {
      if (!waiters.isItsTurn(waiter)) {
        return false;
      }
      if (settling) {
        waiters.stay(waiter);
        return false;
      }
      waiters.leave(waiter);
      force();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void force() throws IOException {
    try {
      settle(true);
    } catch (IOException e) {
      if (keeping.durability() == Durability.WRITE_AHEAD) {
        withdraw(e);
      }
      throw e;
    }
  }

  /** Nobody was promised what is pending under write-ahead: takes it out again, and says so. */
  private void withdraw(IOException failure) {
    waiters.fail(failure);
    long lost = tail.withdraw();
    recount();
    events -= lost;
    withdrawn += lost;
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
    boolean fromMemory = !tail.isOnDisk();
    // From here on an append writes its bytes itself, or leaves them to who forces next.
    tail.onDisk(true);
    boolean done = false;
    try {
      try {
        bringToDisk(openToo || tail.isTakenBack());
        retrying = false;
      } catch (IOException first) {
        if (!retrying) {
          retrying = true;
          LOG.warn("{}: trying again in a new file: {}", folder.directory(), first.toString());
        }
        takeBack();
        try {
          // What was taken back may be a part of what is to be sealed.
          bringToDisk(openToo || tail.isTakenBack());
        } catch (IOException second) {
          second.addSuppressed(first);
          throw second;
        }
      }
      done = true;
      withdrawing = false;
    } finally {
      try {
        if (!done) {
          takeBack();
          if (fromMemory) {
            tail.backToMemory();
          }
        } else if (sealed.isEmpty() && tail.isEmpty()) {
          tail.onDisk(!fromMemory);
        }
      } finally {
        // Whatever became of it, others must not wait for it.
        settling = false;
        settled.signalAll();
        waiters.roundOver();
      }
    }
  }

  private void bringToDisk(boolean openToo) throws IOException {
    long upTo = waiters.ticket();
    if (tail.bringToDisk(openToo)) {
      waiters.kept(upTo);
    }
  }

  private void takeBack() {
    tail.takeBack();
    recount();
  }

  private void recount() {
    bytes = 0;
    for (Collection<Segment> some : List.of(sealed, tail.batches())) {
      for (Segment segment : some) {
        bytes += segment.length();
      }
    }
  }

  /**
   * Whether the open batch goes with the ended ones. Under write-ahead it does: a part of an append
   * must not be safe when the other may have to be taken out again. After a failure it does too:
   * what it was taken from must not be removed before it is safe.
   */
  private boolean withOpen() {
    return tail.isTakenBack() || keeping.durability() == Durability.WRITE_AHEAD;
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
        boolean ended = tail.endOpen();
        while (tail.isOnDisk() && !tail.isEmpty() && tail.batches().get(0).isEnded()) {
          settle(withOpen());
        }
        return ended;
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
      folder.forceDoneIfDue();
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

  @Override
  public void readAhead() {
    consumer.lock();
    try {
      Segment second = loaded == null ? null : readableBehind(loaded.segment());
      if (second != null) {
        behind = look(second);
      }
    } catch (IOException e) {
      // Whoever needs it reads it again, and says so.
      LOG.debug("{}: the batch behind cannot be read", folder.directory(), e);
    } finally {
      consumer.unlock();
    }
  }

  /** The batch behind one, if it is no large one and to look at it waits for nothing. */
  private Segment readableBehind(Segment first) {
    lock.lock();
    try {
      Segment second = null;
      for (Segment segment : sealed) {
        if (segment != first) {
          second = segment;
          break;
        }
      }
      if (second == null && !tail.isOnDisk()) {
        for (Segment segment : tail.batches()) {
          if (segment != first && segment.isEnded()) {
            second = segment;
            break;
          }
        }
      }
      boolean isReadable =
          second != null
              && second.length() <= UNFORCED_BYTES
              && !second.isUncounted()
              && !reader.hasFailedAt(second);
      return isReadable && !closed ? second : null;
    } finally {
      lock.unlock();
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
        for (Segment segment : tail.batches()) {
          if (segment != spared) {
            next = segment;
            break;
          }
        }
        if (next == null || !next.isEnded()) {
          return null;
        }
        if (!tail.isOnDisk()) {
          return next;
        }
        settle(withOpen());
      }
    } finally {
      lock.unlock();
    }
  }

  private Loaded load(Segment segment) throws IOException {
    Bytes.Loan loan;
    String name;
    lock.lock();
    try {
      name = segment.name();
      Bytes content = segment.pending() == null ? fresh.of(segment) : segment.pending();
      // Taken while nobody else can do anything to it: a leader may seal the batch at any moment.
      loan = content == null ? null : content.lend();
    } finally {
      lock.unlock();
    }
    return loan == null
        ? reader.read(segment)
        : reader.weigh(segment, name, SpoolFileScan.ofOurs(loan.array(), loan.length()));
  }

  /** What a look inside shows, for the books. */
  private final class Shown implements BatchReader.Books {

    @Override
    public void correct(Segment segment, int waiting, int lost) {
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

    @Override
    public void begun(Segment segment, Instant created) {
      lock.lock();
      try {
        if (!segment.isDated()) {
          segment.createdAt(created);
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void counted(Segment segment, Recovery found) {
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
    }

    @Override
    public void unreadableAtStart() {
      lock.lock();
      try {
        damagedAtStart++;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public List<String> namesBut(Segment segment, int most) {
      List<String> names = new ArrayList<>();
      lock.lock();
      try {
        for (Segment other : sealed) {
          if (names.size() == most) {
            break;
          }
          if (other != segment && other.name() != null) {
            names.add(other.name());
          }
        }
      } finally {
        lock.unlock();
      }
      return names;
    }
  }

  private void takeOut(Segment segment) {
    if (!sealed.remove(segment)) {
      tail.takeOut(segment);
    }
    tail.forgetCopyOf(segment);
    fresh.forget(segment);
    bytes -= segment.length();
    if (sealed.isEmpty() && tail.isEmpty() && keeping.durability() == Durability.ON_FAILURE) {
      tail.onDisk(false);
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
          folder.deleteAsDone(segment.name());
        }
      } else {
        Batch rest = from.rest().part(done, from.rest().size());
        loaded = new Loaded(segment, from.remains(), rest);
        noteProgress();
      }
      if (isEmpty()) {
        // There may be nobody who comes by for a long time.
        folder.forceIfPossible();
      } else {
        folder.forceDoneIfDue();
      }
      learnAge();
    } finally {
      consumer.unlock();
    }
  }

  private boolean isEmpty() {
    lock.lock();
    try {
      return events == 0;
    } finally {
      lock.unlock();
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
    if (segment.skip() == 0) {
      return;
    }
    String name = segment.sealedName().toString();
    if (name.equals(segment.name()) || isTaken(segment, name)) {
      return;
    }
    try {
      folder.renameAsDone(segment.name(), name);
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
    folder.forceDoneIfDue();
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
      byte[] start = folder.read(oldest.name(), FirstLine.LONGEST);
      FirstLine.of(start, start.length)
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
      // What was acknowledged under one durability must not be taken out again under another.
      // Others may append while that is forced.
      while (!tail.isEmpty()) {
        tail.endOpen();
        settle(true);
      }
      requireOpen();
      waiters.forgetAppenders();
      keeping = newKeeping;
      batches = newBatches;
      oneSender = newOneSender;
      tail.onDisk(keeping.durability() != Durability.ON_FAILURE || !sealed.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  // ---------------------------------------------------------------- books and end

  @Override
  public SpoolStats stats() {
    lock.lock();
    try {
      Segment open = tail.open();
      Segment oldest = sealed.peekFirst();
      if (oldest == null && !tail.isEmpty()) {
        oldest = tail.batches().get(0);
      }
      return new SpoolStats(
          events,
          open == null ? 0 : open.waiting(),
          open == null ? 0 : open.eventBytes(),
          sealed.size() + tail.batches().size() - (open == null ? 0L : 1L),
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
    return keeping.durability() == Durability.WRITE_AHEAD ? tail.unkeptEvents() : 0;
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
    closing = true;
    try {
      tail.endOpen();
      while (!tail.isEmpty()) {
        settle(true);
      }
    } finally {
      closed = true;
      waiters.fail(new IOException(folder.directory() + ": closed before all of it was forced"));
      tail.closeFiles();
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
