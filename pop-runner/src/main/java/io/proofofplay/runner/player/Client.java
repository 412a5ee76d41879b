package io.proofofplay.runner.player;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One connection to the simulated player: what it has asked for, and how far it has read.
 *
 * <p>Not thread-safe: belongs to the player's thread.
 */
final class Client {

  /** A write of more than this would make the JDK keep a native buffer of the same size. */
  private static final int LARGEST_WRITE = 128 * 1024;

  private static final int LONGEST_PATH = 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SelectionKey key;
  private final String address;
  private final int largestWrite;

  private final byte[] line = new byte[LONGEST_PATH];
  private int lineLength;

  private final Deque<ByteBuffer> answers = new ArrayDeque<>();
  private Chunk place;
  private ByteBuffer current = NOTHING;
  private long written;
  private boolean joined;
  private boolean finishing;
  private boolean finished;
  private int recordedParts;

  Client(SocketChannel channel, SelectionKey key, int cut) throws IOException {
    this.channel = channel;
    this.key = key;
    address = String.valueOf(channel.getRemoteAddress()).replaceFirst("^/", "");
    largestWrite = cut > 0 ? cut : LARGEST_WRITE;
  }

  String address() {
    return address;
  }

  boolean joined() {
    return joined;
  }

  /** How many bytes of the broadcast it has taken since the player began, place included. */
  long written() {
    return written;
  }

  int recordedParts() {
    return recordedParts;
  }

  void answer(ByteBuffer bytes) {
    answers.add(bytes);
  }

  void recorded(ByteBuffer part) {
    recordedParts++;
    answers.add(part);
  }

  /** From here on it gets what is appended behind this chunk. */
  void join(Chunk last, long playedBytes) {
    joined = true;
    place = last;
    current = NOTHING.duplicate();
    written = playedBytes;
  }

  /** Nothing more comes: once all is written, our side of the connection ends. */
  void finish() {
    finishing = true;
  }

  boolean finished() {
    return finished;
  }

  /**
   * Reads a line of the client.
   *
   * @param input what it sent; read to its end, or to the end of the line
   * @return the line without its end, or {@code null} if it is not complete
   * @throws IOException if it is longer than any path
   */
  String readLine(ByteBuffer input) throws IOException {
    while (input.hasRemaining()) {
      byte b = input.get();
      if (b == '\n') {
        int end = lineLength > 0 && line[lineLength - 1] == '\r' ? lineLength - 1 : lineLength;
        lineLength = 0;
        return new String(line, 0, end, StandardCharsets.UTF_8);
      }
      if (lineLength == line.length) {
        throw new IOException("a path of more than " + LONGEST_PATH + " bytes");
      }
      line[lineLength++] = b;
    }
    return null;
  }

  int read(ByteBuffer into) throws IOException {
    return channel.read(into);
  }

  /** Writes what the socket takes, and asks to be called again when it takes more. */
  void write() throws IOException {
    if (!writeAnswers() || !writePlays()) {
      key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      return;
    }
    key.interestOps(SelectionKey.OP_READ);
    if (finishing && !finished) {
      finished = true;
      // The client sees an end of stream behind the last byte, closes, and so tells us that it has
      // read everything.
      channel.shutdownOutput();
    }
  }

  private boolean writeAnswers() throws IOException {
    while (!answers.isEmpty()) {
      if (!writeAll(answers.peek())) {
        return false;
      }
      answers.poll();
    }
    return true;
  }

  private boolean writePlays() throws IOException {
    while (joined) {
      int before = current.position();
      boolean all = writeAll(current);
      written += current.position() - before;
      if (!all) {
        return false;
      }
      if (place.next() == null) {
        return true;
      }
      place = place.next();
      current = place.buffer();
    }
    return true;
  }

  /** Whether the socket took all of it. */
  private boolean writeAll(ByteBuffer bytes) throws IOException {
    int limit = bytes.limit();
    while (bytes.hasRemaining()) {
      int count = Math.min(bytes.remaining(), largestWrite);
      bytes.limit(bytes.position() + count);
      int taken = channel.write(bytes);
      bytes.limit(limit);
      if (taken < count) {
        return false;
      }
    }
    return true;
  }

  void close() {
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      // The connection is over either way.
    }
  }
}
