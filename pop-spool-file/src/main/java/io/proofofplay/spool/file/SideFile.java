package io.proofofplay.spool.file;

import io.proofofplay.spool.file.Disk.Entry;
import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of JSON lines that grows at its end up to a bound. Then it becomes the old one, and the
 * old one before it goes.
 *
 * <p>A line is whole or not there: what a failed write or a kill has left of one is cut off or, if
 * that cannot be, ended by a line end before the next.
 *
 * <p>Thread-safe.
 */
final class SideFile implements Closeable {

  /** What a file holds before another is begun, save one larger line. */
  static final long MOST_BYTES = 16 << 20;

  /** When lines are made safe from a power cut. */
  enum Force {
    /** Each with its writing. */
    EVERY_LINE,
    /** By {@link #force}. */
    WHEN_ASKED,
    NEVER
  }

  private static final int CHUNK = 64 << 10;
  private static final byte[] LINE_END = {'\n'};
  private static final Logger LOG = LoggerFactory.getLogger(SideFile.class);

  private final Disk disk;
  private final Path folder;
  private final Path file;
  private final Path old;
  private final long mostBytes;
  private final Force force;
  private final Optional<Reserve> reserve;

  private OpenFile open;
  private long size;
  private boolean torn;
  private boolean named;

  /** Read without the monitor: who asks must not wait for a disk that hangs. */
  private final AtomicLong discarded = new AtomicLong();

  /** Those that are there, once {@link #count} was called; read without the monitor likewise. */
  private final AtomicLong lines = new AtomicLong();

  /** Read without the monitor likewise. */
  private volatile boolean closed;

  /**
   * A side file; nothing is opened yet.
   *
   * @param disk where it is
   * @param folder the folder it is in, made with the first line
   * @param name its name, without {@code .ndjson}
   * @param mostBytes how long it may get
   * @param force when its lines are forced
   * @param reserve room to give up when there is no other
   */
  SideFile(
      Disk disk, Path folder, String name, long mostBytes, Force force, Optional<Reserve> reserve) {
    this.disk = disk;
    this.folder = folder;
    this.file = folder.resolve(name + ".ndjson");
    this.old = folder.resolve(name + ".1.ndjson");
    this.mostBytes = mostBytes;
    this.force = force;
    this.reserve = reserve;
  }

  /**
   * Adds a line.
   *
   * @param line ends with a line end
   * @throws IOException if it is not there; after {@link #close} always, with nothing touched
   */
  synchronized void append(byte[] line) throws IOException {
    if (closed) {
      throw new IOException(file + ": closed");
    }
    try {
      add(line);
    } catch (IOException e) {
      if (reserve.isEmpty() || !reserve.get().release()) {
        throw e;
      }
      add(line);
    }
  }

  /** Makes the lines safe that were added, where they wait for that. */
  synchronized void force() throws IOException {
    if (open != null && force == Force.WHEN_ASKED) {
      open.force();
      disk.forceDirectory(folder);
      disk.forceDirectory(folder.getParent());
    }
  }

  /** Decides which lines go. */
  interface Sieve {

    /**
     * Whether a line goes.
     *
     * @param line the line without its end
     */
    boolean takes(byte[] line) throws IOException;

    /** Called before lines go that were taken. */
    void keep() throws IOException;
  }

  /**
   * Takes lines out, the oldest first. Each file is written anew beside itself and takes its own
   * place at once, so that a line is there or gone, and gone only after {@link Sieve#keep}.
   *
   * @return how many lines are gone
   * @throws IOException if something failed; lines may be gone that the sieve has kept
   */
  synchronized long sift(Sieve sieve) throws IOException {
    if (closed) {
      throw new IOException(file + ": closed");
    }
    long gone = 0;
    if (disk.isDirectory(folder)) {
      for (Path part : List.of(old, file)) {
        gone += entry(part).isPresent() ? sift(part, sieve) : 0;
      }
    }
    return gone;
  }

  private long sift(Path part, Sieve sieve) throws IOException {
    Path draft = folder.resolve(part.getFileName() + ".new");
    // What is added next goes to the new file.
    SpoolFolder.closeQuietly(open);
    open = null;
    long gone;
    try (OpenFile copy = disk.create(draft)) {
      gone = sift(part, copy, sieve);
      if (gone > 0) {
        copy.force();
        sieve.keep();
      }
    } catch (IOException e) {
      deleteQuietly(draft);
      throw e;
    }
    if (gone == 0) {
      deleteQuietly(draft);
      return 0;
    }
    disk.rename(draft, part);
    lines.addAndGet(-gone);
    disk.forceDirectory(folder);
    return gone;
  }

  private long sift(Path part, OpenFile copy, Sieve sieve) throws IOException {
    long gone = 0;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    Bytes rest = new Bytes(CHUNK);
    long at = 0;
    while (true) {
      byte[] chunk = disk.read(part, at, CHUNK);
      for (byte b : chunk) {
        if (b != '\n') {
          line.write(b);
          continue;
        }
        if (sieve.takes(line.toByteArray())) {
          gone++;
        } else {
          line.write(b);
          rest.put(line.toByteArray(), 0, line.size());
        }
        line.reset();
      }
      at += chunk.length;
      if (chunk.length == 0) {
        // Without an end: torn by a kill, and nobody's line.
        rest.put(line.toByteArray(), 0, line.size());
      }
      copy.write(rest.array(), 0, rest.length());
      rest.cutTo(0);
      if (chunk.length == 0) {
        return gone;
      }
    }
  }

  private void deleteQuietly(Path draft) {
    try {
      disk.delete(draft);
    } catch (IOException e) {
      LOG.debug("{}: a draft stays, and means nothing", draft, e);
    }
  }

  /**
   * Counts the lines that are there, to be called before the first is added. What cannot be read is
   * not counted, and keeps nobody from going on.
   */
  synchronized void count() {
    try {
      if (disk.isDirectory(folder)) {
        for (Path part : List.of(old, file)) {
          lines.addAndGet(entry(part).isPresent() ? lines(part) : 0);
        }
      }
    } catch (IOException e) {
      LOG.warn("{}: its lines cannot be counted: {}", file, e.toString());
    }
  }

  /** How many lines are there, those that were there when they were counted included. */
  long lines() {
    return lines.get();
  }

  /** How many lines were given up to make room since this was opened. */
  long discarded() {
    return discarded.get();
  }

  Path path() {
    return file;
  }

  private void add(byte[] line) throws IOException {
    open();
    if (size > 0 && size + line.length > mostBytes) {
      rotate();
    }
    try {
      if (torn) {
        open.write(LINE_END, 0, 1);
        size++;
        torn = false;
      }
      open.write(line, 0, line.length);
      if (force == Force.EVERY_LINE) {
        open.force();
        if (!named) {
          disk.forceDirectory(folder);
          // The folder may be new as well, and a force of its name may have failed before.
          disk.forceDirectory(folder.getParent());
          named = true;
        }
      }
      size += line.length;
      lines.incrementAndGet();
    } catch (IOException e) {
      cut();
      throw e;
    }
  }

  private void open() throws IOException {
    if (open != null) {
      return;
    }
    disk.createDirectories(folder);
    Optional<Entry> there = entry(file);
    if (there.isEmpty()) {
      if (force != Force.NEVER && entry(old).isPresent()) {
        // Else a power cut might keep the new file, which takes the name, and not that the old one
        // has left it.
        disk.forceDirectory(folder);
      }
      open = disk.create(file);
      size = 0;
      torn = false;
    } else {
      size = there.get().size();
      byte[] last = size == 0 ? LINE_END : disk.read(file, size - 1, 1);
      torn = last.length == 0 || last[0] != '\n';
      open = disk.append(file);
    }
    named = false;
  }

  private Optional<Entry> entry(Path path) throws IOException {
    String name = path.getFileName().toString();
    return disk.list(folder).stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  /** Takes out what a failed line has left. */
  private void cut() {
    try {
      open.truncate(size);
    } catch (IOException e) {
      torn = true;
      LOG.warn("{}: a torn line cannot be cut off: {}", file, e.toString());
    }
    // The next line opens the file anew, and sees how it ends.
    SpoolFolder.closeQuietly(open);
    open = null;
  }

  private void rotate() throws IOException {
    long lost = entry(old).isPresent() ? lines(old) : 0;
    if (force == Force.WHEN_ASKED) {
      // Who asks then means these lines as well.
      open.force();
    }
    SpoolFolder.closeQuietly(open);
    open = null;
    disk.rename(file, old);
    discarded.addAndGet(lost);
    lines.addAndGet(-lost);
    if (lost > 0) {
      LOG.warn("{}: {} lines were given up, because there are too many", old, lost);
    }
    open();
  }

  private long lines(Path path) throws IOException {
    long lines = 0;
    int last = 0;
    long at = 0;
    while (true) {
      byte[] chunk = disk.read(path, at, CHUNK);
      if (chunk.length == 0) {
        return lines;
      }
      for (byte b : chunk) {
        // What a kill has torn does not end like an object.
        if (b == '\n' && last == '}') {
          lines++;
        }
        last = b;
      }
      at += chunk.length;
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Nothing is written any more: the directory may belong to another relay soon. */
  @Override
  public synchronized void close() {
    closed = true;
    SpoolFolder.closeQuietly(open);
    open = null;
  }
}
