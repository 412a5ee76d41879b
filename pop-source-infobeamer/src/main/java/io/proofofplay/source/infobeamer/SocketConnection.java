package io.proofofplay.source.infobeamer;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/** A connection over a socket of the JDK. */
final class SocketConnection implements PlayerConnection {

  private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Socket socket;
  private final InputStream input;
  private int timeoutMillis;

  private final Farewell farewell = new Farewell();

  /** Whether a read may be waiting; guarded by this. */
  private boolean isReading;

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
    int millis = millis(nanos);
    if (millis != timeoutMillis) {
      socket.setSoTimeout(millis);
      timeoutMillis = millis;
    }
    // One that had begun before may have had its bytes already when it was looked what is owed.
    boolean isLate = farewell.isBegun();
    if (!begin()) {
      return -1;
    }
    try {
      int read = input.read(into, offset, length);
      if (isLate) {
        farewell.read(read);
      }
      return read;
    } catch (SocketTimeoutException e) {
      return 0;
    } finally {
      end();
    }
  }

  private synchronized boolean begin() throws IOException {
    isReading = !farewell.isBegun() || (!farewell.isEnough() && hasMore());
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
  public synchronized void leave() {
    int there = available();
    farewell.begin(there);
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
    return farewell.owes();
  }

  @Override
  public boolean isLeft() {
    return farewell.isBegun();
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
