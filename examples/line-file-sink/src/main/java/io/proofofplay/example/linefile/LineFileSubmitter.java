package io.proofofplay.example.linefile;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Appends each event and a line feed to a file, and forces the file before it answers. The file
 * belongs to this sink alone.
 *
 * <p>What a failed attempt wrote is cut off again, at the latest by the next attempt, and so is the
 * half line that a killed process left. Whole lines that a killed process wrote stay and come once
 * more, as with every sink; the {@code uuid} tells.
 *
 * <p>A file knows no timeout: on a local disk an attempt is over in milliseconds.
 */
public final class LineFileSubmitter implements Submitter {

  /** Puts bytes at the end of an open file. A test puts a disk here that fails half-way. */
  @FunctionalInterface
  interface Disk {
    void append(FileChannel file, ByteBuffer bytes) throws IOException;
  }

  private static final long UNKNOWN = -1;

  private final Path file;
  private final Disk disk;
  private volatile boolean closed;

  /** Where the last line ends that was confirmed; unknown before the first attempt. */
  private long end = UNKNOWN;

  /**
   * A submitter to a file. Opens nothing yet.
   *
   * @param file the file; it need not be there, its directory must
   */
  public LineFileSubmitter(Path file) {
    this(file, LineFileSubmitter::write);
  }

  LineFileSubmitter(Path file, Disk disk) {
    this.file = Objects.requireNonNull(file, "file").toAbsolutePath();
    this.disk = disk;
  }

  @Override
  public SubmitResult submit(Batch batch, Attempt attempt) {
    if (closed) {
      return Later.because(file + ": the sink is closed");
    }
    try (FileChannel channel = open()) {
      append(channel, lines(batch));
      return new Delivered(Reason.of(file + ": " + batch.size() + " lines appended"));
    } catch (IOException e) {
      return Later.because(file + ": cannot be appended to: " + e);
    }
  }

  private FileChannel open() throws IOException {
    if (Files.notExists(file)) {
      Files.createFile(file);
      end = UNKNOWN;
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (end == UNKNOWN) {
        forceDirectory();
        end = endOfLastLine(channel);
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private void append(FileChannel channel, ByteBuffer lines) throws IOException {
    channel.truncate(end);
    channel.position(end);
    try {
      disk.append(channel, lines);
      channel.force(true);
    } catch (IOException e) {
      channel.truncate(end);
      throw e;
    }
    end = channel.position();
  }

  /** The name of a new file is safe only when its directory is forced, too. */
  private void forceDirectory() throws IOException {
    try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static long endOfLastLine(FileChannel channel) throws IOException {
    ByteBuffer last = ByteBuffer.allocate(1);
    long at = channel.size();
    while (at > 0) {
      channel.read(last.clear(), at - 1);
      if (last.get(0) == '\n') {
        return at;
      }
      at--;
    }
    return 0;
  }

  private static ByteBuffer lines(Batch batch) {
    ByteBuffer lines = ByteBuffer.allocate(batch.bytes() + batch.size());
    for (PopEvent event : batch.events()) {
      lines.put(event.array(), event.offset(), event.length());
      lines.put((byte) '\n');
    }
    return lines.flip();
  }

  private static void write(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
