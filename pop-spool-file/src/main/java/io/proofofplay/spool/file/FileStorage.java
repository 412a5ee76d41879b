package io.proofofplay.spool.file;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.RefusedLines;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.Disk.Entry;
import io.proofofplay.spool.file.SideFile.Force;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Keeps everything of a relay under one directory: a folder for each sink, with its spool, its dead
 * letters and its drop ledger, and the refused lines of all sources. The layout and the format are
 * described in {@code docs/spool-format.md}.
 *
 * <p>The directory belongs to one process at a time. A lock file says so; after a kill it stays,
 * and is no obstacle.
 *
 * <p>Thread-safe.
 */
public final class FileStorage implements Storage {

  private static final Pattern SINK = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");

  /** Names of files that stand beside the folders of the sinks. */
  private static final Set<String> TAKEN =
      Set.of(
          DirectoryLock.NAME,
          FileRefusedLines.NAME + ".ndjson",
          FileRefusedLines.NAME + ".1.ndjson");

  private final Path directory;
  private final TimeSource time;
  private final Disk disk;
  private final DirectoryLock lock;
  private final Map<String, FileSpool> spools = new HashMap<>();
  private final Map<String, Reserve> reserves = new HashMap<>();
  private final List<SideFile> sideFiles = new ArrayList<>();
  private boolean closed;

  FileStorage(Path directory, TimeSource time, Disk disk, DirectoryLock lock) {
    this.directory = directory;
    this.time = time;
    this.disk = disk;
    this.lock = lock;
  }

  /**
   * Opens a directory, and makes it if it is not there.
   *
   * @param directory where everything is kept
   * @param time stamps the files
   * @return the storage, which owns the directory until it is closed
   * @throws StorageInUse if another process, or another storage of this one, owns the directory;
   *     the message names the directory and the owner's process id
   * @throws IOException if the directory cannot be made or used
   */
  public static FileStorage open(Path directory, TimeSource time) throws IOException {
    Disk disk = new RealDisk();
    Path absolute = directory.toAbsolutePath().normalize();
    disk.createDirectories(absolute);
    disk.forceAbove(absolute);
    DirectoryLock lock = DirectoryLock.take(absolute);
    return new FileStorage(absolute, time, new OwnedDisk(disk, lock), lock);
  }

  /** Says so if another directory is where this one was opened. */
  @Override
  public Optional<String> loss() {
    return lock.isReplaced() ? Optional.of(lock.lost()) : Optional.empty();
  }

  /**
   * Opens as the port says.
   *
   * @throws IllegalArgumentException if the sink's name is not of {@code A-Z a-z 0-9 . _ -}, 1 to
   *     64 characters, the first no dot
   * @throws IllegalStateException if the sink's spool is open already
   */
  @Override
  public synchronized Spool openSpool(
      String sink, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender) throws IOException {
    Path folder = folder(sink);
    if (spools.containsKey(sink) && !spools.get(sink).isClosed()) {
      throw new IllegalStateException("the spool of sink " + sink + " is open already");
    }
    FileSpool spool =
        FileSpool.open(
            new SpoolFolder(disk, folder, time),
            reserve(sink, folder),
            time,
            keeping,
            batches,
            oneSender);
    spools.put(sink, spool);
    return spool;
  }

  /**
   * Opens as the port says.
   *
   * @throws IllegalArgumentException if the sink's name is none, see {@link #openSpool}
   */
  @Override
  public synchronized DeadLetters openDeadLetters(String sink) throws IOException {
    Path folder = folder(sink);
    disk.createDirectories(folder);
    Path letters = folder.resolve(FileDeadLetters.FOLDER);
    return new FileDeadLetters(
        sideFile(
            letters, FileDeadLetters.NAME, Force.EVERY_LINE, Optional.of(reserve(sink, folder))),
        sideFile(letters, FileDeadLetters.DISCARDED, Force.WHEN_ASKED, Optional.empty()),
        new DeadLetterRequests(disk, letters));
  }

  /**
   * Opens as the port says.
   *
   * @throws IllegalArgumentException if the sink's name is none, see {@link #openSpool}
   */
  @Override
  public synchronized DropLedger openDropLedger(String sink) throws IOException {
    Path folder = folder(sink);
    disk.createDirectories(folder);
    return new FileDropLedger(
        sideFile(folder, FileDropLedger.NAME, Force.EVERY_LINE, Optional.of(reserve(sink, folder))),
        sink);
  }

  @Override
  public synchronized RefusedLines openRefusedLines() {
    return new FileRefusedLines(
        sideFile(directory, FileRefusedLines.NAME, Force.NEVER, Optional.empty()));
  }

  private SideFile sideFile(Path folder, String name, Force force, Optional<Reserve> reserve) {
    SideFile file = new SideFile(disk, folder, name, SideFile.MOST_BYTES, force, reserve);
    // Sinks come and go for years; what was closed needs no second close.
    sideFiles.removeIf(SideFile::isClosed);
    sideFiles.add(file);
    return file;
  }

  /** Whether the reserve is there or can be made again, and the disk takes so many bytes beside. */
  @Override
  public boolean couldKeep(String sink, int bytes) {
    Path folder;
    Reserve reserve;
    synchronized (this) {
      if (closed) {
        return false;
      }
      folder = folder(sink);
      reserve = reserve(sink, folder);
    }
    // Not under this object's monitor: a disk that hangs must not hold up a stop.
    return !reserve.isOwed() && new Trial(disk, folder).succeeds(bytes);
  }

  /** How many side files are known, for tests. */
  synchronized int sideFiles() {
    return sideFiles.size();
  }

  /**
   * Reads as the port says.
   *
   * @throws IOException also if the source's name is not like a sink's, see {@link #openSpool}
   */
  @Override
  public synchronized byte[] recall(String source) throws IOException {
    return memory(source).read();
  }

  /**
   * Writes as the port says.
   *
   * @throws IOException also if the source's name is not like a sink's, see {@link #openSpool}
   */
  @Override
  public synchronized void remember(String source, byte[] memory) throws IOException {
    if (memory.length > LONGEST_MEMORY) {
      throw new IOException(
          memory.length + " bytes are too many; " + LONGEST_MEMORY + " can be remembered");
    }
    memory(source).write(memory);
  }

  private MemoryFile memory(String source) throws IOException {
    if (closed || !SINK.matcher(source).matches()) {
      throw new IOException(
          closed
              ? directory + ": the storage is closed"
              : "the source's name \"" + source + "\" cannot name a file");
    }
    return new MemoryFile(disk, directory, source);
  }

  @Override
  public Set<String> sinks() throws IOException {
    Set<String> sinks = new TreeSet<>();
    for (Entry entry : disk.list(directory)) {
      if (entry.directory() && SINK.matcher(entry.name()).matches() && holds(entry.name())) {
        sinks.add(entry.name());
      }
    }
    return sinks;
  }

  private boolean holds(String sink) throws IOException {
    Path folder = directory.resolve(sink);
    for (Entry entry : disk.list(folder)) {
      String name = entry.name();
      if (name.equals(FileDeadLetters.FOLDER) && entry.directory()) {
        List<Entry> letters = disk.list(folder.resolve(name));
        if (letters.stream().anyMatch(file -> file.size() > 0)) {
          return true;
        }
      } else if (SpoolFileName.of(name).isPresent() || name.startsWith(FileDropLedger.NAME + ".")) {
        return true;
      }
    }
    return false;
  }

  /** Whether a folder of this name is a sink's. */
  static boolean isSink(String name) {
    return SINK.matcher(name).matches() && !TAKEN.contains(name);
  }

  private Path folder(String sink) {
    if (closed) {
      throw new IllegalStateException(directory + ": the storage is closed");
    }
    if (!isSink(sink)) {
      throw new IllegalArgumentException(
          "sink name \""
              + sink
              + "\" cannot name a folder; 1 to 64 of A-Z a-z 0-9 . _ - are right, the first no dot,"
              + " and none of "
              + new TreeSet<>(TAKEN));
    }
    return directory.resolve(sink);
  }

  private Reserve reserve(String sink, Path folder) {
    return reserves.computeIfAbsent(sink, name -> new Reserve(disk, folder, time, Reserve.BYTES));
  }

  /** Closes all that is still open, and gives the directory back: nothing writes to it any more. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    IOException failure = null;
    for (FileSpool spool : spools.values()) {
      try {
        spool.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    sideFiles.forEach(SideFile::close);
    lock.close();
    if (failure != null) {
      throw failure;
    }
  }
}
