package io.proofofplay.runner.history;

import io.proofofplay.core.spi.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in files that are numbered, of which the oldest go: by the room that all take, and by their
 * age. All but the newest are packed, by somebody else, while no more is written than is worth it
 * ({@link Haste}). What cannot be written is left out, the relay goes on, and what is written next
 * says how much it was. It gives way to events: the last room of the disk is not for it, and there
 * its oldest files go before their time.
 *
 * <p>The clock of a device is wrong at times. So that no wrong answer of a time server empties the
 * log, age alone removes only what was too old already when a file was begun that is a share of the
 * greatest age old itself, and nothing so soon after the clock was set by more than that.
 *
 * <p>Thread-safe.
 */
final class RollingLog {

  /** What a file has to begin with, so that the ones before it are not needed to understand it. */
  @FunctionalInterface
  interface Beginning {

    /** The lines, at most so many bytes, at this time; none if there is nothing to say. */
    byte[] at(Instant now, int mostBytes);
  }

  /** How many files the room is shared by, so that little goes at a time. */
  private static final int FILES = 16;

  private static final long SMALLEST = 16 << 10;

  /** The part of a small disk that a file may be: so much is not given back before the next. */
  private static final int PART_OF_DISK = 32;

  /** A line begins with one letter and its time. */
  private static final int START = 64;

  private static final byte[] NOTHING = {};

  private static final Logger LOG = LoggerFactory.getLogger(RollingLog.class);

  private final Path folder;
  private final LogFiles files;
  private final Beginning beginning;
  private final Packing packing;
  private final RoomForEvents room;
  private final TimeSource time;
  private final Executor packer;
  private final long mostBytes;
  private final Duration maxAge;
  private final Duration share;
  private final Haste haste = new Haste();

  private boolean begun;

  /** The room of a file, by the disk as it was when the log was begun. */
  private long mostInFile;

  /** Whether it was said, since there was ample room, that files go before their time. */
  private boolean saidGone;

  /** Whether it was said, since then, that there is none even so. */
  private boolean saidTooLittle;

  /** Read without the monitor: who asks must not wait for a disk that hangs. */
  private final AtomicLong failures = new AtomicLong();

  /** What could not be written, and is not told yet; {@code null} for nothing. */
  private Hole hole;

  private long number = 1;
  private long size;
  private Instant since = Instant.MIN;

  /** The clocks at the last entry; {@code null} before the first. */
  private Instant seen;

  private long seenNanos;

  /** How the steady clock stood when the other was set; {@code null} if it was not. */
  private Long setAtNanos;

  /** When the files before the newest one were begun, as far as their first lines say it. */
  private final Map<Long, Instant> begins = new HashMap<>();

  /** All below are somebody else's, who may read them just now to pack them. */
  private long givenBelow;

  /**
   * A log of which nothing is written yet.
   *
   * @param beginning what each file but the first begins with
   * @param room what is not for the log
   * @param packer whoever packs the older files, one after the other
   */
  RollingLog(
      Path folder,
      String name,
      long mostBytes,
      Duration maxAge,
      Beginning beginning,
      RoomForEvents room,
      TimeSource time,
      Executor packer) {
    this.folder = folder;
    this.files = new LogFiles(folder, name);
    this.beginning = beginning;
    this.packing = new Packing(folder, files, room);
    this.room = room;
    this.time = time;
    this.packer = packer;
    this.mostBytes = mostBytes;
    this.maxAge = maxAge;
    share = maxAge.dividedBy(FILES);
  }

  /**
   * Adds whole lines, with one write.
   *
   * @param entries how many are lost if they cannot be written
   * @return whether they are written
   */
  synchronized boolean append(byte[] lines, int length, int entries) {
    Instant now = time.now();
    watch(now);
    if (!leavesRoomFor(length)) {
      if (!saidTooLittle) {
        saidTooLittle = true;
        complain("the disk has no room left but for events");
      }
      missed(now, entries);
      return false;
    }
    try {
      if (!begun) {
        begin(now);
      }
      boolean full = size > 0 && size + length > mostInFile;
      if (full || isOfAnotherTime(now)) {
        number++;
        size = 0;
        since = now;
        removeOld(now);
      }
      int written = write(before(now), lines, length);
      size += written;
      hole = null;
      haste.wrote(written, seenNanos);
      if (givenBelow < number && !haste.isOn()) {
        // Not before: without this file, the last one may have to be gone on with.
        long newest = number;
        givenBelow = newest;
        packer.execute(() -> packBelow(newest));
      }
      return true;
    } catch (IOException | RuntimeException e) {
      if (hole == null) {
        complain(e.toString());
      }
      missed(now, entries);
      // What was written of it may be torn: the next lines begin behind the last line end.
      begun = false;
      return false;
    }
  }

  private void complain(String why) {
    LOG.warn("{}: cannot be written; pop where will know less: {}", folder, why);
  }

  private void missed(Instant now, int entries) {
    failures.incrementAndGet();
    hole = hole == null ? new Hole(now, now, entries) : hole.and(now, entries);
  }

  /** How often something could not be written. */
  long failures() {
    return failures.get();
  }

  /** What is packed needs room for a while, which then is worth more than an older file. */
  private void packBelow(long newest) {
    room.demand(room.last() + mostInFile() / 2, missing -> give(missing, newest - 1));
    packing.packBelow(newest);
  }

  private synchronized long mostInFile() {
    return mostInFile;
  }

  /**
   * Removes the oldest files, as many as are needed to give so much room back, and never the
   * newest.
   *
   * @param missing how many bytes are enough
   * @return how many they had
   */
  long give(long missing) {
    return give(missing, Long.MAX_VALUE);
  }

  private synchronized long give(long missing, long below) {
    long given = 0;
    try {
      SortedMap<Long, Path> known = files.list();
      long newest = known.isEmpty() ? 0 : known.lastKey();
      for (long which : known.headMap(Math.min(newest, below)).keySet()) {
        if (given >= missing) {
          break;
        }
        if (!saidGone) {
          saidGone = true;
          LOG.warn(
              "{}: gives its oldest files up, because the disk has no room left but for events;"
                  + " pop where will know less",
              folder);
        }
        long size = sizeOf(which);
        remove(which);
        given += size;
      }
    } catch (IOException | RuntimeException e) {
      // Whoever writes next says what is wrong with the folder.
      LOG.debug("{}: cannot give way: {}", folder, e.toString());
    }
    return given;
  }

  /** Gives way if the disk is nearly full; the last of it is not for so many bytes either. */
  private boolean leavesRoomFor(int length) {
    if (!room.isTooLittleFor(length)) {
      if (saidGone || saidTooLittle) {
        boolean again = !room.isAmple();
        saidGone &= again;
        saidTooLittle &= again;
      }
      return true;
    }
    room.demand(room.last() + length, this::give);
    return !room.isTooLittleFor(length);
  }

  private void remove(long which) throws IOException {
    for (Path path : files.all(which)) {
      Files.deleteIfExists(path);
    }
  }

  /** The part of the greatest age that a file is for. */
  private Duration share() {
    return share;
  }

  /** Whether the newest file was begun too long ago, or by a clock that was ahead. */
  private boolean isOfAnotherTime(Instant now) {
    return Duration.between(since, now).abs().compareTo(share()) > 0;
  }

  /** What has to stand before the next lines. */
  private byte[] before(Instant now) {
    boolean first = size == 0 && number > 1;
    if (!first && hole == null) {
      return NOTHING;
    }
    ByteArrayOutputStream before = new ByteArrayOutputStream();
    if (hole != null) {
      HistoryLine line = new HistoryLine();
      line.add("H", hole.from().toString(), hole.to().toString(), "" + hole.entries());
      before.write(line.bytes(), 0, line.length());
    }
    before.writeBytes(beginning.at(now, (int) (mostInFile / 2)));
    return before.toByteArray();
  }

  private int write(byte[] before, byte[] lines, int length) throws IOException {
    // A channel would leave a buffer of the JDK's with every thread that ever writes here.
    try (OutputStream out = new FileOutputStream(files.text(number).toFile(), true)) {
      if (before.length == 0) {
        out.write(lines, 0, length);
      } else {
        byte[] all = Arrays.copyOf(before, before.length + length);
        System.arraycopy(lines, 0, all, before.length, length);
        out.write(all);
      }
    }
    return before.length + length;
  }

  /** Notices that the wall clock was set, by the clock that nobody sets. */
  private void watch(Instant now) {
    long nanos = time.nanos();
    if (seen != null) {
      Duration off = Duration.between(seen, now).minusNanos(nanos - seenNanos).abs();
      if (off.compareTo(share()) > 0) {
        setAtNanos = nanos;
      }
    }
    seen = now;
    seenNanos = nanos;
  }

  private boolean isSteady() {
    return setAtNanos == null || seenNanos - setAtNanos > share().toNanos();
  }

  /** Goes on with the newest file of an earlier life. */
  private void begin(Instant now) throws IOException {
    if (!Files.isDirectory(folder)) {
      // This one alone: a spool's directory that is away must not be made anew in its place.
      Files.createDirectory(folder);
    }
    long share = Math.max(SMALLEST, mostBytes / FILES);
    long ofDisk = room.total() / PART_OF_DISK;
    // It may be another folder than the one that was written to before.
    begins.clear();
    mostInFile = ofDisk == 0 ? share : Math.max(SMALLEST, Math.min(share, ofDisk));
    SortedMap<Long, Path> known = files.list();
    number = known.isEmpty() ? 1 : known.lastKey();
    if (!known.isEmpty() && !known.get(number).equals(files.text(number))) {
      // The newest is gone; what is packed is not added to.
      number++;
    }
    number = Math.max(number, givenBelow);
    size = 0;
    since = now;
    Path newest = files.text(number);
    if (Files.exists(newest)) {
      // A torn line that is given an end would look like a whole one that says something else.
      size = cutBack(newest);
      if (size > 0) {
        // One that is started every day must not take a file of a month for one of today.
        since = begunAt(newest).filter(begun -> begun.isBefore(now)).orElse(now);
      }
    }
    removeOld(now);
    begun = true;
  }

  /** Cuts off what is behind the last line end of a file, which nobody reads. */
  private static long cutBack(Path file) throws IOException {
    try (FileChannel text =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long end = LogFiles.endOfLines(text);
      text.truncate(end);
      return end;
    }
  }

  /** When the first line of a file was written; empty if it does not say. */
  private static Optional<Instant> begunAt(Path file) {
    try (InputStream bytes = LogFiles.open(file)) {
      String start = new String(bytes.readNBytes(START), StandardCharsets.ISO_8859_1);
      String[] fields = start.split("[\\t\\n]", 3);
      return fields.length < 3 ? Optional.empty() : Optional.of(Instant.parse(fields[1]));
    } catch (IOException | DateTimeParseException e) {
      // It is damaged, or has made room.
      return Optional.empty();
    }
  }

  /** Leaves room for the newest file, and for one that is packed. */
  private void removeOld(Instant now) throws IOException {
    SortedMap<Long, Path> known = files.list();
    long total = 0;
    for (long each : known.keySet()) {
      total += sizeOf(each);
    }
    SortedMap<Long, Instant> said = new TreeMap<>();
    begins.keySet().retainAll(known.keySet());
    for (Map.Entry<Long, Path> file : known.headMap(number).entrySet()) {
      said.put(file.getKey(), begunOrWrittenAt(file.getKey(), file.getValue()));
    }
    said.put(number, since);
    SortedMap<Long, Instant> likely = likely(said);
    Instant witness = isSteady() ? witness(likely, now) : Instant.MIN;
    for (Map.Entry<Long, Path> file : known.headMap(number).entrySet()) {
      long which = file.getKey();
      boolean old = isBefore(lastEntry(which, file.getValue(), likely), witness);
      if (!old && total <= mostBytes - 2 * (mostBytes / FILES)) {
        // What is remembered has no gap in it.
        break;
      }
      total -= sizeOf(which);
      remove(which);
    }
  }

  /** When files were begun, without what a clock said once and neither before nor after. */
  private static SortedMap<Long, Instant> likely(SortedMap<Long, Instant> said) {
    List<Instant> all = List.copyOf(said.values());
    SortedMap<Long, Instant> likely = new TreeMap<>(said);
    int place = 0;
    for (long which : said.keySet()) {
      if (place > 0 && place < all.size() - 1) {
        likely.put(which, middle(all.get(place - 1), all.get(place), all.get(place + 1)));
      }
      place++;
    }
    return likely;
  }

  private static Instant middle(Instant one, Instant two, Instant three) {
    Instant earlier = one.isBefore(two) ? one : two;
    Instant later = one.isBefore(two) ? two : one;
    if (three.isBefore(earlier)) {
      return earlier;
    }
    return three.isBefore(later) ? three : later;
  }

  /** By its first line, which an older file keeps; if that does not say, when it was written. */
  private Instant begunOrWrittenAt(long which, Path file) {
    Instant begin = begins.get(which);
    if (begin == null) {
      Optional<Instant> begun = begunAt(file);
      if (begun.isEmpty()) {
        return writtenAt(file);
      }
      begin = begun.get();
      begins.put(which, begin);
    }
    return begin;
  }

  /** Whether a moment lies more than the greatest age before another. */
  private boolean isBefore(Instant moment, Instant other) {
    return moment.isBefore(other) && Duration.between(moment, other).compareTo(maxAge) > 0;
  }

  /** When the newest file was begun that has been there for a share; what age is measured by. */
  private Instant witness(SortedMap<Long, Instant> begins, Instant now) {
    Instant latest = now.minus(share());
    Instant witness = Instant.MIN;
    for (Instant begin : begins.values()) {
      witness = begin.isAfter(latest) ? witness : begin;
    }
    return witness;
  }

  /**
   * When the last entry of a file was written: when the file says so, but not after the next one
   * was begun. If that lies further before the next one than anything is kept, the clock may have
   * been wrong: then it counts from when the next one was begun.
   */
  private Instant lastEntry(long which, Path file, SortedMap<Long, Instant> begins) {
    Instant next = begins.get(begins.tailMap(which + 1).firstKey());
    Instant written = writtenAt(file);
    return written.isAfter(next) || isBefore(written, next) ? next : written;
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
  private static Instant writtenAt(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) {
      return Instant.MAX;
    }
  }
}
