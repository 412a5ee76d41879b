package io.proofofplay.runner.history;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.function.Consumer;
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

  private static final Logger LOG = LoggerFactory.getLogger(Packing.class);

  private final Path folder;
  private final LogFiles files;
  private final Consumer<Step> before;
  private boolean failing;

  Packing(Path folder, LogFiles files) {
    this(folder, files, step -> {});
  }

  Packing(Path folder, LogFiles files, Consumer<Step> before) {
    this.folder = folder;
    this.files = files;
    this.before = before;
  }

  /** Packs what is older than a file. What cannot be packed stays as it is, until the next time. */
  void packBelow(long number) {
    try {
      // Left by somebody who was killed.
      for (Path part : files.parts()) {
        Files.deleteIfExists(part);
      }
      for (Map.Entry<Long, Path> file : files.list().headMap(number).entrySet()) {
        if (file.getValue().equals(files.text(file.getKey()))) {
          pack(file.getKey());
        }
      }
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        failing = true;
        LOG.warn("{}: cannot be packed, so that fewer events fit in: {}", folder, e.toString());
      }
    }
  }

  private void pack(long number) throws IOException {
    Path text = files.text(number);
    Path part = files.part(number);
    before.accept(Step.WRITE);
    try {
      FileTime written = Files.getLastModifiedTime(text);
      try (FileChannel out =
              FileChannel.open(
                  part,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          GZIPOutputStream gzip = new GZIPOutputStream(Channels.newOutputStream(out), 1 << 13)) {
        Files.copy(text, gzip);
        gzip.finish();
        before.accept(Step.FORCE);
        out.force(true);
      }
      // It goes by the age of what it says.
      Files.setLastModifiedTime(part, written);
      before.accept(Step.RENAME);
      Files.move(
          part,
          files.packed(number),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      before.accept(Step.FORCE_FOLDER);
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
      before.accept(Step.DELETE);
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
