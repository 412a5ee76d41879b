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

  /** A larger event needs a larger reserve. */
  private static final int LARGE_EVENT = BYTES / 4;

  /** What a letter has beside its event, an answer of which each character is escaped included. */
  private static final int AROUND_AN_EVENT = 16 << 10;

  /** For the largest event that there can be. */
  private static final int LARGEST = 64 << 20;

  private static final int PIECE = 64 << 10;

  private int size;
  private final Disk disk;
  private final Path file;
  private final TimeSource time;
  private boolean there;
  private boolean owed;

  /** Whether it was said that the reserve cannot be made. */
  private boolean said;

  private long lastTry;

  /** Whether the last try to make a larger one was in vain. */
  private boolean tooSmall;

  Reserve(Disk disk, Path folder, TimeSource time, int size) {
    this.size = size;
    this.disk = disk;
    this.file = folder.resolve(NAME);
    this.time = time;
  }

  /** Makes the reserve at the start, if there is room for it. */
  synchronized void prepare() {
    try {
      for (Disk.Entry entry : disk.list(file.getParent())) {
        if (entry.name().equals(NAME) && entry.size() >= size) {
          there = true;
          // A larger one is for a large event that may still wait.
          size = (int) Math.max(size, Math.min(entry.size(), LARGEST));
        }
      }
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
   * Makes sure that the reserve is enough for a letter of an event: one that did not fit would keep
   * all behind it from being sent, on a disk that only gets room by sending.
   *
   * @param eventBytes the event's length
   * @return {@code false} if there is no room for a reserve that is enough; the one before stays
   */
  synchronized boolean covers(int eventBytes) {
    // In its letter each byte of it may be escaped.
    long wanted = 2L * eventBytes + AROUND_AN_EVENT;
    if (eventBytes <= LARGE_EVENT || wanted <= size) {
      return true;
    }
    if (tooSmall && time.nanos() - lastTry < BETWEEN_TRIES) {
      return false;
    }
    int before = size;
    size = (int) Math.min(wanted, LARGEST);
    owed |= there;
    there = false;
    lastTry = time.nanos();
    make();
    tooSmall = !there;
    if (tooSmall) {
      size = before;
      make();
    }
    return !tooSmall;
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
    byte[] filling = new byte[Math.min(size, PIECE)];
    SplittableRandom random = new SplittableRandom(size);
    try (OpenFile open = disk.create(file)) {
      for (int done = 0; done < size; done += filling.length) {
        random.nextBytes(filling);
        open.write(filling, 0, Math.min(filling.length, size - done));
      }
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
