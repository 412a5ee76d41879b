package io.proofofplay.sink.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * A TCP socket of which every wait ends when a {@link Deadline} says so: for the connection, for
 * something to read, and for room to write.
 *
 * <p>A socket of the JDK bounds a read by inactivity alone, so that a peer which sends a byte a
 * second holds a thread for ever, and it bounds a write not at all. This one never blocks in the
 * channel; it waits in a selector, which takes a bound and which another thread can end. TLS is
 * layered over it as over any socket, and so gets the same bounds.
 *
 * <p>When the peer takes no more, because it has reset the connection, writing goes on into the
 * void: what the peer said before, such as a 413, can then still be read. {@link #isBroken} tells.
 */
// No lock, unlike in the class above: close() must not wait for the thread that it is to free.
@SuppressWarnings("UnsynchronizedOverridesSynchronized")
final class DeadlineSocket extends Socket {

  /** Slices bound the direct buffer that the JDK keeps for each thread which writes arrays. */
  private static final int SLICE = 64 * 1024;

  private final Deadline deadline;
  private final Progress progress;
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final InputStream input = new Input();
  private final OutputStream output = new Output();

  private volatile boolean closed;
  private volatile int timeoutMillis;
  private boolean broken;
  private boolean inputShut;
  private boolean outputShut;

  DeadlineSocket(Deadline deadline, Progress progress) throws IOException {
    super((SocketImpl) null);
    this.deadline = deadline;
    this.progress = progress;
    channel = SocketChannel.open();
    try {
      channel.configureBlocking(false);
      selector = channel.provider().openSelector();
      key = channel.register(selector, 0);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void connect(SocketAddress to) throws IOException {
    connect(to, 0);
  }

  @Override
  public void connect(SocketAddress to, int millis) throws IOException {
    deadline.check();
    deadline.waitsFor(this);
    long share = Deadline.millis(deadline.share());
    int bound = (int) Math.min(share, millis > 0 ? millis : Integer.MAX_VALUE);
    try {
      if (!channel.connect(to)) {
        do {
          await(SelectionKey.OP_CONNECT, bound);
        } while (!channel.finishConnect());
      }
    } catch (SocketTimeoutException e) {
      close();
      throw new SocketTimeoutException("no answer within " + bound + " ms");
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Waits until the channel is ready, at most so long if that is above 0. */
  private void await(int operation, int mostMillis) throws IOException {
    deadline.check();
    progress.waitsToSend(operation == SelectionKey.OP_WRITE);
    long left = Deadline.millis(deadline.left());
    boolean hasOwnBound = mostMillis > 0 && mostMillis < left;
    int ready;
    try {
      key.interestOps(operation);
      ready = selector.select(hasOwnBound ? mostMillis : left);
      selector.selectedKeys().clear();
    } catch (CancelledKeyException | ClosedSelectorException e) {
      throw closedException(e);
    }
    if (closed) {
      throw closedException(null);
    }
    if (ready > 0) {
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
    if (hasOwnBound) {
      throw new SocketTimeoutException("nothing within " + mostMillis + " ms");
    }
    deadline.pass();
    throw new InterruptedIOException("the time is up");
  }

  private static SocketException closedException(RuntimeException cause) {
    SocketException closed = new SocketException("Socket closed");
    if (cause != null) {
      closed.initCause(cause);
    }
    return closed;
  }

  /**
   * Whether nothing came since the last answer. A connection on which something came is of no use
   * any more: it is the end of it, or an answer to nothing.
   */
  boolean isQuiet() {
    if (closed || broken) {
      return false;
    }
    try {
      key.interestOps(SelectionKey.OP_READ);
      int ready = selector.selectNow();
      selector.selectedKeys().clear();
      return ready == 0;
    } catch (IOException | CancelledKeyException | ClosedSelectorException e) {
      return false;
    }
  }

  /** Whether the peer took not all that was written. */
  boolean isBroken() {
    return broken;
  }

  private final class Input extends InputStream {

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (inputShut) {
        return -1;
      }
      ByteBuffer target = ByteBuffer.wrap(bytes, offset, Math.min(length, SLICE));
      while (true) {
        // Before each read, not only before each wait: a peer that always has a byte never waits.
        deadline.check();
        int count = channel.read(target);
        if (count != 0) {
          return count;
        }
        await(SelectionKey.OP_READ, timeoutMillis);
      }
    }

    @Override
    public void close() throws IOException {
      DeadlineSocket.this.close();
    }
  }

  private final class Output extends OutputStream {

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (outputShut || closed) {
        throw closedException(null);
      }
      ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
      int end = source.limit();
      while (!broken && source.position() < end) {
        source.limit(Math.min(end, source.position() + SLICE));
        int count;
        try {
          count = channel.write(source);
        } catch (IOException e) {
          if (closed || Thread.currentThread().isInterrupted()) {
            throw e;
          }
          broken = true;
          return;
        }
        if (count == 0) {
          await(SelectionKey.OP_WRITE, 0);
        }
      }
    }

    @Override
    public void close() throws IOException {
      DeadlineSocket.this.close();
    }
  }

  @Override
  public InputStream getInputStream() {
    return input;
  }

  @Override
  public OutputStream getOutputStream() {
    return output;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    // The selector first: closing it ends a wait in it, and lets the channel go at once.
    try {
      selector.close();
    } finally {
      channel.close();
    }
  }

  @Override
  public void shutdownInput() throws IOException {
    inputShut = true;
    channel.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    outputShut = true;
    channel.shutdownOutput();
  }

  @Override
  public void bind(SocketAddress to) throws IOException {
    channel.bind(to);
  }

  @Override
  public SocketChannel getChannel() {
    return channel;
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public boolean isBound() {
    return getLocalSocketAddress() != null;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isInputShutdown() {
    return inputShut;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShut;
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    try {
      return channel.getRemoteAddress();
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    try {
      return channel.getLocalAddress();
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public InetAddress getInetAddress() {
    return getRemoteSocketAddress() instanceof InetSocketAddress peer ? peer.getAddress() : null;
  }

  @Override
  public InetAddress getLocalAddress() {
    return getLocalSocketAddress() instanceof InetSocketAddress here
        ? here.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  @Override
  public int getPort() {
    return getRemoteSocketAddress() instanceof InetSocketAddress peer ? peer.getPort() : 0;
  }

  @Override
  public int getLocalPort() {
    return getLocalSocketAddress() instanceof InetSocketAddress here ? here.getPort() : -1;
  }

  @Override
  public void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() {
    return timeoutMillis;
  }

  @Override
  public void setTcpNoDelay(boolean on) throws SocketException {
    set(StandardSocketOptions.TCP_NODELAY, on);
  }

  @Override
  public boolean getTcpNoDelay() throws SocketException {
    return get(StandardSocketOptions.TCP_NODELAY);
  }

  @Override
  public void setSoLinger(boolean on, int seconds) throws SocketException {
    set(StandardSocketOptions.SO_LINGER, on ? seconds : -1);
  }

  @Override
  public int getSoLinger() throws SocketException {
    return get(StandardSocketOptions.SO_LINGER);
  }

  @Override
  public void setKeepAlive(boolean on) throws SocketException {
    set(StandardSocketOptions.SO_KEEPALIVE, on);
  }

  @Override
  public boolean getKeepAlive() throws SocketException {
    return get(StandardSocketOptions.SO_KEEPALIVE);
  }

  @Override
  public void setReuseAddress(boolean on) throws SocketException {
    set(StandardSocketOptions.SO_REUSEADDR, on);
  }

  @Override
  public boolean getReuseAddress() throws SocketException {
    return get(StandardSocketOptions.SO_REUSEADDR);
  }

  @Override
  public void setSendBufferSize(int size) throws SocketException {
    set(StandardSocketOptions.SO_SNDBUF, size);
  }

  @Override
  public int getSendBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_SNDBUF);
  }

  @Override
  public void setReceiveBufferSize(int size) throws SocketException {
    set(StandardSocketOptions.SO_RCVBUF, size);
  }

  @Override
  public int getReceiveBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_RCVBUF);
  }

  @Override
  public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
    channel.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    return channel.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return channel.supportedOptions();
  }

  private <T> void set(SocketOption<T> option, T value) throws SocketException {
    try {
      channel.setOption(option, value);
    } catch (IOException e) {
      throw asSocketException(e);
    }
  }

  private <T> T get(SocketOption<T> option) throws SocketException {
    try {
      return channel.getOption(option);
    } catch (IOException e) {
      throw asSocketException(e);
    }
  }

  private static SocketException asSocketException(IOException e) {
    if (e instanceof SocketException already) {
      return already;
    }
    SocketException wrapped = new SocketException(e.getMessage());
    wrapped.initCause(e);
    return wrapped;
  }

  @Override
  public String toString() {
    return "DeadlineSocket[" + getRemoteSocketAddress() + "]";
  }
}
