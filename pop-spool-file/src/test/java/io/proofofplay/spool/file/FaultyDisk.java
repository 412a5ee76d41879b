package io.proofofplay.spool.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * A disk in memory that can fail, and whose power can fail.
 *
 * <p>It keeps apart what was written and what was forced, for bytes and for names, those of
 * directories too. A power cut keeps what was forced; of everything else it keeps some, in pieces
 * of 512 bytes and in any choice of the changes to names, as a real one may. A force that fails
 * makes nothing safe, and a later one that succeeds does not either, unless the bytes are written
 * anew.
 *
 * <p>Thread-safe.
 */
final class FaultyDisk implements Disk {

  /** What an operation does when it is to fail. */
  enum Fault {
    NO_SPACE,
    IO_ERROR,
    /** Half of the bytes are written, then there is no room. */
    SHORT_WRITE
  }

  /** The kinds of operations. */
  enum Kind {
    CREATE,
    APPEND,
    READ,
    RENAME,
    DELETE,
    LIST,
    MAKE_DIRECTORY,
    FORCE_DIRECTORY,
    WRITE,
    FORCE,
    TRUNCATE
  }

  private static final int SECTOR = 512;
  private static final Path ROOT = Path.of("/");

  /** A file, whatever its names are. */
  private static final class Inode {
    private byte[] written = new byte[0];
    private byte[] safe = new byte[0];

    /** The sectors that a force has to bring to safety. */
    private final BitSet dirty = new BitSet();

    /** The sectors that a failed force has given up: what of them is on the disk, nobody knows. */
    private final BitSet doubtful = new BitSet();

    private Instant modified = Instant.EPOCH;

    void force() {
      byte[] forced = Arrays.copyOf(safe, written.length);
      for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
        copySector(written, forced, sector);
      }
      dirty.clear();
      safe = forced;
    }

    Inode copy() {
      Inode copy = new Inode();
      copy.written = written.clone();
      copy.safe = safe.clone();
      copy.dirty.or(dirty);
      copy.doubtful.or(doubtful);
      copy.modified = modified;
      return copy;
    }

    void failToForce() {
      doubtful.or(dirty);
      dirty.clear();
    }

    void write(byte[] bytes, int offset, int length) {
      int before = written.length;
      written = Arrays.copyOf(written, before + length);
      System.arraycopy(bytes, offset, written, before, length);
      dirty.set(before / SECTOR, (before + length + SECTOR - 1) / SECTOR);
      doubtful.andNot(dirty);
    }

    void crash(SplittableRandom random) {
      dirty.or(doubtful);
      doubtful.clear();
      if (!Arrays.equals(written, safe)) {
        int least = Math.min(safe.length, written.length);
        int most = Math.max(safe.length, written.length);
        int length = least == most ? least : least + random.nextInt(most - least + 1);
        byte[] left = Arrays.copyOf(safe, length);
        for (int sector = 0; sector * SECTOR < length; sector++) {
          if (dirty.get(sector) && random.nextBoolean()) {
            copySector(written, left, sector);
          } else if (dirty.get(sector) && sector * SECTOR >= safe.length && random.nextBoolean()) {
            // Old bytes of somebody else's file.
            for (int i = sector * SECTOR; i < Math.min(length, (sector + 1) * SECTOR); i++) {
              left[i] = (byte) random.nextInt();
            }
          }
        }
        written = left;
        safe = left.clone();
      }
      dirty.clear();
    }

    private static void copySector(byte[] from, byte[] to, int sector) {
      int start = sector * SECTOR;
      int end = Math.min(Math.min(from.length, to.length), start + SECTOR);
      if (start < end) {
        System.arraycopy(from, start, to, start, end - start);
      }
    }
  }

  /**
   * A change to the names that is not forced: a name given, taken, or exchanged.
   *
   * @param inode what is named; {@code null} for a directory that was made
   */
  private record Change(Path from, Path to, Inode inode) {}

  private final Map<Path, Inode> names = new TreeMap<>();
  private final Map<Path, Inode> safeNames = new HashMap<>();
  private final Map<Path, List<Change>> changes = new HashMap<>();
  private final Set<Path> directories = new HashSet<>();
  private final Set<Path> safeDirectories = new HashSet<>();
  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
  private BiPredicate<Kind, Path> failing = FaultyDisk::never;
  private Fault fault = Fault.IO_ERROR;
  private long operations;
  private long failures;
  private long failFrom = Long.MAX_VALUE;
  private long failTo = Long.MAX_VALUE;
  private long room = Long.MAX_VALUE;
  private boolean off;
  private int life;
  private int open;
  private int mostOpen;

  FaultyDisk() {
    directories.add(ROOT);
    safeDirectories.add(ROOT);
  }

  /** How many operations there were. */
  synchronized long operations() {
    return operations;
  }

  /** How many files were open to be written at a time, at most. */
  synchronized int mostOpen() {
    return mostOpen;
  }

  /** How many operations have failed. */
  synchronized long failures() {
    return failures;
  }

  synchronized int count(Kind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** The operations from one on, counted from now, fail; the first is 1. */
  synchronized void fail(long first, long howMany, Fault how) {
    failFrom = operations + first;
    failTo = howMany == Long.MAX_VALUE ? howMany : failFrom + howMany;
    fault = how;
  }

  /** All operations of some kinds fail. */
  synchronized void failAll(Predicate<Kind> kinds, Fault how) {
    failAll((kind, path) -> kinds.test(kind), how);
  }

  /** All operations of some kinds on some files or directories fail. */
  synchronized void failAll(BiPredicate<Kind, Path> which, Fault how) {
    failing = which;
    fault = how;
  }

  synchronized void repair() {
    failing = FaultyDisk::never;
    failFrom = Long.MAX_VALUE;
    failTo = Long.MAX_VALUE;
    room = Long.MAX_VALUE;
    off = false;
  }

  /** The disk has room for so many more bytes. */
  synchronized void leaveRoom(long bytes) {
    room = used() + bytes;
  }

  /** The power fails now: nothing that was not forced is sure to be there. */
  synchronized void crash(long seed) {
    // Not java.util.Random: with small seeds its first answer is always the same.
    SplittableRandom random = new SplittableRandom(seed);
    Map<Path, Inode> left = new HashMap<>(safeNames);
    Set<Path> leftDirectories = new HashSet<>(safeDirectories);
    for (List<Change> some : changes.values()) {
      for (Change change : some) {
        if (random.nextBoolean()) {
          apply(change, left, leftDirectories);
        }
      }
    }
    directories.clear();
    leftDirectories.stream().filter(path -> isIn(leftDirectories, path)).forEach(directories::add);
    names.clear();
    left.forEach(
        (path, inode) -> {
          if (directories.contains(path.getParent())) {
            names.put(path, inode);
          }
        });
    // Two names of one file lead to the same bytes.
    Set<Inode> crashed = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Inode inode : names.values()) {
      if (crashed.add(inode)) {
        inode.crash(random);
      }
    }
    settle();
  }

  private static boolean isIn(Set<Path> directories, Path directory) {
    for (Path path = directory; path != null; path = path.getParent()) {
      if (!directories.contains(path)) {
        return false;
      }
    }
    return true;
  }

  /** The process dies, the system lives on: what it had opened is dead. */
  synchronized void kill() {
    life++;
    repair();
  }

  private void settle() {
    safeNames.clear();
    safeNames.putAll(names);
    safeDirectories.clear();
    safeDirectories.addAll(directories);
    changes.clear();
    life++;
    repair();
  }

  /** The power goes off: nothing is done any more until {@link #crash}. */
  synchronized void powerOff() {
    off = true;
  }

  synchronized byte[] bytes(Path file) {
    return names.get(file).written.clone();
  }

  /** Puts a file there, safely, as if it had always been there. */
  synchronized void put(Path file, byte[] bytes) {
    Inode inode = new Inode();
    inode.written = bytes.clone();
    inode.safe = bytes.clone();
    names.put(file, inode);
    safeNames.put(file, inode);
  }

  /** Takes a file away, safely. */
  synchronized void take(Path file) {
    names.remove(file);
    safeNames.remove(file);
  }

  synchronized List<Path> files() {
    return List.copyOf(names.keySet());
  }

  /** A disk with the same files, all safe. */
  synchronized FaultyDisk copy() {
    FaultyDisk copy = new FaultyDisk();
    copy.directories.addAll(directories);
    copy.safeDirectories.addAll(directories);
    names.forEach((name, inode) -> copy.put(name, inode.written));
    return copy;
  }

  /** What would be left if the power failed now; this disk goes on. */
  synchronized FaultyDisk afterPowerCut(long seed) {
    FaultyDisk cut = new FaultyDisk();
    IdentityHashMap<Inode, Inode> copies = new IdentityHashMap<>();
    cut.directories.addAll(directories);
    cut.safeDirectories.addAll(safeDirectories);
    names.forEach((name, inode) -> cut.names.put(name, copy(inode, copies)));
    safeNames.forEach((name, inode) -> cut.safeNames.put(name, copy(inode, copies)));
    changes.forEach(
        (directory, some) ->
            cut.changes.put(
                directory,
                new ArrayList<>(
                    some.stream()
                        .map(
                            change ->
                                new Change(change.from, change.to, copy(change.inode, copies)))
                        .toList())));
    cut.crash(seed);
    return cut;
  }

  private static Inode copy(Inode inode, IdentityHashMap<Inode, Inode> copies) {
    return inode == null ? null : copies.computeIfAbsent(inode, Inode::copy);
  }

  private static boolean never(Kind kind, Path path) {
    return false;
  }

  private long used() {
    return names.values().stream().mapToLong(inode -> inode.written.length).sum();
  }

  private static void apply(Change change, Map<Path, Inode> to, Set<Path> directories) {
    if (change.inode == null) {
      directories.add(change.to);
    } else if (change.from != null && change.to != null) {
      Inode moved = to.remove(change.from);
      if (moved != null) {
        to.put(change.to, moved);
      }
    } else if (change.to != null) {
      to.put(change.to, change.inode);
    } else {
      to.remove(change.from);
    }
  }

  private void change(Path directory, Change change) {
    apply(change, names, directories);
    changes.computeIfAbsent(directory, key -> new ArrayList<>()).add(change);
  }

  /** Counts an operation; answers whether it is to fail. */
  private boolean step(Kind kind, Path what) throws IOException {
    operations++;
    counts.merge(kind, 1, Integer::sum);
    boolean fails =
        off || failing.test(kind, what) || (operations >= failFrom && operations < failTo);
    failures += fails ? 1 : 0;
    if (fails && (kind != Kind.WRITE || fault != Fault.SHORT_WRITE || off)) {
      throw new IOException(fault == Fault.IO_ERROR ? "Input/output error" : "No space left");
    }
    return fails;
  }

  private Inode inode(Path file) throws IOException {
    Inode inode = names.get(file);
    if (inode == null) {
      throw new NoSuchFileException(file.toString());
    }
    return inode;
  }

  @Override
  public synchronized OpenFile create(Path file) throws IOException {
    boolean unused = step(Kind.CREATE, file);
    if (!directories.contains(file.getParent())) {
      throw new NoSuchFileException(file.toString());
    }
    if (names.containsKey(file)) {
      Inode inode = names.get(file);
      inode.written = new byte[0];
      inode.dirty.clear();
      inode.doubtful.clear();
      return new Opened(file, inode);
    }
    Inode inode = new Inode();
    change(file.getParent(), new Change(null, file, inode));
    return new Opened(file, inode);
  }

  @Override
  public synchronized OpenFile append(Path file) throws IOException {
    boolean unused = step(Kind.APPEND, file);
    return new Opened(file, inode(file));
  }

  @Override
  public synchronized byte[] read(Path file, long offset, int most) throws IOException {
    boolean unused = step(Kind.READ, file);
    byte[] bytes = inode(file).written;
    int from = (int) Math.min(bytes.length, offset);
    return Arrays.copyOfRange(bytes, from, from + Math.min(most, bytes.length - from));
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    boolean unused = step(Kind.RENAME, from);
    Inode inode = inode(from);
    if (from.getParent().equals(to.getParent())) {
      change(from.getParent(), new Change(from, to, inode));
    } else {
      change(to.getParent(), new Change(null, to, inode));
      change(from.getParent(), new Change(from, null, inode));
    }
  }

  @Override
  public synchronized void delete(Path file) throws IOException {
    boolean unused = step(Kind.DELETE, file);
    if (names.containsKey(file)) {
      change(file.getParent(), new Change(file, null, names.get(file)));
    }
  }

  @Override
  public synchronized List<Entry> list(Path directory) throws IOException {
    boolean unused = step(Kind.LIST, directory);
    if (!directories.contains(directory)) {
      throw names.containsKey(directory)
          ? new NotDirectoryException(directory.toString())
          : new NoSuchFileException(directory.toString());
    }
    List<Entry> entries = new ArrayList<>();
    names.forEach(
        (path, inode) -> {
          if (path.getParent().equals(directory)) {
            entries.add(
                new Entry(
                    path.getFileName().toString(), inode.written.length, inode.modified, false));
          }
        });
    for (Path path : directories) {
      if (directory.equals(path.getParent())) {
        entries.add(new Entry(path.getFileName().toString(), 0, Instant.EPOCH, true));
      }
    }
    // A file system lists in any order.
    Collections.reverse(entries);
    return entries;
  }

  @Override
  public synchronized boolean isDirectory(Path path) {
    return directories.contains(path);
  }

  @Override
  public synchronized void createDirectory(Path directory) throws IOException {
    boolean unused = step(Kind.MAKE_DIRECTORY, directory);
    if (names.containsKey(directory)) {
      throw new FileAlreadyExistsException(directory.toString());
    }
    if (!directories.contains(directory.getParent())) {
      throw new NoSuchFileException(directory.toString());
    }
    if (!directories.contains(directory)) {
      change(directory.getParent(), new Change(null, directory, null));
    }
  }

  @Override
  public synchronized void forceDirectory(Path directory) throws IOException {
    boolean unused = step(Kind.FORCE_DIRECTORY, directory);
    if (!directories.contains(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    for (Change change : changes.getOrDefault(directory, List.of())) {
      apply(change, safeNames, safeDirectories);
    }
    changes.remove(directory);
  }

  private final class Opened implements OpenFile {

    private final Path path;
    private final Inode inode;
    private final int born = life;
    private boolean closed;

    Opened(Path path, Inode inode) {
      this.path = path;
      this.inode = inode;
      mostOpen = Math.max(mostOpen, ++open);
    }

    private void expectAlive() throws IOException {
      if (born != life) {
        throw new IOException("the process that opened this is dead");
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      synchronized (FaultyDisk.this) {
        expectAlive();
        boolean fails = step(Kind.WRITE, path);
        long free = room == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, room - used());
        int fit = (int) Math.min(fails ? length / 2 : length, free);
        inode.write(bytes, offset, fit);
        if (fit < length) {
          failures += fails ? 0 : 1;
          throw new IOException("No space left on device");
        }
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (FaultyDisk.this) {
        expectAlive();
        try {
          boolean unused = step(Kind.FORCE, path);
        } catch (IOException e) {
          // The system forgets that these are not safe.
          inode.failToForce();
          throw e;
        }
        inode.force();
      }
    }

    @Override
    public void truncate(long length) throws IOException {
      synchronized (FaultyDisk.this) {
        expectAlive();
        boolean unused = step(Kind.TRUNCATE, path);
        inode.written = Arrays.copyOf(inode.written, (int) length);
      }
    }

    @Override
    public void close() {
      synchronized (FaultyDisk.this) {
        open -= closed ? 0 : 1;
        closed = true;
      }
    }
  }
}
