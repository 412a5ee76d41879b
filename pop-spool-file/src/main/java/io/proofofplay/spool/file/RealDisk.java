package io.proofofplay.spool.file;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk of this machine.
 *
 * <p>Files are {@link RandomAccessFile}s: a {@code FileChannel} is closed under everybody who uses
 * it when one thread is interrupted in it.
 */
final class RealDisk implements Disk {

  /** Directories cannot be opened there, and need no force. */
  private static final boolean WINDOWS = File.separatorChar == '\\';

  private static final Logger LOG = LoggerFactory.getLogger(RealDisk.class);

  private final JointForce joint = new JointForce();

  @Override
  public void force(List<OpenFile> files) throws IOException {
    if (files.size() == 1) {
      files.get(0).force();
    } else {
      joint.force(files);
    }
  }

  @Override
  public OpenFile create(Path file) throws IOException {
    return open(file, 0);
  }

  @Override
  public OpenFile append(Path file) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    return open(file, -1);
  }

  private static OpenFile open(Path file, long length) throws IOException {
    RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw");
    try {
      if (length >= 0) {
        opened.setLength(length);
      }
      opened.seek(opened.length());
      return new RealFile(opened);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public byte[] read(Path file, long offset, int most) throws IOException {
    try (RandomAccessFile opened = openToRead(file)) {
      return read(opened, offset, most);
    }
  }

  @Override
  public Reading open(Path file) throws IOException {
    RandomAccessFile opened = openToRead(file);
    return new Reading() {
      @Override
      public byte[] read(long offset, int most) throws IOException {
        return RealDisk.read(opened, offset, most);
      }

      @Override
      public void close() throws IOException {
        opened.close();
      }
    };
  }

  private static byte[] read(RandomAccessFile opened, long offset, int most) throws IOException {
    int length = (int) Math.max(0, Math.min(most, opened.length() - offset));
    byte[] bytes = new byte[length];
    opened.seek(offset);
    int done = 0;
    while (done < length) {
      int count = opened.read(bytes, done, length - done);
      if (count < 0) {
        return Arrays.copyOf(bytes, done);
      }
      done += count;
    }
    return bytes;
  }

  private RandomAccessFile openToRead(Path file) throws IOException {
    try {
      return new RandomAccessFile(file.toFile(), "r");
    } catch (FileNotFoundException e) {
      // Java says this of every file that cannot be opened. A directory that is away, such as an
      // unplugged disk, is no proof that the file is gone.
      if (Files.notExists(file) && isDirectory(file.toAbsolutePath().getParent())) {
        throw (IOException) new NoSuchFileException(file.toString()).initCause(e);
      }
      if (Files.exists(file) && !Files.isReadable(file)) {
        throw (IOException) new AccessDeniedException(file.toString()).initCause(e);
      }
      throw e;
    }
  }

  @Override
  public void giveToOwnerOfFolder(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    PosixFileAttributes is = view.readAttributes();
    PosixFileAttributes wanted = Files.readAttributes(file.getParent(), PosixFileAttributes.class);
    if (is.owner().equals(wanted.owner())) {
      return;
    }
    try {
      view.setOwner(wanted.owner());
      view.setGroup(wanted.group());
    } catch (FileSystemException e) {
      // Only root may. Another user's file may be readable all the same, and if not, it is
      // answered.
      LOG.debug("{}: stays with {}", file, is.owner(), e);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public List<Entry> list(Path directory) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
      for (Path path : paths) {
        describe(path).ifPresent(entries::add);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  /** Empty if it is gone since it was listed, or is a link that leads nowhere. */
  private static Optional<Entry> describe(Path path) throws IOException {
    try {
      BasicFileAttributes is = Files.readAttributes(path, BasicFileAttributes.class);
      return Optional.of(
          new Entry(
              path.getFileName().toString(),
              is.size(),
              is.lastModifiedTime().toInstant(),
              is.isDirectory()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    if (WINDOWS) {
      return;
    }
    // Only a channel can open a directory. This one is nobody else's, so that an interrupt costs a
    // second try.
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static final class RealFile implements OpenFile {

    private final RandomAccessFile file;

    RealFile(RandomAccessFile file) {
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      file.write(bytes, offset, length);
    }

    @Override
    public void force() throws IOException {
      file.getFD().sync();
    }

    @Override
    public void truncate(long length) throws IOException {
      file.setLength(length);
      file.seek(length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
