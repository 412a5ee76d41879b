package io.proofofplay.spool.file;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room on the disk that is kept for what must be written when the disk is full: dead letters and
 * the drop ledger of one sink. Once given up, it comes first when there is room again: until then
 * the sink's spool takes no events.
 *
 * <p>Thread-safe.
 */
final class Reserve {

  static final String NAME = "reserve";
  static final int BYTES = 256 << 10;

  private static final long BETWEEN_TRIES = TimeUnit.SECONDS.toNanos(1);

  /** A reserve that never was is looked after less often: nothing waits for it. */
  private static final long BETWEEN_FIRST_TRIES = TimeUnit.MINUTES.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);

  private final int size;
  private final Disk disk;
  private final Path file;
  private final TimeSource time;
  private boolean there;
  private boolean owed;

  /** Whether it was said that the reserve cannot be made. */
  private boolean said;

  private long lastTry;

  Reserve(Disk disk, Path folder, TimeSource time, int size) {
    this.size = size;
    this.disk = disk;
    this.file = folder.resolve(NAME);
    this.time = time;
  }

  /** Makes the reserve at the start, if there is room for it. */
  synchronized void prepare() {
    try {
      there =
          disk.list(file.getParent()).stream()
              .anyMatch(entry -> entry.name().equals(NAME) && entry.size() >= size);
    } catch (IOException e) {
      LOG.debug("{}: cannot be looked for", file, e);
    }
    if (!there) {
      lastTry = time.nanos();
      make();
    }
  }

  synchronized boolean isThere() {
    return there;
  }

  /**
   * Gives the room up.
   *
   * @return whether there is more room now
   */
  synchronized boolean release() {
    if (!there) {
      return false;
    }
    try {
      disk.delete(file);
    } catch (IOException e) {
      LOG.warn("{}: cannot be given up: {}", file, e.toString());
      return false;
    }
    LOG.warn("{}: given up, because the disk is full; made anew when there is room", file);
    said = true;
    there = false;
    owed = true;
    lastTry = time.nanos();
    return true;
  }

  /**
   * Whether the reserve was given up and there is no room to make it again. Looks at most once a
   * second; for one that could not be made at the start, once a minute.
   */
  synchronized boolean isOwed() {
    if (!there && time.nanos() - lastTry >= (owed ? BETWEEN_TRIES : BETWEEN_FIRST_TRIES)) {
      lastTry = time.nanos();
      make();
    }
    return owed;
  }

  private void make() {
    // Not zeros: a file system that compresses would keep no room for them.
    byte[] filling = new byte[size];
    new SplittableRandom(size).nextBytes(filling);
    try (OpenFile open = disk.create(file)) {
      open.write(filling, 0, filling.length);
      open.force();
      there = true;
      owed = false;
      if (said) {
        LOG.info("{}: is there again", file);
        said = false;
      }
    } catch (IOException e) {
      if (!said) {
        LOG.warn(
            "{}: cannot be made; on a full disk there is no room for dead letters and drops until"
                + " it is there: {}",
            file,
            e.toString());
        said = true;
      }
    }
    if (!there) {
      try {
        disk.delete(file);
      } catch (IOException e) {
        LOG.debug("{}: a part of it stays", file, e);
      }
    }
  }
}
