package io.proofofplay.spool.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The seam: everything that is done to files. What is written is safe from a power cut only after
 * it was forced: bytes by {@link OpenFile#force}, and a name by {@link #forceDirectory}.
 *
 * <p>An interrupt of the calling thread changes nothing: no operation ends early by it, and no file
 * is closed by it.
 */
interface Disk {

  /** A file that is written at its end. Writing and forcing may happen at the same time. */
  interface OpenFile extends Closeable {

    /** Adds bytes at the end. If it throws, some of them may be there. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Makes what was written safe. */
    void force() throws IOException;

    /** Cuts the file; what is written next goes behind the cut. */
    void truncate(long length) throws IOException;
  }

  /**
   * What a directory holds.
   *
   * @param name the file's name
   * @param size its size in bytes
   * @param modified when it was last written, by the wall clock
   * @param directory whether it is a directory
   */
  record Entry(String name, long size, Instant modified, boolean directory) {}

  /** Makes a file, or empties the one that is there. */
  OpenFile create(Path file) throws IOException;

  /**
   * Makes what was written to several files safe, in any order or at the same time.
   *
   * @throws IOException if that failed for at least one of them; the others may be safe
   */
  default void force(List<OpenFile> files) throws IOException {
    for (OpenFile file : files) {
      file.force();
    }
  }

  /** Opens a file that is there, to add to its end. */
  OpenFile append(Path file) throws IOException;

  /**
   * Reads a part of a file.
   *
   * @throws NoSuchFileException if there certainly is no such file in a directory that is there
   * @throws AccessDeniedException if the file is there and may not be read
   */
  byte[] read(Path file, long offset, int most) throws IOException;

  /** A file that is read while others may rename it, or put another in its place. */
  interface Reading extends Closeable {

    /** Reads a part; fewer bytes at its end, none behind it. */
    byte[] read(long offset, int most) throws IOException;
  }

  /**
   * Opens a file to read it piece by piece.
   *
   * @throws NoSuchFileException if there certainly is no such file in a directory that is there
   */
  default Reading open(Path file) throws IOException {
    // Says whether it is there; a disk that can hold a file does better.
    byte[] unused = read(file, 0, 1);
    return new Reading() {
      @Override
      public byte[] read(long offset, int most) throws IOException {
        return Disk.this.read(file, offset, most);
      }

      @Override
      public void close() {}
    };
  }

  /**
   * Gives a file to whom its folder belongs, if this user may do that: what root writes, the relay
   * could not read.
   */
  default void giveToOwnerOfFolder(Path file) throws IOException {}

  /** Gives a file another name at once, in place of a file that may have it. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file; that it is not there is fine. */
  void delete(Path file) throws IOException;

  /** Lists a directory, in no order. */
  List<Entry> list(Path directory) throws IOException;

  boolean isDirectory(Path path);

  void createDirectory(Path directory) throws IOException;

  /** Makes the names in a directory safe. */
  void forceDirectory(Path directory) throws IOException;

  /**
   * Makes a directory and those above it, safely.
   *
   * @throws IOException if one cannot be made, or its name cannot be forced; a later call does not
   *     force it then, see {@link #forceAbove}
   */
  default void createDirectories(Path directory) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path path = directory; path != null && !isDirectory(path); path = path.getParent()) {
      missing.push(path);
    }
    for (Path path : missing) {
      createDirectory(path);
      if (path.getParent() != null) {
        forceDirectory(path.getParent());
      }
    }
  }

  /**
   * Makes the name of a directory safe, and the names of all above it, as far as this may be done:
   * an earlier process may have made them and been killed before it forced them.
   */
  default void forceAbove(Path directory) {
    for (Path path = directory.getParent(); path != null; path = path.getParent()) {
      try {
        forceDirectory(path);
      } catch (IOException e) {
        // Somebody else's directory need not be open to us, nor every file system know this.
        LoggerFactory.getLogger(Disk.class).debug("{}: cannot be forced", path, e);
      }
    }
  }
}
