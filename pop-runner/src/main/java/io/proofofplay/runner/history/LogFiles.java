package io.proofofplay.runner.history;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The files of one log by their numbers: the newest is text, and an older one is text until it is
 * packed. While it is packed there are both, which say the same.
 *
 * <p>Immutable.
 */
final class LogFiles {

  /** With fewer digits a number has zeros before it. */
  private static final int DIGITS = 8;

  private static final String PACKED = ".gz";
  private static final String PART = ".gz.part";

  /** Torn lines are short, so that mostly one reading finds the end of the one before. */
  private static final int CHUNK = 1 << 12;

  private final Path folder;
  private final String name;
  private final Pattern form;

  LogFiles(Path folder, String name) {
    this.folder = folder;
    this.name = name;
    this.form = Pattern.compile(Pattern.quote(name) + "-(\\d{8,15})\\.log(?:\\.gz)?");
  }

  /** Where one is as text. */
  Path text(long number) {
    // Without a formatter: it is asked for with each batch.
    String digits = Long.toString(number);
    String zeros = "0".repeat(Math.max(0, DIGITS - digits.length()));
    return folder.resolve(name + "-" + zeros + digits + ".log");
  }

  /** Where one is when it is packed. */
  Path packed(long number) {
    return folder.resolve(text(number).getFileName() + PACKED);
  }

  /** Where one is while it is packed: nobody reads it. */
  Path part(long number) {
    return folder.resolve(text(number).getFileName() + PART);
  }

  /**
   * All that one may consist of, in the order in which they have to go: while it is packed, the
   * text becomes the part and the part what is packed, so that none comes behind who removes them.
   */
  List<Path> all(long number) {
    return List.of(text(number), part(number), packed(number));
  }

  /**
   * Those that are there, each as text if it is there as text.
   *
   * @throws IOException if the folder is there and cannot be read
   */
  SortedMap<Long, Path> list() throws IOException {
    SortedMap<Long, Path> files = new TreeMap<>();
    try {
      // Twice: a listing may have passed the one's place before it came, and the other's as it
      // went.
      listInto(files);
      listInto(files);
    } catch (NoSuchFileException e) {
      // Nothing was remembered so far. A folder that may not be read is another thing.
    }
    return files;
  }

  private void listInto(SortedMap<Long, Path> files) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path file : all) {
        Matcher match = form.matcher(file.getFileName().toString());
        if (match.matches()) {
          long number = Long.parseLong(match.group(1));
          if (!file.toString().endsWith(PACKED)) {
            files.put(number, file);
          } else {
            files.putIfAbsent(number, file);
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * What is being packed, by whoever packs.
   *
   * @throws IOException if the folder cannot be read
   */
  List<Path> parts() throws IOException {
    List<Path> parts = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, name + "-*.log" + PART)) {
      all.forEach(parts::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return parts;
  }

  /**
   * Opens one to be read as text. What is behind its last line end just now is not read: it is
   * torn, or not written yet, and may be cut off and have another in its place while it is read.
   *
   * @param file one of the list; if it has been packed since, that is opened
   * @throws NoSuchFileException if it made room for newer ones since it was listed
   */
  static InputStream open(Path file) throws IOException {
    if (!file.toString().endsWith(PACKED)) {
      try {
        return wholeLines(file);
      } catch (NoSuchFileException e) {
        return unpacked(file.resolveSibling(file.getFileName() + PACKED));
      }
    }
    return unpacked(file);
  }

  private static InputStream wholeLines(Path file) throws IOException {
    FileChannel text = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new FirstBytes(Channels.newInputStream(text), endOfLines(text));
    } catch (IOException e) {
      text.close();
      throw e;
    }
  }

  /**
   * Where the last line of a text ends that has an end; what is before it never changes.
   *
   * @return how many bytes its whole lines have
   */
  static long endOfLines(FileChannel text) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(CHUNK);
    for (long end = text.size(); end > 0; end -= CHUNK) {
      long begin = Math.max(0, end - CHUNK);
      part.clear().limit((int) (end - begin));
      int read = 0;
      while (read >= 0 && part.hasRemaining()) {
        read = text.read(part, begin + part.position());
      }
      for (int at = part.position() - 1; at >= 0; at--) {
        if (part.get(at) == '\n') {
          return begin + at + 1;
        }
      }
    }
    return 0;
  }

  /** So many bytes of a file, whatever is written behind them. */
  private static final class FirstBytes extends FilterInputStream {
    private long left;

    FirstBytes(InputStream bytes, long count) {
      super(bytes);
      left = count;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = left == 0 ? -1 : super.read(into, offset, (int) Math.min(left, length));
      left -= Math.max(0, count);
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      long skipped = super.skip(Math.min(left, count));
      left -= skipped;
      return skipped;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(left, super.available());
    }
  }

  private static InputStream unpacked(Path packed) throws IOException {
    InputStream bytes = Files.newInputStream(packed);
    try {
      return new GZIPInputStream(bytes, 1 << 13);
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }
}
