package io.proofofplay.spool.file;

import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether the disk would take events into a sink's folder, by what the spool itself does
 * to keep some: a file is made, written, forced, and so is its name. Then it is deleted.
 *
 * <p>Thread-safe: it has no state. Two at a time in one folder may take each other's file away.
 */
final class Trial {

  /** As if half written: what a kill leaves of it is removed at the next start. */
  static final String NAME = SpoolFileName.open(0).temporary();

  private static final Logger LOG = LoggerFactory.getLogger(Trial.class);

  private final Disk disk;
  private final Path folder;

  Trial(Disk disk, Path folder) {
    this.disk = disk;
    this.folder = folder;
  }

  /** Whether so many bytes could be kept. */
  boolean succeeds(int bytes) {
    Path file = folder.resolve(NAME);
    // Not zeros: a file system that compresses would need no room for them.
    byte[] filling = new byte[bytes];
    new SplittableRandom(bytes).nextBytes(filling);
    boolean done = false;
    try (OpenFile open = disk.create(file)) {
      open.write(filling, 0, bytes);
      open.force();
      disk.forceDirectory(folder);
      done = true;
    } catch (IOException e) {
      LOG.debug("{}: the disk does not take {} bytes yet", folder, bytes, e);
    }
    try {
      disk.delete(file);
    } catch (IOException e) {
      LOG.debug("{}: cannot be deleted", file, e);
      return false;
    }
    return done;
  }
}
