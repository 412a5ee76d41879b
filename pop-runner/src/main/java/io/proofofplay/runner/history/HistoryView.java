package io.proofofplay.runner.history;

import io.proofofplay.runner.history.ConnectionChange.What;
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
import java.time.Duration;
import java.time.Instant;
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
 * damaged are passed over. Torn ones are what a power cut leaves, of which nothing more is known;
 * the files with any other damage are told of.
 *
 * <p>Not thread-safe.
 */
public final class HistoryView {

  private final Path folder;
  private final Set<String> damaged = new TreeSet<>();

  /**
   * A view of the history in a spool's directory, which need not have one.
   *
   * @param directory the spool's directory
   */
  public HistoryView(Path directory) {
    this.folder = directory.resolve(History.FOLDER);
  }

  /**
   * In which files something was found to be damaged, by all that was read so far.
   *
   * @return their names, from the spool's directory on, sorted
   */
  public Set<String> damaged() {
    return Set.copyOf(damaged);
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
    String start = "E\t" + HistoryLine.asWritten(uuid) + "\t";
    deliveries(line -> line.startsWith(start), reader);
  }

  /**
   * All deliveries that are remembered, oldest first.
   *
   * @param reader gets each delivery
   * @throws IOException if a file is there and cannot be read
   */
  public void deliveries(Consumer<DeliveredEvent> reader) throws IOException {
    deliveries(line -> line.startsWith("E\t"), reader);
  }

  private void deliveries(Predicate<String> wanted, Consumer<DeliveredEvent> reader)
      throws IOException {
    for (Path file : new LogFiles(folder, History.DELIVERED).list().values()) {
      String[] batch = {""};
      lines(
          file,
          line -> {
            if (line.startsWith("B\t")) {
              batch[0] = line;
            } else if (wanted.test(line)) {
              if (!tell(HistoryLine.fields(batch[0]), HistoryLine.fields(line), reader)) {
                isDamaged(file);
              }
            } else if (!line.startsWith("E\t") && !isTorn(line, "B", "E")) {
              isDamaged(file);
            }
          });
    }
  }

  /** Whether the beginning of a line may have been all that was written of it. */
  private static boolean isTorn(String line, String... kinds) {
    return line.isEmpty() || List.of(kinds).contains(line);
  }

  /** Whether nothing is wrong but that it may be torn. */
  private static boolean tell(
      List<String> batch, List<String> event, Consumer<DeliveredEvent> reader) {
    if (event.size() < 6) {
      return true;
    }
    if (batch.size() != 7 || event.size() > 6) {
      return false;
    }
    DeliveredEvent read;
    try {
      read =
          new DeliveredEvent(
              Instant.parse(batch.get(1)),
              batch.get(2),
              batch.get(3),
              Integer.parseInt(batch.get(4)),
              Duration.ofMillis(Long.parseLong(batch.get(5))),
              event.get(1),
              event.get(2),
              event.get(3),
              event.get(4),
              event.get(5));
    } catch (DateTimeException | NumberFormatException e) {
      return false;
    }
    reader.accept(read);
    return true;
  }

  /**
   * When the first delivery was that is still remembered.
   *
   * @return the moment; empty if none is
   * @throws IOException if a file is there and cannot be read
   */
  public Optional<Instant> since() throws IOException {
    for (Path file : new LogFiles(folder, History.DELIVERED).list().values()) {
      AtomicReference<Instant> first = new AtomicReference<>();
      String[] batch = {""};
      linesWhile(
          file,
          line -> {
            if (line.startsWith("B\t")) {
              batch[0] = line;
            } else if (line.startsWith("E\t")) {
              boolean sound =
                  tell(
                      HistoryLine.fields(batch[0]),
                      HistoryLine.fields(line),
                      event -> first.set(event.time()));
              if (!sound) {
                isDamaged(file);
              }
            }
            return first.get() == null;
          });
      if (first.get() != null) {
        return Optional.of(first.get());
      }
    }
    return Optional.empty();
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
    for (Path file : new LogFiles(folder, History.CONNECTIONS).list().values()) {
      lines(
          file,
          line -> {
            boolean torn =
                isTorn(line, "S", "C", "D")
                    || (line.matches("[CD]\t.*") && HistoryLine.fields(line).size() < 4);
            if (!torn && !tell(HistoryLine.fields(line), reader)) {
              isDamaged(file);
            }
          });
    }
  }

  private static boolean tell(List<String> fields, Consumer<ConnectionChange> reader) {
    ConnectionChange change;
    try {
      if (fields.size() == 2 && fields.get(0).equals("S")) {
        change = new ConnectionChange(Instant.parse(fields.get(1)), What.STARTED, "", "");
      } else if (fields.size() == 4 && fields.get(0).matches("[CD]")) {
        change =
            new ConnectionChange(
                Instant.parse(fields.get(1)),
                fields.get(0).equals("C") ? What.CONNECTED : What.DISCONNECTED,
                fields.get(2),
                fields.get(3));
      } else {
        return false;
      }
    } catch (DateTimeException e) {
      return false;
    }
    reader.accept(change);
    return true;
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
        boolean torn = next == null && bytes.endWithinALine();
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

    /** Whether damage has cut a line, as far as it was read. */
    boolean endWithinALine() {
      return damaged && last != '\n';
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
