package io.proofofplay.spool.file;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.Disk.Entry;
import io.proofofplay.spool.file.Disk.OpenFile;
import io.proofofplay.spool.file.SpoolFileScan.Damage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one sink: what is done to the files in it, by name. It knows whether a name has
 * changed since the folder was forced, and which files it could not delete.
 *
 * <p>Two kinds of changes are counted apart. What is to be found after a power cut must be forced
 * before anybody is told that it will be. What is done with may be found again, so that its force
 * may wait for others: at most {@value #MOST_UNSAFE} such changes are not safe.
 *
 * <p>Thread-safe.
 */
final class SpoolFolder {

  /** A file that is longer was made by nobody: it is set aside unread. */
  static final int LONGEST_FILE = 1 << 30;

  /**
   * The longest file that can be read: a third of the heap, and at least what a relay with the
   * shipped one has ever written.
   */
  static final int MOST_READ =
      (int) Math.min(LONGEST_FILE, Math.max(12L << 20, Runtime.getRuntime().maxMemory() / 3));

  /** It is a file of ours, intact as far as is known, for which this process has no memory. */
  static final class TooLongForMemory extends IOException {

    private static final long serialVersionUID = 1;

    TooLongForMemory(String message) {
      super(message);
    }
  }

  static final String QUARANTINE = "quarantine";

  /** Damage beyond this is only told, not kept: it must not fill the disk. */
  private static final long MOST_QUARANTINE = 64L << 20;

  /** How many changes that only say what is done with may be unsafe. */
  static final int MOST_UNSAFE = 8;

  /** With a look at the folder so long after the last force they become safe. */
  static final long LONGEST_UNSAFE = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long AFTER_A_FAILURE = TimeUnit.SECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(SpoolFolder.class);

  private final Disk disk;
  private final Path directory;
  private final TimeSource time;
  private final int mostRead;

  /** Begins with one: what an earlier process has changed may not be safe. */
  private final AtomicLong changes = new AtomicLong(1);

  private final AtomicLong forced = new AtomicLong();

  /** The changes that only say what is done with: without them, it would be done again. */
  private final AtomicLong done = new AtomicLong();

  private final AtomicLong doneForced = new AtomicLong();
  private volatile long forcedAt;

  /** Whether the last force of what may be found again has failed: said once in a row. */
  private volatile boolean failing;

  private volatile long failedAt;
  private final Set<String> leftovers = new TreeSet<>();

  SpoolFolder(Disk disk, Path directory, TimeSource time) {
    this(disk, directory, time, MOST_READ);
  }

  SpoolFolder(Disk disk, Path directory, TimeSource time, int mostRead) {
    this.mostRead = mostRead;
    this.disk = disk;
    this.directory = directory;
    this.time = time;
    // The first is not put off.
    forcedAt = time.nanos() - LONGEST_UNSAFE;
  }

  /** Makes the folder, and makes sure that it survives a power cut. */
  void prepare() throws IOException {
    disk.createDirectories(directory);
    Path parent = directory.getParent();
    if (parent != null) {
      disk.forceDirectory(parent);
    }
  }

  Path directory() {
    return directory;
  }

  List<Entry> list() throws IOException {
    return disk.list(directory);
  }

  OpenFile create(String name) throws IOException {
    // First: who tidies up meanwhile must not delete the new one.
    boolean left = forget(name);
    try {
      return disk.create(directory.resolve(name));
    } catch (IOException e) {
      if (left) {
        remember(name);
      }
      throw e;
    } finally {
      changed();
    }
  }

  OpenFile append(String name) throws IOException {
    return disk.append(directory.resolve(name));
  }

  /** Makes what was written to files of this folder safe. */
  void force(List<OpenFile> files) throws IOException {
    disk.force(files);
  }

  /**
   * Reads a file from its beginning.
   *
   * @throws IOException also if so much does not fit into memory
   */
  byte[] read(String name, long most) throws IOException {
    if (most > mostRead) {
      throw new TooLongForMemory(
          path(name)
              + ": "
              + most
              + " bytes are more than the memory of this process allows; with POP_JAVA_OPTS=-Xmx"
              + ((most >> 18) + 1)
              + "m it can be read");
    }
    return disk.read(directory.resolve(name), 0, (int) most);
  }

  /** Whether a file was certainly not written by a relay. One that may be read is not judged. */
  boolean isForeign(String name, long size) throws IOException {
    if (size <= mostRead) {
      return false;
    }
    byte[] start = disk.read(directory.resolve(name), 0, FirstLine.LONGEST);
    return size > LONGEST_FILE || FirstLine.of(start, start.length).isEmpty();
  }

  void rename(String from, String to) throws IOException {
    move(directory.resolve(from), directory.resolve(to));
    forget(to);
  }

  /** The same with a file that is called otherwise only because more of it is done with. */
  void renameAsDone(String from, String to) throws IOException {
    try {
      disk.rename(directory.resolve(from), directory.resolve(to));
    } finally {
      done.incrementAndGet();
    }
    forget(to);
  }

  /** Deletes a file that is done with, now or later. */
  void deleteAsDone(String name) {
    try {
      tryToDelete(name);
    } finally {
      done.incrementAndGet();
    }
  }

  /** Deletes a file now or later. */
  void delete(String name) {
    try {
      tryToDelete(name);
    } finally {
      changed();
    }
  }

  private void tryToDelete(String name) {
    try {
      disk.delete(directory.resolve(name));
    } catch (IOException e) {
      // One word about the first: on a disk that fails, there may be many in a second.
      if (remember(name)) {
        LOG.warn("{}: cannot be deleted, will be tried again: {}", path(name), e.toString());
      }
    }
  }

  /** Tries again to delete what could not be deleted. */
  void tidy() {
    List<String> again;
    synchronized (leftovers) {
      if (leftovers.isEmpty()) {
        return;
      }
      again = List.copyOf(leftovers);
    }
    for (String name : again) {
      try {
        disk.delete(directory.resolve(name));
        forget(name);
      } catch (IOException e) {
        LOG.debug("{}: still cannot be deleted", path(name), e);
      } finally {
        changed();
      }
    }
  }

  /**
   * A name has changed, or may have, if that failed. Counted only then: somebody else may force the
   * folder while it changes, and that may have been too early for it.
   */
  private void changed() {
    changes.incrementAndGet();
  }

  private void move(Path from, Path to) throws IOException {
    try {
      disk.rename(from, to);
    } finally {
      changed();
    }
  }

  /** Makes the names safe, if one has changed since they were; what is done with too, if due. */
  void force() throws IOException {
    if (forced.get() != changes.get() || isDoneDue()) {
      forceAll();
    }
  }

  private void forceAll() throws IOException {
    long seen = changes.get();
    long seenDone = done.get();
    disk.forceDirectory(directory);
    forced.accumulateAndGet(seen, Math::max);
    doneForced.accumulateAndGet(seenDone, Math::max);
    forcedAt = time.nanos();
    failing = false;
  }

  /**
   * Makes safe what is done with, if enough of it is not, or if that is long ago: until then a
   * power cut has it done again. A disk that fails at it is asked once a second.
   */
  void forceDoneIfDue() {
    boolean justFailed = failing && time.nanos() - failedAt < AFTER_A_FAILURE;
    if (isDoneDue() && !justFailed) {
      forceIfPossible();
    }
  }

  private boolean isDoneDue() {
    long unsafe = done.get() - doneForced.get();
    return unsafe >= MOST_UNSAFE || (unsafe > 0 && time.nanos() - forcedAt >= LONGEST_UNSAFE);
  }

  /** Makes all names safe; if that fails, a deleted file may be back after a power cut. */
  void forceIfPossible() {
    try {
      if (forced.get() != changes.get() || doneForced.get() != done.get()) {
        forceAll();
      }
    } catch (IOException e) {
      failedAt = time.nanos();
      if (!failing) {
        failing = true;
        LOG.warn(
            "{}: cannot be forced; after a power cut, what was removed may be there again: {}",
            directory,
            e.toString());
      }
    }
  }

  boolean isThere() {
    return disk.isDirectory(directory);
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  static void closeQuietly(OpenFile file) {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        // What had to be forced was forced; closing adds nothing to that.
        LOG.debug("a file cannot be closed", e);
      }
    }
  }

  /**
   * Keeps damaged bytes for a person to look at, and tells of them once, also across restarts.
   *
   * @param file the file's name
   * @param scan what was found in it
   * @param damages the damaged bytes
   * @return whether all of them are kept
   */
  boolean quarantine(String file, SpoolFileScan scan, Collection<Damage> damages) {
    boolean all = true;
    for (Damage damage : damages) {
      all &= quarantine(file, damage, scan.bytesOf(damage));
    }
    return all;
  }

  private boolean quarantine(String file, Damage damage, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    String name =
        String.format(
            Locale.ROOT, "%s.%d.%08x.bad", stem(file), damage.offset(), (int) crc.getValue());
    Path folder = directory.resolve(QUARANTINE);
    try {
      disk.createDirectories(folder);
      List<Entry> there = disk.list(folder);
      if (there.stream().anyMatch(entry -> entry.name().equals(name))) {
        return true;
      }
      tell(file, damage, "kept as " + QUARANTINE + "/" + name);
      if (there.stream().mapToLong(Entry::size).sum() + bytes.length > MOST_QUARANTINE) {
        LOG.warn("{}: more than {} bytes; what is damaged is not kept", folder, MOST_QUARANTINE);
        return false;
      }
      try (OpenFile copy = disk.create(folder.resolve(name))) {
        copy.write(bytes, 0, bytes.length);
        copy.force();
      }
      disk.forceDirectory(folder);
      return true;
    } catch (IOException e) {
      tell(file, damage, "cannot be kept in " + QUARANTINE + ": " + e);
      try {
        disk.delete(folder.resolve(name));
      } catch (IOException again) {
        LOG.debug("{}: a torn copy stays in quarantine", name, again);
      }
      return false;
    }
  }

  private void tell(String file, Damage damage, String kept) {
    LOG.warn(
        "{}: {} damaged bytes at offset {}, {}",
        path(file),
        damage.length(),
        damage.offset(),
        kept);
  }

  /**
   * Sets a file aside that cannot be read, if all else shows that it is the file and not the disk:
   * it stands in the list, others can be read, and its change of place can be made safe. Otherwise
   * it stays.
   *
   * @param others files beside it
   * @return whether it is set aside
   */
  boolean setAsideUnread(String file, Collection<String> others, String reason) {
    Path folder = directory.resolve(QUARANTINE);
    String name;
    try {
      if (disk.list(directory).stream().noneMatch(entry -> entry.name().equals(file))
          || !(others.isEmpty() || others.stream().anyMatch(this::isReadable))) {
        return false;
      }
      disk.createDirectories(folder);
      name = freeNameFor(file, folder);
      move(directory.resolve(file), folder.resolve(name));
    } catch (IOException e) {
      LOG.debug("{}: cannot be set aside", path(file), e);
      return false;
    }
    try {
      disk.forceDirectory(folder);
      force();
    } catch (IOException e) {
      LOG.debug("{}: that it is set aside cannot be forced", path(file), e);
      try {
        move(folder.resolve(name), directory.resolve(file));
        return false;
      } catch (IOException again) {
        // It is in quarantine, then, and so it must be counted.
        LOG.debug("{}: nor can it be taken back", path(file), again);
      }
    }
    LOG.error("{}: {}; set aside as {}/{}", path(file), reason, QUARANTINE, name);
    return true;
  }

  private boolean isReadable(String other) {
    try {
      return disk.read(directory.resolve(other), 0, 1).length > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Sets a whole file aside; needs no room. */
  void setAside(String file, String reason) {
    Path folder = directory.resolve(QUARANTINE);
    try {
      disk.createDirectories(folder);
      String name = freeNameFor(file, folder);
      move(directory.resolve(file), folder.resolve(name));
      disk.forceDirectory(folder);
      LOG.warn("{}: {}; set aside as {}/{}", path(file), reason, QUARANTINE, name);
    } catch (IOException e) {
      LOG.warn("{}: {}; cannot be set aside and stays: {}", path(file), reason, e.toString());
    }
  }

  /** A spool that was empty begins its numbers anew: another file of the name may be there. */
  private String freeNameFor(String file, Path folder) throws IOException {
    Set<String> taken = new TreeSet<>();
    disk.list(folder).forEach(entry -> taken.add(entry.name()));
    String name = file + ".bad";
    for (int copy = 2; taken.contains(name); copy++) {
      name = file + "." + copy + ".bad";
    }
    return name;
  }

  /** The number alone: what is damaged in an open file is still so when it is sealed. */
  private static String stem(String file) {
    return file.replaceFirst("\\D.*", "");
  }

  /** A file is to be deleted later. Says whether it is the only one. */
  private boolean remember(String name) {
    synchronized (leftovers) {
      boolean first = leftovers.isEmpty();
      leftovers.add(name);
      return first;
    }
  }

  /** Says whether it was to be deleted later. */
  private boolean forget(String name) {
    synchronized (leftovers) {
      return leftovers.remove(name);
    }
  }
}
