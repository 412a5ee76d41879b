package io.proofofplay.runner.history;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packs the older files of a log with gzip, so that more of them fit into the same room. A file
 * goes only when what takes its place is forced to the disk under its name, so that a kill or a
 * power cut at any moment leaves one of them whole; the next run does again what was not finished.
 *
 * <p>Not thread-safe: one thread packs, while others write, read and remove.
 */
final class Packing {

  /** What comes next, so that a test can stop there. */
  enum Step {
    WRITE,
    FORCE,
    RENAME,
    FORCE_FOLDER,
    DELETE
  }

  /** Is told what comes next, and may end it. */
  @FunctionalInterface
  interface Hook {
    void before(Step step) throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Packing.class);

  private final Path folder;
  private final LogFiles files;
  private final RoomForEvents room;
  private final Hook hook;

  /** What could not be packed the last time, and was complained of. */
  private final Set<Path> failing = new HashSet<>();

  Packing(Path folder, LogFiles files, RoomForEvents room) {
    this(folder, files, room, step -> {});
  }

  Packing(Path folder, LogFiles files, RoomForEvents room, Hook hook) {
    this.folder = folder;
    this.files = files;
    this.room = room;
    this.hook = hook;
  }

  /**
   * Packs what is older than a file. What cannot be packed stays as it is, until the next time, and
   * is in nobody's way.
   */
  void packBelow(long number) {
    attempt(folder, this::removeParts);
    attempt(
        folder,
        () -> {
          SortedMap<Long, Path> known = files.list();
          failing.removeIf(file -> !file.equals(folder) && !known.containsValue(file));
          known
              .headMap(number)
              .forEach(
                  (each, file) -> {
                    if (file.equals(files.text(each))) {
                      attempt(file, () -> pack(each));
                    }
                  });
        });
  }

  /** Left by somebody who was killed. */
  private void removeParts() throws IOException {
    for (Path part : files.parts()) {
      Files.deleteIfExists(part);
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private void attempt(Path what, Work work) {
    try {
      work.run();
      failing.remove(what);
    } catch (IOException | RuntimeException e) {
      if (failing.add(what)) {
        LOG.warn("{}: cannot be packed, so that fewer events fit in: {}", what, e.toString());
      }
    }
  }

  /**
   * Packs a third as well as the best, in a third of the time: ids take most of the room, and
   * nothing packs them.
   */
  private static final class QuickGzip extends GZIPOutputStream {

    QuickGzip(OutputStream out) throws IOException {
      super(out, 1 << 13);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private void pack(long number) throws IOException {
    Path text = files.text(number);
    Path part = files.part(number);
    hook.before(Step.WRITE);
    try {
      if (room.isTooLittleFor(Files.size(text) / 2)) {
        // It stays as it is until there is room, or goes.
        return;
      }
      FileTime written = Files.getLastModifiedTime(text);
      try (FileChannel out =
              FileChannel.open(
                  part,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          GZIPOutputStream gzip = new QuickGzip(Channels.newOutputStream(out))) {
        Files.copy(text, gzip);
        gzip.finish();
        hook.before(Step.FORCE);
        out.force(true);
      }
      // It goes by the age of what it says.
      Files.setLastModifiedTime(part, written);
      hook.before(Step.RENAME);
      Files.move(
          part,
          files.packed(number),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      hook.before(Step.FORCE_FOLDER);
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
      hook.before(Step.DELETE);
      Files.deleteIfExists(text);
    } catch (NoSuchFileException e) {
      // It made room for newer ones meanwhile.
      Files.deleteIfExists(part);
    } catch (IOException e) {
      Files.deleteIfExists(part);
      throw e;
    }
  }
}
