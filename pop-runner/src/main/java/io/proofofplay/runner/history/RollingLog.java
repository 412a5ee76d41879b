package io.proofofplay.runner.history;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in files that are numbered, of which the oldest go: by the room that all take, and by their
 * age. All but the newest are packed, by somebody else. What cannot be written is left out; the
 * relay goes on.
 *
 * <p>Thread-safe.
 */
final class RollingLog {

  /** How many files the room is shared by, so that little goes at a time. */
  private static final int FILES = 16;

  private static final long SMALLEST = 16 << 10;

  /** A line begins with one letter and its time. */
  private static final int START = 64;

  private static final Logger LOG = LoggerFactory.getLogger(RollingLog.class);

  private final Path folder;
  private final LogFiles files;
  private final Packing packing;
  private final Executor packer;
  private final long mostBytes;
  private final Duration maxAge;

  private boolean begun;
  private boolean failing;
  private long number = 1;
  private long size;
  private Instant since = Instant.MIN;

  /** All below are somebody else's, who may read them just now to pack them. */
  private long givenBelow;

  /**
   * A log of which nothing is written yet.
   *
   * @param packer whoever packs the older files, one after the other
   */
  RollingLog(Path folder, String name, long mostBytes, Duration maxAge, Executor packer) {
    this.folder = folder;
    this.files = new LogFiles(folder, name);
    this.packing = new Packing(folder, files);
    this.packer = packer;
    this.mostBytes = mostBytes;
    this.maxAge = maxAge;
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
              files.text(number), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        out.write(lines, 0, length);
      }
      size += length;
      failing = false;
      if (givenBelow < number) {
        // Not before: without this file, the last one may have to be gone on with.
        long newest = number;
        givenBelow = newest;
        packer.execute(() -> packing.packBelow(newest));
      }
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
    SortedMap<Long, Path> known = files.list();
    number = known.isEmpty() ? 1 : known.lastKey();
    if (!known.isEmpty() && !known.get(number).equals(files.text(number))) {
      // The newest is gone; what is packed is not added to.
      number++;
    }
    number = Math.max(number, givenBelow);
    size = 0;
    since = now;
    if (Files.exists(files.text(number))) {
      try (RandomAccessFile file = new RandomAccessFile(files.text(number).toFile(), "rw")) {
        size = file.length();
        if (size > 0) {
          since = begunAt(file, now);
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

  /**
   * When the first line of a file was written, or now if it does not say: a relay that is started
   * every day must not take a file of a month for one of today.
   */
  private static Instant begunAt(RandomAccessFile file, Instant now) throws IOException {
    byte[] start = new byte[(int) Math.min(START, file.length())];
    file.seek(0);
    file.readFully(start);
    String[] fields = new String(start, StandardCharsets.ISO_8859_1).split("[\\t\\n]", 3);
    try {
      Instant first = fields.length < 3 ? now : Instant.parse(fields[1]);
      return first.isAfter(now) ? now : first;
    } catch (DateTimeParseException e) {
      return now;
    }
  }

  /** Leaves room for the newest file, and for one that is packed. */
  private void removeOld(Instant now) throws IOException {
    SortedMap<Long, Path> known = files.list();
    long total = 0;
    for (long each : known.keySet()) {
      total += sizeOf(each);
    }
    for (Map.Entry<Long, Path> file : known.headMap(number).entrySet()) {
      boolean old = timeOf(file.getValue()).isBefore(now.minus(maxAge));
      if (old || total > mostBytes - 2 * (mostBytes / FILES)) {
        total -= sizeOf(file.getKey());
        for (Path path : files.all(file.getKey())) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  private long sizeOf(long which) throws IOException {
    long total = 0;
    for (Path path : files.all(which)) {
      try {
        total += Files.size(path);
      } catch (NoSuchFileException e) {
        // It is packed, or it is not.
      }
    }
    return total;
  }

  /** When it was written; at any time if it is just packed. */
  private static Instant timeOf(Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (NoSuchFileException e) {
      return Instant.MAX;
    }
  }
}
