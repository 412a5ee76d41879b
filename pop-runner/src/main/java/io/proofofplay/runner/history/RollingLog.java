package io.proofofplay.runner.history;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in files that are numbered, of which the oldest go: by the room that all take, and by their
 * age. What cannot be written is left out; the relay goes on.
 *
 * <p>Thread-safe.
 */
final class RollingLog {

  /** How many files the room is shared by, so that little goes at a time. */
  private static final int FILES = 16;

  private static final long SMALLEST = 16 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(RollingLog.class);

  private final Path folder;
  private final String name;
  private final long mostBytes;
  private final Duration maxAge;

  private boolean begun;
  private boolean failing;
  private long number = 1;
  private long size;
  private Instant since = Instant.MIN;

  RollingLog(Path folder, String name, long mostBytes, Duration maxAge) {
    this.folder = folder;
    this.name = name;
    this.mostBytes = mostBytes;
    this.maxAge = maxAge;
  }

  /** The files of a log by their numbers. */
  static SortedMap<Long, Path> files(Path folder, String name) throws IOException {
    Pattern form = Pattern.compile(Pattern.quote(name) + "-(\\d{8,15})\\.log");
    SortedMap<Long, Path> files = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return files;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path file : all) {
        Matcher match = form.matcher(file.getFileName().toString());
        if (match.matches()) {
          files.put(Long.parseLong(match.group(1)), file);
        }
      }
    }
    return files;
  }

  /** Adds whole lines, with one write. */
  synchronized void append(byte[] lines, int length, Instant now) {
    try {
      if (!begun) {
        begin(now);
      }
      boolean full = size > 0 && size + length > Math.max(SMALLEST, mostBytes / FILES);
      if (full || Duration.between(since, now).compareTo(maxAge.dividedBy(FILES)) > 0) {
        number++;
        size = 0;
        since = now;
        removeOld(now);
      }
      try (OutputStream out =
          Files.newOutputStream(
              file(number), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        out.write(lines, 0, length);
      }
      size += length;
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        failing = true;
        LOG.warn("{}: cannot be written; pop where will know less: {}", folder, e.toString());
      }
      // What was written of it may be torn: the next lines begin behind a line end.
      begun = false;
    }
  }

  /** Goes on with the newest file of an earlier life. */
  private void begin(Instant now) throws IOException {
    if (!Files.isDirectory(folder)) {
      // This one alone: a spool's directory that is away must not be made anew in its place.
      Files.createDirectory(folder);
    }
    SortedMap<Long, Path> files = files(folder, name);
    number = files.isEmpty() ? 1 : files.lastKey();
    size = 0;
    since = now;
    if (!files.isEmpty()) {
      Path last = files.get(number);
      try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
        size = file.length();
        if (size > 0) {
          file.seek(size - 1);
          if (file.read() != '\n') {
            file.write('\n');
            size++;
          }
        }
      }
    }
    removeOld(now);
    begun = true;
  }

  private void removeOld(Instant now) throws IOException {
    SortedMap<Long, Path> files = files(folder, name);
    long total = 0;
    for (Path file : files.values()) {
      total += sizeOf(file);
    }
    for (Map.Entry<Long, Path> file : files.entrySet()) {
      boolean old =
          Files.getLastModifiedTime(file.getValue()).toInstant().isBefore(now.minus(maxAge));
      if (file.getKey() < number && (old || total > mostBytes - mostBytes / FILES)) {
        total -= sizeOf(file.getValue());
        Files.deleteIfExists(file.getValue());
      }
    }
  }

  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private Path file(long which) {
    return folder.resolve(String.format(Locale.ROOT, "%s-%08d.log", name, which));
  }
}
