package io.proofofplay.spool.file;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.spool.file.Disk.Entry;
import io.proofofplay.spool.file.Disk.OpenFile;
import io.proofofplay.spool.file.SpoolFileScan.Damage;
import io.proofofplay.spool.file.SpoolFileScan.Header;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start of a spool: finds out from the names what waits, and seals what a kill has left open.
 * Only open files are read, so that a start takes no longer with a larger backlog. Damage is no
 * reason not to start.
 *
 * @param segments the sealed batches, oldest first; among them those in open files that cannot be
 *     read yet, without a count
 * @param next a number above all that were found
 * @param damagedLines how many lines in open files could not be read; they were never counted as
 *     waiting
 */
record Recovery(List<Segment> segments, long next, long damagedLines) {

  /** What else belongs into the folder. */
  private static final Set<String> KNOWN =
      Set.of(
          Reserve.NAME,
          SpoolFolder.QUARANTINE,
          FileDeadLetters.FOLDER,
          FileDropLedger.NAME + ".ndjson",
          FileDropLedger.NAME + ".1.ndjson");

  private static final int MOST_TOLD = 5;
  private static final int PIECE = 64 << 10;
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  static Recovery of(SpoolFolder folder) throws IOException {
    List<Found> files = new ArrayList<>();
    List<String> foreign = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long next = 1;
    for (Entry entry : folder.list()) {
      Optional<SpoolFileName> name = SpoolFileName.of(entry.name());
      names.add(entry.name());
      if (name.isPresent() && !entry.directory()) {
        files.add(new Found(name.get(), entry));
        next = Math.max(next, name.get().number() + 1);
      } else if (SpoolFileName.isTemporary(entry.name())) {
        // A file gets its name when all of it is safe. This one was not.
        folder.delete(entry.name());
      } else if (!KNOWN.contains(entry.name())) {
        foreign.add(entry.name());
      }
    }
    if (!foreign.isEmpty()) {
      LOG.warn(
          "{}: {} files that are not the spool's are left alone, such as {}",
          folder.directory(),
          foreign.size(),
          foreign.subList(0, Math.min(MOST_TOLD, foreign.size())));
    }
    files.sort(
        Comparator.comparingLong((Found file) -> file.name.number())
            .thenComparing(file -> file.entry.name()));
    List<Segment> segments = new ArrayList<>();
    long damaged = 0;
    for (Found file : files) {
      if (!file.name.isOpen()) {
        segments.add(
            Segment.found(
                file.name,
                file.entry.name(),
                file.name.count(),
                file.entry.size(),
                file.entry.modified()));
        continue;
      }
      try {
        damaged += settle(folder, file, names, segments);
      } catch (IOException e) {
        LOG.warn(
            "{}: cannot be read now, nobody knows how many events wait in it; it is tried again"
                + " when its turn comes: {}",
            folder.path(file.entry.name()),
            e.toString());
        segments.add(
            Segment.found(
                file.name, file.entry.name(), 0, file.entry.size(), file.entry.modified()));
      }
    }
    folder.forceIfPossible();
    return new Recovery(segments, next, damaged);
  }

  /**
   * Does for one open file, which could not be read at the start, what would have been done then.
   *
   * @throws IOException if it still cannot be read
   */
  static Recovery ofUncounted(SpoolFolder folder, Segment uncounted) throws IOException {
    Set<String> names = new HashSet<>();
    Entry there = null;
    for (Entry entry : folder.list()) {
      names.add(entry.name());
      if (entry.name().equals(uncounted.name())) {
        there = entry;
      }
    }
    if (there == null) {
      throw new NoSuchFileException(folder.path(uncounted.name()).toString());
    }
    List<Segment> segments = new ArrayList<>();
    Found file = new Found(SpoolFileName.open(uncounted.number()), there);
    long damaged = settle(folder, file, names, segments);
    folder.forceIfPossible();
    return new Recovery(segments, 0, damaged);
  }

  /**
   * Seals an open file, if there is an event in it.
   *
   * @param segments gets the sealed batch
   * @return how many lines cannot be read
   * @throws IOException if the whole file cannot be read
   */
  private static long settle(
      SpoolFolder folder, Found file, Set<String> names, List<Segment> segments)
      throws IOException {
    Optional<SpoolFileScan> scan = read(folder, file.entry);
    scan.flatMap(found -> seal(folder, file, found, names)).ifPresent(segments::add);
    // One that is set aside whole was never looked into; it must be seen all the same.
    return scan.map(found -> found.damages().stream().mapToLong(Damage::lines).sum()).orElse(1L);
  }

  private record Found(SpoolFileName name, Entry entry) {}

  /** Empty if it was none of ours, and is set aside. */
  private static Optional<SpoolFileScan> read(SpoolFolder folder, Entry entry) throws IOException {
    if (folder.isForeign(entry.name(), entry.size())) {
      folder.setAside(entry.name(), entry.size() + " bytes, and it does not begin like ours");
      return Optional.empty();
    }
    SpoolFileScan scan = SpoolFileScan.of(folder.read(entry.name(), entry.size()));
    if (isOfAnotherVersion(scan)) {
      folder.setAside(entry.name(), "written by another version of the relay");
      return Optional.empty();
    }
    return Optional.of(scan);
  }

  static boolean isOfAnotherVersion(SpoolFileScan scan) {
    return scan.header().map(Header::version).filter(v -> v != SpoolFileFormat.VERSION).isPresent();
  }

  private static Optional<Segment> seal(
      SpoolFolder folder, Found file, SpoolFileScan scan, Set<String> names) {
    String open = file.entry.name();
    if (scan.count() == 0) {
      if (scan.damages().isEmpty()) {
        folder.delete(open);
      } else {
        folder.setAside(open, "no event in it");
      }
      return Optional.empty();
    }
    boolean kept = folder.quarantine(open, scan, scan.damages());
    SpoolFileName sealed = new SpoolFileName(file.name.number(), scan.count(), 0);
    String name = sealed.toString();
    long length = file.entry.size();
    try {
      if (kept) {
        length = writeAnew(folder, file, scan);
      } else {
        // What is damaged has no other place: it stays between the others.
        force(folder, open);
      }
      if (names.add(name)) {
        folder.rename(open, name);
      } else {
        name = open;
      }
    } catch (IOException e) {
      // It is delivered as it is, and sealed at the next start if it is still there.
      LOG.warn("{}: cannot be sealed now: {}", folder.path(open), e.toString());
      name = open;
      forceIfPossible(folder, open);
    }
    Segment segment = Segment.found(sealed, name, scan.count(), length, file.entry.modified());
    scan.header().ifPresent(header -> segment.createdAt(header.created()));
    return Optional.of(segment);
  }

  private static void forceIfPossible(SpoolFolder folder, String open) {
    try {
      force(folder, open);
    } catch (IOException e) {
      LOG.debug("{}: cannot be forced", folder.path(open), e);
    }
  }

  private static void force(SpoolFolder folder, String open) throws IOException {
    try (OpenFile file = folder.append(open)) {
      file.force();
    }
  }

  /**
   * Replaces an open file by one that holds its intact records alone. It is written anew even if
   * nothing is damaged: if a force has failed in the life before, what can be read of the file is
   * in the system's cache alone, and no later force brings it to the disk.
   */
  private static long writeAnew(SpoolFolder folder, Found file, SpoolFileScan scan)
      throws IOException {
    String temporary = file.name.temporary();
    try (OpenFile copy = folder.create(temporary)) {
      // In pieces: the whole file is in memory once already.
      Bytes piece = new Bytes(2 * PIECE);
      SpoolFileFormat format = new SpoolFileFormat();
      format.putHeader(
          piece,
          scan.header().map(Header::id).orElseGet(scan::idFromContent),
          scan.header().map(Header::number).orElse(file.name.number()),
          scan.header().map(Header::created).orElse(file.entry.modified()));
      String sender = null;
      long length = 0;
      for (PopEvent event : scan.events(0)) {
        String from = event.sender().orElse(null);
        if (!Objects.equals(from, sender)) {
          format.putSender(piece, from);
          sender = from;
        }
        format.putRecord(piece, event);
        if (piece.length() >= PIECE) {
          length += write(piece, copy);
        }
      }
      length += write(piece, copy);
      copy.force();
      folder.rename(temporary, file.entry.name());
      folder.force();
      return length;
    } catch (IOException e) {
      folder.delete(temporary);
      throw e;
    }
  }

  private static int write(Bytes piece, OpenFile copy) throws IOException {
    int length = piece.length();
    if (length > 0) {
      copy.write(piece.array(), 0, length);
    }
    piece.cutTo(0);
    return length;
  }
}
