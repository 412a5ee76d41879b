package io.proofofplay.runner.history;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.ZipException;

/**
 * Reads what a {@link History} has written, also while it is written. Lines that are torn or
 * damaged are passed over. Torn ones are what a kill or a power cut leaves, of which nothing more
 * is known; the files with any other damage are told of, the zeros that a power cut may leave among
 * it.
 *
 * <p>Not thread-safe.
 */
public final class HistoryView {

  /** Is told how far a reading of the deliveries is. */
  @FunctionalInterface
  public interface Watcher {

    /**
     * So many files were read.
     *
     * @param read how many, from 0 to all
     * @param all how many there are
     */
    void at(int read, int all);
  }

  private final Path folder;
  private final Watcher watcher;
  private final Set<String> damaged = new TreeSet<>();
  private final Set<Hole> deliveryHoles = new LinkedHashSet<>();
  private final Set<Hole> connectionHoles = new LinkedHashSet<>();
  private final Set<String> olderSources = new TreeSet<>();

  /**
   * A view of the history in a spool's directory, which need not have one.
   *
   * @param directory the spool's directory
   */
  public HistoryView(Path directory) {
    this(directory, (read, all) -> {});
  }

  /**
   * One that somebody watches.
   *
   * @param directory the spool's directory
   * @param watcher is told how far each reading of the deliveries is
   */
  public HistoryView(Path directory, Watcher watcher) {
    this.folder = directory.resolve(History.FOLDER);
    this.watcher = watcher;
  }

  /**
   * In which files something was found to be damaged, by all that was read so far.
   *
   * @return their names, from the spool's directory on, sorted
   */
  public Set<String> damaged() {
    return Set.copyOf(damaged);
  }

  /**
   * When deliveries could not be written down, by all that was read so far.
   *
   * @return the times, in the order in which they were read
   */
  public Set<Hole> deliveryHoles() {
    return Collections.unmodifiableSet(new LinkedHashSet<>(deliveryHoles));
  }

  /**
   * When comings and goings of sources could not be written down, by all that was read so far.
   *
   * @return the times, in the order in which they were read
   */
  public Set<Hole> connectionHoles() {
    return Collections.unmodifiableSet(new LinkedHashSet<>(connectionHoles));
  }

  /**
   * The sources that were there before the first of their changes that is remembered, by all that
   * was read so far. Before their first change another was not heard of; of these it is not known.
   *
   * @return their names, sorted
   */
  public Set<String> olderSources() {
    return Collections.unmodifiableSet(new TreeSet<>(olderSources));
  }

  private void isDamaged(Path file) {
    damaged.add(History.FOLDER + "/" + file.getFileName());
  }

  /**
   * The deliveries of one event, oldest first: one for each sink, and more where it was sent again.
   *
   * @param uuid the event's id
   * @param reader gets each delivery
   * @throws IOException if a file is there and cannot be read
   */
  public void deliveriesOf(String uuid, Consumer<DeliveredEvent> reader) throws IOException {
    String id = "\t" + HistoryLine.asWritten(uuid) + "\t";
    // Behind the letter that says how much the line tells.
    deliveries(line -> line.startsWith(id, 1), reader, hole -> {});
  }

  /**
   * All deliveries that are remembered, oldest first.
   *
   * @param reader gets each delivery
   * @throws IOException if a file is there and cannot be read
   */
  public void deliveries(Consumer<DeliveredEvent> reader) throws IOException {
    deliveries(reader, hole -> {});
  }

  /**
   * All deliveries that are remembered, oldest first, and where some could not be written down.
   *
   * @param reader gets each delivery
   * @param holes gets each hole, behind what was delivered before it
   * @throws IOException if a file is there and cannot be read
   */
  public void deliveries(Consumer<DeliveredEvent> reader, Consumer<Hole> holes) throws IOException {
    deliveries(line -> true, reader, holes);
  }

  private void deliveries(
      Predicate<String> wanted, Consumer<DeliveredEvent> reader, Consumer<Hole> holes)
      throws IOException {
    Consumer<Hole> each = holes.andThen(deliveryHoles::add);
    Collection<Path> files = new LogFiles(folder, History.DELIVERED).list().values();
    int read = 0;
    for (Path file : files) {
      watcher.at(read++, files.size());
      DeliveryLines deliveries = new DeliveryLines(wanted, reader);
      lines(
          file,
          line -> {
            if (!isSound(line, deliveries, each)) {
              isDamaged(file);
            }
          });
    }
    watcher.at(read, files.size());
  }

  /** Takes in a line of the deliveries; says whether nothing is wrong but that it may be torn. */
  private static boolean isSound(String line, DeliveryLines deliveries, Consumer<Hole> holes) {
    if (isHole(line, holes) || line.equals("H")) {
      deliveries.readHole();
      return true;
    }
    return deliveries.read(line);
  }

  /** Whether a line tells of a hole, which is taken in; one that is torn tells of none. */
  private static boolean isHole(String line, Consumer<Hole> holes) {
    if (!line.startsWith("H\t") || line.indexOf(HistoryLine.NOWHERE) >= 0) {
      return false;
    }
    List<String> fields = HistoryLine.fields(line);
    try {
      if (fields.size() == 4) {
        holes.accept(
            new Hole(
                Instant.parse(fields.get(1)),
                Instant.parse(fields.get(2)),
                Long.parseLong(fields.get(3))));
      }
      return fields.size() <= 4;
    } catch (DateTimeException | NumberFormatException e) {
      return false;
    }
  }

  /**
   * When the first delivery was that is still remembered.
   *
   * @return the moment; empty if none is
   * @throws IOException if a file is there and cannot be read
   */
  public Optional<Instant> since() throws IOException {
    List<Instant> firsts = new ArrayList<>();
    for (Path file : new LogFiles(folder, History.DELIVERED).list().values()) {
      firstOf(file).ifPresent(firsts::add);
      if (firsts.size() == 2 && !firsts.get(0).isAfter(firsts.get(1))) {
        break;
      }
      if (firsts.size() == 3) {
        // The clock was wrong when one of them was begun: neither the first nor the last by time.
        return firsts.stream().sorted().skip(1).findFirst();
      }
    }
    // One of two that was begun by a clock that was ahead lies behind the other.
    return firsts.stream().min(Comparator.naturalOrder());
  }

  private Optional<Instant> firstOf(Path file) throws IOException {
    AtomicReference<Instant> first = new AtomicReference<>();
    DeliveryLines deliveries = new DeliveryLines(line -> true, event -> first.set(event.time()));
    linesWhile(
        file,
        line -> {
          if (!isSound(line, deliveries, hole -> {})) {
            isDamaged(file);
          }
          return first.get() == null;
        });
    return Optional.ofNullable(first.get());
  }

  /**
   * Before when deliveries may have been that are not remembered any more.
   *
   * @return when the first delivery was that is; empty if none was ever given up
   * @throws IOException if a file is there and cannot be read
   */
  public Optional<Instant> forgottenBefore() throws IOException {
    SortedMap<Long, Path> files = new LogFiles(folder, History.DELIVERED).list();
    // The first one that is written has the number 1.
    return files.isEmpty() || files.firstKey() <= 1 ? Optional.empty() : since();
  }

  /**
   * When sources came and went, oldest first.
   *
   * @param reader gets each change
   * @throws IOException if a file is there and cannot be read
   */
  public void connections(Consumer<ConnectionChange> reader) throws IOException {
    connections(new LogFiles(folder, History.CONNECTIONS).list().values(), reader);
  }

  /**
   * Those changes from which it follows how the sources were last, oldest first.
   *
   * @param reader gets each change
   * @throws IOException if a file is there and cannot be read
   */
  void lastConnections(Consumer<ConnectionChange> reader) throws IOException {
    SortedMap<Long, Path> files = new LogFiles(folder, History.CONNECTIONS).list();
    List<Path> needed = new ArrayList<>();
    for (Path file : files.values()) {
      if (beginsWhole(file)) {
        needed.clear();
      }
      needed.add(file);
    }
    connections(needed, reader);
  }

  /** Whether a file says at its beginning how all sources were. */
  private boolean beginsWhole(Path file) throws IOException {
    boolean[] whole = {false};
    boolean[] first = {true};
    linesWhile(
        file,
        line -> {
          boolean goesOn = first[0] ? ConnectionLines.isSummary(line) : !line.isEmpty();
          whole[0] = !first[0] && line.isEmpty();
          first[0] = false;
          return goesOn;
        });
    return whole[0];
  }

  private void connections(Collection<Path> files, Consumer<ConnectionChange> reader)
      throws IOException {
    ConnectionLines changes = new ConnectionLines(reader);
    Consumer<Hole> hole =
        each -> {
          connectionHoles.add(each);
          changes.hole();
        };
    for (Path file : files) {
      lines(
          file,
          line -> {
            if (!isHole(line, hole) && !line.equals("H") && !changes.read(line)) {
              isDamaged(file);
            }
          });
      changes.endOfFile();
    }
    olderSources.addAll(changes.older());
  }

  private void lines(Path file, Consumer<String> reader) throws IOException {
    linesWhile(
        file,
        line -> {
          reader.accept(line);
          return true;
        });
  }

  /** Reads for as long as the reader wants more. */
  private void linesWhile(Path file, Predicate<String> reader) throws IOException {
    // Not Files.newBufferedReader: bytes that are no UTF-8 must not end the reading.
    try (ReadableBytes bytes = new ReadableBytes(LogFiles.open(file));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8), 1 << 16)) {
      String line = lines.readLine();
      while (line != null) {
        String next = lines.readLine();
        boolean torn = next == null && bytes.endsWithinALine();
        line = !torn && reader.test(line) ? next : null;
      }
      if (bytes.isDamaged()) {
        isDamaged(file);
      }
    } catch (NoSuchFileException e) {
      // Made room for newer ones since it was listed.
    } catch (EOFException | ZipException e) {
      // At the very beginning of what was packed.
      isDamaged(file);
    }
  }

  /** What can be read of a file: it ends where what was packed is damaged. */
  private static final class ReadableBytes extends FilterInputStream {
    private boolean damaged;
    private byte last = '\n';

    ReadableBytes(InputStream bytes) {
      super(bytes);
    }

    /** Whether damage was come upon so far. */
    boolean isDamaged() {
      return damaged;
    }

    /** Whether the last line has no end, as far as it was read: nobody knows what it was. */
    boolean endsWithinALine() {
      return last != '\n';
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (damaged) {
        return -1;
      }
      try {
        int count = super.read(into, offset, length);
        last = count > 0 ? into[offset + count - 1] : last;
        return count;
      } catch (EOFException | ZipException e) {
        damaged = true;
        return -1;
      }
    }

    @Override
    public int available() throws IOException {
      return damaged ? 0 : super.available();
    }
  }
}
