package io.proofofplay.source.infobeamer;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A connection over a socket of the JDK. */
final class SocketConnection implements PlayerConnection {

  private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  /**
   * The most that is read of a connection that is left, whose player may go on sending. More than
   * the kernel keeps for a connection unless it is told otherwise.
   */
  private static final int MOST_LAST_BYTES = 8 * 1024 * 1024;

  private final Socket socket;
  private final InputStream input;
  private int timeoutMillis;

  /** Whether a selector waits for it, so that reads do not. */
  private boolean isAttended;

  private volatile Runnable whenLeft = () -> {};

  private volatile boolean isLeft;

  /** What had arrived when the connection was left; written once, before {@link #isLeft}. */
  private int owed;

  /** Whether a read may be waiting; guarded by this. */
  private boolean isReading;

  /** What was read by reads that began when the connection had been left. */
  private int lastBytes;

  SocketConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.input = socket.getInputStream();
  }

  @Override
  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  @Override
  public int read(byte[] into, int offset, int length, long nanos) throws IOException {
    if (isAttended) {
      return socket.getChannel().read(ByteBuffer.wrap(into, offset, length));
    }
    int millis = millis(nanos);
    if (millis != timeoutMillis) {
      socket.setSoTimeout(millis);
      timeoutMillis = millis;
    }
    // One that had begun before may have had its bytes already when it was looked what is owed.
    boolean isLate = isLeft;
    if (!begin()) {
      return -1;
    }
    try {
      int read = input.read(into, offset, length);
      if (isLate && read > 0) {
        lastBytes += read;
      }
      return read;
    } catch (SocketTimeoutException e) {
      return 0;
    } finally {
      end();
    }
  }

  private synchronized boolean begin() throws IOException {
    isReading = !isLeft || (lastBytes < MOST_LAST_BYTES && hasMore());
    return isReading;
  }

  private synchronized void end() {
    isReading = false;
  }

  /** Rounded up, so that a wait never ends early; 0 stands for ever. */
  private static int millis(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      return 0;
    }
    long millis = nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI > 0 ? 1 : 0);
    return (int) Math.min(Math.max(millis, 1), Integer.MAX_VALUE);
  }

  @Override
  public boolean hasMore() throws IOException {
    return input.available() > 0;
  }

  @Override
  public boolean canBeAttended() {
    return socket.getChannel() != null;
  }

  @Override
  public Optional<SelectionKey> attend(Selector selector, Object attachment, Runnable ifLeft)
      throws IOException {
    SocketChannel channel = socket.getChannel();
    if (channel.keyFor(selector) != null) {
      // The selector has not looked since this was attended last. Another try would already give
      // the key that is no more the new attachment.
      return Optional.empty();
    }
    channel.configureBlocking(false);
    try {
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ, attachment);
      isAttended = true;
      whenLeft = ifLeft;
      return Optional.of(key);
    } finally {
      if (!isAttended) {
        channel.configureBlocking(true);
      }
    }
  }

  @Override
  public void attendNoMore(SelectionKey key) {
    whenLeft = () -> {};
    isAttended = false;
    key.cancel();
    try {
      key.channel().configureBlocking(true);
    } catch (IOException e) {
      // It is closed, which the next read says.
    }
  }

  @Override
  public void leave() {
    leaveWhatArrived();
    whenLeft.run();
  }

  private synchronized void leaveWhatArrived() {
    int there = available();
    if (!isLeft) {
      owed = there;
      isLeft = true;
    }
    if (isReading && there == 0) {
      // It waits, and nothing else wakes it.
      close();
    }
  }

  private int available() {
    try {
      return input.available();
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public boolean owes() {
    return isLeft && lastBytes < Math.min(owed, MOST_LAST_BYTES);
  }

  @Override
  public boolean isLeft() {
    return isLeft;
  }

  @Override
  public void close() {
    close(socket);
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // The connection is given up; how its end went makes no difference to anybody.
    }
  }
}
