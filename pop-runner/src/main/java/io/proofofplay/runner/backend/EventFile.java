package io.proofofplay.runner.backend;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A file of events, one a line. It may hold some from an earlier life; a last line without its line
 * feed is what a kill has left, was never answered, and is cut off.
 *
 * <p>Not thread-safe, save that the ledger keeps in one thread at a time.
 */
final class EventFile implements Ledger.Output, Closeable {

  private static final int BLOCK = 64 * 1024;

  private final RandomAccessFile file;
  private byte[] buffer = new byte[BLOCK];

  private EventFile(RandomAccessFile file) {
    this.file = file;
  }

  static EventFile open(Path path) throws IOException {
    return new EventFile(new RandomAccessFile(path.toFile(), "rw"));
  }

  /** Tells the ledger what is in the file already, and goes to its end. */
  void readInto(Ledger ledger) throws IOException {
    long whole = 0;
    int held = 0;
    int count = file.read(buffer);
    while (count > 0) {
      held += count;
      int from = 0;
      for (int at = held - count; at < held; at++) {
        if (buffer[at] == '\n') {
          known(ledger, Arrays.copyOfRange(buffer, from, at));
          from = at + 1;
        }
      }
      whole += from;
      held -= from;
      System.arraycopy(buffer, from, buffer, 0, held);
      if (held == buffer.length) {
        buffer = Arrays.copyOf(buffer, 2 * held);
      }
      count = file.read(buffer, held, buffer.length - held);
    }
    file.setLength(whole);
    file.seek(whole);
  }

  private static void known(Ledger ledger, byte[] line) {
    Optional<Refusal> refusal = PopEvent.refusalOf(line, 0, line.length);
    if (refusal.isEmpty()) {
      ledger.known(PopEvent.scanned(line, 0, line.length, null));
    }
  }

  @Override
  public void keep(List<PopEvent> events) throws IOException {
    int length = 0;
    for (PopEvent event : events) {
      length += event.length() + 1;
    }
    if (buffer.length < length) {
      buffer = new byte[length];
    }
    int at = 0;
    for (PopEvent event : events) {
      System.arraycopy(event.array(), event.offset(), buffer, at, event.length());
      at += event.length();
      buffer[at++] = '\n';
    }
    long end = file.getFilePointer();
    try {
      file.write(buffer, 0, length);
    } catch (IOException e) {
      // Half an event would join the next one.
      file.setLength(end);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
