package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A connection of a crowd: whatever is waited for is waited for at a {@link Lookout}. Its reads and
 * writes share one buffer outside the heap; the JDK would keep one for each thread that reads, and
 * in the heap a list of 1,024 places for others.
 */
final class ChannelConnection implements PlayerConnection {

  /** Between the kernel and the arrays of all; its monitor is held while it is used. */
  private static final ByteBuffer SHARED = ByteBuffer.allocateDirect(LineFramer.READ_BYTES);

  /** Whoever waits for bytes by its own thread. */
  private static final Lookout.Post WAITING =
      new Lookout.Post() {
        @Override
        public Lookout.Look look() {
          return Lookout.Look.OWN;
        }

        @Override
        public boolean wasFull() {
          return false;
        }

        @Override
        public boolean settle() {
          return false;
        }
      };

  private final SocketChannel channel;

  /** Says how much has arrived, and nothing else. */
  private final InputStream input;

  private final Lookout lookout;
  private final TimeSource time;
  private final Farewell farewell = new Farewell();

  private volatile Runnable whenLeft = () -> {};

  /** Of the selector that waited last, or {@code null}. */
  private SelectionKey key;

  /**
   * A connection that is made.
   *
   * @param channel connected; nobody else uses it
   */
  ChannelConnection(SocketChannel channel, Lookout lookout, TimeSource time) throws IOException {
    this.channel = channel;
    this.input = channel.socket().getInputStream();
    this.lookout = lookout;
    this.time = time;
    channel.configureBlocking(false);
  }

  @Override
  public void send(byte[] bytes) throws IOException {
    int at = 0;
    while (at < bytes.length) {
      int written;
      synchronized (SHARED) {
        SHARED.clear().put(bytes, at, Math.min(SHARED.capacity(), bytes.length - at)).flip();
        written = channel.write(SHARED);
      }
      if (written == 0) {
        // All that is ever sent is a line, for which a fresh connection has room.
        throw new IOException("the connection takes nothing");
      }
      at += written;
    }
  }

  @Override
  public int read(byte[] into, int offset, int length, long nanos) throws IOException {
    int read = read(into, offset, length);
    if (read != 0 || nanos == 0) {
      return read;
    }
    boolean hasWaited;
    try {
      hasWaited = lookout.lookAfter(this, WAITING, nanos, time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the source was interrupted");
    }
    read = read(into, offset, length);
    if (read == 0 && !hasWaited) {
      // Whoever waits for it would else ask without a pause.
      throw new IOException("the system has no means left to wait for it");
    }
    return read;
  }

  private int read(byte[] into, int offset, int length) throws IOException {
    boolean isLate = farewell.isBegun();
    if (isLate && (farewell.isEnough() || !hasMore())) {
      return -1;
    }
    int read;
    synchronized (SHARED) {
      SHARED.clear().limit(Math.min(length, SHARED.capacity()));
      read = channel.read(SHARED);
      if (read > 0) {
        SHARED.flip().get(into, offset, read);
      }
    }
    if (isLate) {
      farewell.read(read);
    }
    return read;
  }

  @Override
  public boolean hasMore() throws IOException {
    return input.available() > 0;
  }

  @Override
  public boolean canBeAttended() {
    return true;
  }

  @Override
  public void attend(Selector selector, Object attachment, Runnable ifLeft) throws IOException {
    SelectionKey known = channel.keyFor(selector);
    try {
      if (known == null) {
        key = channel.register(selector, SelectionKey.OP_READ, attachment);
      } else {
        known.attach(attachment);
        known.interestOps(SelectionKey.OP_READ);
      }
    } catch (CancelledKeyException e) {
      throw new IOException("the connection is closed", e);
    }
    whenLeft = ifLeft;
  }

  @Override
  public void attendNoMore() {
    whenLeft = () -> {};
    try {
      key.attach(null);
      key.interestOps(0);
    } catch (CancelledKeyException e) {
      // It is closed, which the next read says.
    }
  }

  @Override
  public void leave() {
    int there;
    try {
      there = input.available();
    } catch (IOException e) {
      there = 0;
    }
    farewell.begin(there);
    whenLeft.run();
  }

  @Override
  public boolean owes() {
    return farewell.owes();
  }

  @Override
  public boolean isLeft() {
    return farewell.isBegun();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The connection is given up; how its end went makes no difference to anybody.
    }
    whenLeft.run();
    // The system keeps it until the selector has looked.
    lookout.connectionClosed();
  }
}
