package io.proofofplay.spool.file;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.spool.file.Disk.Entry;
import io.proofofplay.spool.file.Disk.Reading;
import io.proofofplay.spool.file.SpoolFileScan.Header;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Looks into a spool's directory, whether or not a relay runs on it. It takes no lock and writes
 * nothing; a file that is delivered, renamed or written to in the meantime is no failure.
 *
 * <p>Thread-safe: it has no state.
 */
public final class SpoolView {

  /** How often a file is followed to another name: it changes with each part that is delivered. */
  private static final int MOST_NAMES = 20;

  private static final int CHUNK = 64 << 10;

  private final Disk disk;
  private final Path directory;

  SpoolView(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /**
   * A view of a directory, which need not be there.
   *
   * @param directory the spool's directory, with one folder for each sink
   * @return the view; nothing is read yet
   */
  public static SpoolView of(Path directory) {
    return new SpoolView(new RealDisk(), directory.toAbsolutePath().normalize());
  }

  /**
   * The sinks that have a folder.
   *
   * @return their names, sorted; none if the directory is not there
   * @throws IOException if the directory cannot be read
   */
  public Set<String> sinks() throws IOException {
    Set<String> sinks = new TreeSet<>();
    for (Entry entry : list(directory)) {
      if (entry.directory() && FileStorage.isSink(entry.name())) {
        sinks.add(entry.name());
      }
    }
    return sinks;
  }

  /**
   * Whether the process that wrote the lock is alive. One that was killed may have had a number
   * that another process has today; that is told apart where the system says when a process began.
   *
   * @return whether a relay seems to run on the directory; not if it cannot be seen from here, such
   *     as one in another container
   * @throws IOException if the lock is there and cannot be read
   */
  public boolean isOwned() throws IOException {
    return DirectoryLock.isRunning(owner());
  }

  /** What the lock says; empty if there is none. */
  private String owner() throws IOException {
    try {
      byte[] owner = disk.read(directory.resolve(DirectoryLock.NAME), 0, 64);
      return new String(owner, StandardCharsets.ISO_8859_1).strip();
    } catch (NoSuchFileException | FileNotFoundException e) {
      return "";
    }
  }

  /**
   * Lists the files of a sink's spool. Of sealed ones only the first line is read, of open ones all
   * to count the events.
   *
   * @param sink the sink's name
   * @return the files in the order in which they are delivered; none if there is no folder
   * @throws IOException if the folder cannot be read
   * @throws IllegalArgumentException if no sink can have such a name
   */
  public List<SpoolFile> files(String sink) throws IOException {
    Path folder = folder(sink);
    List<SpoolFile> files = new ArrayList<>();
    for (Entry entry : list(folder)) {
      Optional<SpoolFileName> name = SpoolFileName.of(entry.name());
      if (name.isPresent() && !entry.directory()) {
        look(folder, entry, name.get()).ifPresent(files::add);
      }
    }
    files.sort(Comparator.comparingLong(SpoolFile::number).thenComparing(SpoolFile::name));
    return files;
  }

  private Optional<SpoolFile> look(Path folder, Entry entry, SpoolFileName name)
      throws IOException {
    Path file = folder.resolve(entry.name());
    try {
      if (name.isOpen() && entry.size() <= SpoolFolder.MOST_READ) {
        SpoolFileScan scan = SpoolFileScan.of(disk.read(file, 0, SpoolFolder.MOST_READ));
        return Optional.of(described(entry, name, scan.count(), scan.header()));
      }
      byte[] start = disk.read(file, 0, FirstLine.LONGEST);
      return Optional.of(described(entry, name, name.count(), FirstLine.of(start, start.length)));
    } catch (NoSuchFileException e) {
      Optional<Entry> other = renamed(folder, name);
      return other.isEmpty() || other.get().name().equals(entry.name())
          ? Optional.empty()
          : look(folder, other.get(), SpoolFileName.of(other.get().name()).orElseThrow());
    } catch (IOException e) {
      return Optional.of(described(entry, name, name.count(), Optional.empty()));
    }
  }

  private static SpoolFile described(
      Entry entry, SpoolFileName name, int counted, Optional<Header> header) {
    int events = name.isOpen() ? counted : name.count();
    return new SpoolFile(
        entry.name(),
        name.number(),
        name.isOpen(),
        events,
        name.skip(),
        entry.size(),
        header.map(Header::created).orElse(entry.modified()),
        entry.modified(),
        header.map(first -> batch(first, name, events)).orElse(""));
  }

  private static String batch(Header header, SpoolFileName name, int events) {
    BatchId whole = BatchId.of(header.id(), header.number());
    return (name.skip() > 0 ? whole.part(name.skip(), events) : whole).toString();
  }

  /** The file of this number under the name that it has now. */
  private Optional<Entry> renamed(Path folder, SpoolFileName name) throws IOException {
    return list(folder).stream()
        .filter(
            entry ->
                SpoolFileName.of(entry.name())
                    .filter(other -> other.number() == name.number())
                    .isPresent())
        .findFirst();
  }

  /**
   * Reads a file and checks all of it.
   *
   * @param sink the sink's name
   * @param file a file that {@link #files} has told of
   * @return what is in it, under the name that it has by now; empty if it is delivered and gone
   * @throws IOException if it is there and cannot be read; the message names it
   * @throws IllegalArgumentException if no sink can have such a name
   */
  public Optional<SpoolFileContent> read(String sink, SpoolFile file) throws IOException {
    Path folder = folder(sink);
    SpoolFileName name = SpoolFileName.of(file.name()).orElseThrow(IllegalArgumentException::new);
    String current = file.name();
    for (int i = 0; i < MOST_NAMES; i++) {
      try {
        int most = SpoolFolder.MOST_READ;
        byte[] bytes = disk.read(folder.resolve(current), 0, most + 1);
        if (bytes.length > most) {
          throw new IOException(
              current + ": is of more than " + most + " bytes, which do not fit into memory");
        }
        SpoolFileName called = SpoolFileName.of(current).orElseThrow();
        return Optional.of(content(current, called, bytes, file));
      } catch (NoSuchFileException e) {
        Optional<Entry> other = renamed(folder, name);
        if (other.isEmpty()) {
          return Optional.empty();
        }
        current = other.get().name();
      }
    }
    return Optional.empty();
  }

  private SpoolFileContent content(
      String current, SpoolFileName name, byte[] bytes, SpoolFile listed) throws IOException {
    SpoolFileScan scan = SpoolFileScan.of(bytes);
    if (Recovery.isOfAnotherVersion(scan)) {
      throw new IOException(
          current + ": is of version " + scan.header().orElseThrow().version() + " of the format");
    }
    SpoolFileName sealed = name.isOpen() ? new SpoolFileName(name.number(), scan.count(), 0) : name;
    List<PopEvent> events = scan.events(0);
    List<PopEvent> waiting = List.of();
    String batch = "";
    if (scan.count() > 0) {
      Remains remains = new Remains(scan, sealed);
      if (remains.waiting() > 0) {
        Batch left = remains.batch();
        waiting = left.events();
        batch = left.id().toString();
      }
    }
    SpoolFile file =
        new SpoolFile(
            current,
            name.number(),
            name.isOpen(),
            sealed.count(),
            sealed.skip(),
            bytes.length,
            scan.header().map(Header::created).orElse(listed.created()),
            listed.written(),
            listed.batch());
    return new SpoolFileContent(
        file,
        batch,
        events.subList(0, events.size() - waiting.size()),
        waiting,
        // A relay that cannot be seen from here may be writing it: the number is enough.
        new Verification(current, bytes, scan, name.isOpen() && DirectoryLock.isAlive(owner()))
            .damages(sealed.count()));
  }

  /**
   * Reads the dead letters of a sink, or those that an operator has discarded.
   *
   * @param sink the sink's name
   * @param discarded whether those that were discarded are wanted
   * @param reader gets each letter, oldest first
   * @return how many lines could not be read as a letter
   * @throws IOException if a file is there and cannot be read
   * @throws IllegalArgumentException if no sink can have such a name
   */
  public long letters(String sink, boolean discarded, Consumer<DeadLetter> reader)
      throws IOException {
    long[] unreadable = new long[1];
    lines(
        folder(sink).resolve(FileDeadLetters.FOLDER),
        discarded ? FileDeadLetters.DISCARDED : FileDeadLetters.NAME,
        line -> {
          Optional<DeadLetter> letter = DeadLetterLine.read(line);
          letter.ifPresent(reader);
          unreadable[0] += letter.isPresent() || line.length == 0 ? 0 : 1;
        });
    return unreadable[0];
  }

  /**
   * Reads the drop ledger of a sink.
   *
   * @param sink the sink's name
   * @param reader gets the members of each line, oldest first, as {@code docs/spool-format.md}
   *     names them; lines that are no JSON are left out
   * @return how many lines were left out
   * @throws IOException if a file is there and cannot be read
   * @throws IllegalArgumentException if no sink can have such a name
   */
  public long drops(String sink, Consumer<Map<String, Object>> reader) throws IOException {
    return members(folder(sink), FileDropLedger.NAME, reader);
  }

  /**
   * Reads the refused lines of all sources.
   *
   * @param reader gets the members of each line, oldest first, as {@code docs/spool-format.md}
   *     names them; lines that are no JSON are left out
   * @return how many lines were left out
   * @throws IOException if a file is there and cannot be read
   */
  public long refused(Consumer<Map<String, Object>> reader) throws IOException {
    return members(directory, FileRefusedLines.NAME, reader);
  }

  private long members(Path folder, String name, Consumer<Map<String, Object>> reader)
      throws IOException {
    long[] unreadable = new long[1];
    lines(
        folder,
        name,
        line -> {
          Optional<Map<String, Object>> members = DeadLetterLine.members(line);
          members.ifPresent(reader);
          unreadable[0] += members.isPresent() || line.length == 0 ? 0 : 1;
        });
    return unreadable[0];
  }

  /**
   * Reads a side file, the older part first. Both parts are opened before anything is read, at a
   * moment at which neither takes the other's place; from then on that does not matter.
   */
  private void lines(Path folder, String name, Consumer<byte[]> reader) throws IOException {
    Path old = folder.resolve(name + ".1.ndjson");
    Path young = folder.resolve(name + ".ndjson");
    for (int i = 1; ; i++) {
      Optional<Entry> before = entry(old);
      try (Reading first = open(old);
          Reading second = open(young)) {
        if (i < MOST_NAMES && !before.equals(entry(old))) {
          continue;
        }
        tell(first, reader);
        tell(second, reader);
        return;
      }
    }
  }

  private Optional<Entry> entry(Path file) throws IOException {
    return list(file.getParent()).stream().filter(entry -> file.endsWith(entry.name())).findFirst();
  }

  /** A file that is not there has no bytes. */
  private Reading open(Path file) throws IOException {
    if (disk.isDirectory(file.getParent())) {
      try {
        return disk.open(file);
      } catch (NoSuchFileException e) {
        // Nothing was ever written to it.
      }
    }
    return new Reading() {
      @Override
      public byte[] read(long offset, int most) {
        return new byte[0];
      }

      @Override
      public void close() {}
    };
  }

  private static void tell(Reading file, Consumer<byte[]> reader) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long at = 0;
    byte[] chunk = file.read(at, CHUNK);
    while (chunk.length > 0) {
      for (byte b : chunk) {
        if (b == '\n') {
          reader.accept(line.toByteArray());
          line.reset();
        } else {
          line.write(b);
        }
      }
      at += chunk.length;
      chunk = file.read(at, CHUNK);
    }
    // What has no end is being written.
  }

  private Path folder(String sink) {
    if (!FileStorage.isSink(sink)) {
      throw new IllegalArgumentException("\"" + sink + "\" is not the name of a sink");
    }
    return directory.resolve(sink);
  }

  /** What is in a folder; nothing if it is not there. One that may not be seen is another thing. */
  private List<Entry> list(Path folder) throws IOException {
    try {
      return disk.list(folder);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
