package io.proofofplay.spool.file;

import io.proofofplay.core.spi.StorageInUse;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that a directory belongs to this process, by a lock that the system drops when the process
 * ends, however it ends. The file stays and means nothing by itself.
 */
final class DirectoryLock implements Closeable {

  static final String NAME = "lock";

  /**
   * What this process holds. The system lets a process lock its own file twice, and drops the lock
   * when any descriptor of the file is closed; so a file that is held is not opened again.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);

  /**
   * How often, and how long between, a process that has taken the lock is given to say who it is.
   */
  private static final int LOOKS = 100;

  private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Path directory;
  private final Path file;
  private final FileChannel channel;

  /** Which file it is, whatever its name; {@code null} where the system does not tell. */
  private final Object key;

  private DirectoryLock(Path directory, FileChannel channel, Object key) {
    this.directory = directory;
    this.file = directory.resolve(NAME);
    this.channel = channel;
    this.key = key;
  }

  private static Object keyOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /**
   * Whether the lock is where it was taken; also if that cannot be told. If not, the directory was
   * removed or moved, or another one is in its place, and somebody else may own that.
   */
  boolean isInPlace() {
    try {
      return Objects.equals(key, keyOf(file));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      LOG.debug("{}: cannot be looked for", file, e);
      return !String.valueOf(e.getMessage()).endsWith("Not a directory");
    }
  }

  /** Whether there is a directory in the place of the one that was locked. */
  boolean isReplaced() {
    return Files.isDirectory(directory) && !isInPlace();
  }

  /** What is said when the lock is not in its place. */
  String lost() {
    return directory
        + " is not the directory that was opened: its "
        + NAME
        + " is gone; put the directory back, or restart to begin with what is there";
  }

  /**
   * Takes the lock.
   *
   * @param directory is there
   * @throws StorageInUse if somebody has it
   */
  static DirectoryLock take(Path directory) throws IOException {
    Path real = directory.toRealPath();
    if (!HELD.add(real)) {
      throw inUse(directory, "this very process, " + ProcessHandle.current().pid());
    }
    boolean taken = false;
    boolean interrupted = Thread.interrupted();
    try {
      DirectoryLock lock = lock(directory, real);
      taken = true;
      return lock;
    } finally {
      if (!taken) {
        HELD.remove(real);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static DirectoryLock lock(Path directory, Path real) throws IOException {
    Path file = real.resolve(NAME);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw inUse(directory, "process " + ownerIn(file));
      }
      nameOwner(channel, file);
      taken = true;
      return new DirectoryLock(real, channel, keyOf(file));
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void nameOwner(FileChannel channel, Path file) {
    try {
      channel.truncate(0);
      long pid = ProcessHandle.current().pid();
      String owner = pid + beginOf(pid).map(begin -> " " + begin).orElse("") + "\n";
      channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      // The lock holds without it; only the message to the next one is poorer.
      LOG.debug("{}: the owner cannot be written", file, e);
    }
  }

  /**
   * Who owns the lock. One that has taken it this moment has not said so yet, and the number of one
   * that was killed stands there until then.
   */
  private static String ownerIn(Path file) {
    String owner = namedIn(file);
    for (int i = 0; i < LOOKS && !isAlive(owner); i++) {
      LockSupport.parkNanos(BETWEEN_LOOKS);
      owner = namedIn(file);
    }
    return owner;
  }

  /** Whether what stands in the file begins with the number of a process that runs. */
  static boolean isAlive(String written) {
    String pid = pidIn(written);
    return pid.matches("\\d{1,18}")
        && ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isPresent();
  }

  /**
   * Whether that process is the one that wrote it, as far as the system tells: in a container each
   * one has the number 1, and what an earlier version wrote is the number alone.
   */
  static boolean isRunning(String written) {
    if (!isAlive(written)) {
      return false;
    }
    String pid = pidIn(written);
    Optional<String> begin = beginOf(Long.parseLong(pid));
    return written.equals(pid)
        || begin.isEmpty()
        || written.substring(pid.length()).strip().equals(begin.get());
  }

  /**
   * When a process began, in the system's own count since it was started, which no setting of a
   * clock changes; empty where the system does not tell.
   */
  private static Optional<String> beginOf(long pid) {
    try {
      String stat =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
      // The second field is a name in brackets, which may hold anything. The 22nd is wanted.
      String[] behind = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
      return behind.length > 19 ? Optional.of(behind[19]) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String pidIn(String written) {
    return written.split("\\s", 2)[0];
  }

  private static String namedIn(Path file) {
    try {
      String owner = pidIn(Files.readString(file, StandardCharsets.ISO_8859_1));
      return owner.matches("\\d{1,19}") ? owner : "(unknown)";
    } catch (IOException e) {
      return "(unknown)";
    }
  }

  private static StorageInUse inUse(Path directory, String owner) {
    return new StorageInUse(
        "spool directory "
            + directory
            + " is owned by "
            + owner
            + "; stop that one, or give this relay a directory of its own");
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(directory);
    }
  }
}
