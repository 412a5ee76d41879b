package io.proofofplay.spool.file;

import io.proofofplay.core.spi.Storage;
import io.proofofplay.spool.file.Disk.Entry;
import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is remembered for one source: a line that names the length and the checksum, and the very
 * bytes. The file is written beside the old one and takes its place at once, so that there is
 * always a whole one.
 *
 * <p>Not thread-safe.
 */
final class MemoryFile {

  /** The folder of them all; no sink's folder can have a name with a dot at its beginning. */
  static final String FOLDER = ".sources";

  private static final Logger LOG = LoggerFactory.getLogger(MemoryFile.class);
  private static final String MARK = "#pop-memory 1 ";
  private static final int LONGEST_HEAD = 64;

  private final Disk disk;
  private final Path folder;
  private final Path file;
  private final Path draft;

  MemoryFile(Disk disk, Path directory, String source) {
    this.disk = disk;
    this.folder = directory.resolve(FOLDER);
    this.file = folder.resolve(source);
    this.draft = folder.resolve(source + ".new");
  }

  /** The bytes; none if there are none, or if they are not as they were written. */
  byte[] read() throws IOException {
    if (!disk.isDirectory(folder) || size().isEmpty()) {
      return new byte[0];
    }
    byte[] all = disk.read(file, 0, LONGEST_HEAD + Storage.LONGEST_MEMORY);
    int end = 0;
    while (end < all.length && end < LONGEST_HEAD && all[end] != '\n') {
      end++;
    }
    byte[] memory = Arrays.copyOfRange(all, Math.min(end + 1, all.length), all.length);
    String head = new String(all, 0, end, StandardCharsets.ISO_8859_1);
    if (!head.equals(head(memory))) {
      LOG.warn("{}: is damaged and not used; events may be delivered again", file);
      return new byte[0];
    }
    return memory;
  }

  private Optional<Long> size() throws IOException {
    String name = file.getFileName().toString();
    return disk.list(folder).stream()
        .filter(entry -> entry.name().equals(name))
        .map(Entry::size)
        .findFirst();
  }

  /** Writes the bytes in place of those before. */
  void write(byte[] memory) throws IOException {
    disk.createDirectories(folder);
    byte[] head = (head(memory) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    try (OpenFile open = disk.create(draft)) {
      open.write(head, 0, head.length);
      open.write(memory, 0, memory.length);
      open.force();
    }
    disk.rename(draft, file);
    disk.forceDirectory(folder);
  }

  private static String head(byte[] memory) {
    CRC32C sum = new CRC32C();
    sum.update(memory, 0, memory.length);
    return MARK + String.format(Locale.ROOT, "%08x", sum.getValue()) + " " + memory.length;
  }
}
