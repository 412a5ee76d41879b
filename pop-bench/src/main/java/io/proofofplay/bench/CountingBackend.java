package io.proofofplay.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A backend that takes everything at once and counts it, and costs as little as can be. It answers
 * first and looks at what has come then, so that nobody waits for that; the next request of the
 * same connection is read only when it has looked.
 *
 * <p>Thread-safe.
 */
final class CountingBackend implements AutoCloseable {

  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final String LENGTH = "content-length:";

  private final ServerSocket server;
  private final Arrivals arrivals;

  CountingBackend(Arrivals arrivals) throws IOException {
    this.arrivals = arrivals;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("backend", this::accept);
  }

  private static void start(String name, Runnable loop) {
    Thread thread = new Thread(loop, name);
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        start("backend-connection", () -> serve(socket));
      } catch (IOException e) {
        // Closed: the end.
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      byte[] bytes = new byte[1 << 20];
      int have = 0;
      while (true) {
        int body;
        while ((body = behindHead(bytes, have)) < 0) {
          int read = in.read(bytes, have, bytes.length - have);
          if (read < 0) {
            return;
          }
          have += read;
        }
        int length = length(new String(bytes, 0, body, StandardCharsets.ISO_8859_1));
        byte[] content = body + length <= bytes.length ? bytes : new byte[body + length];
        if (content != bytes) {
          System.arraycopy(bytes, 0, content, 0, have);
        }
        while (have < body + length) {
          int read = in.read(content, have, body + length - have);
          if (read < 0) {
            return;
          }
          have += read;
        }
        long now = System.nanoTime();
        try {
          out.write(ANSWER);
        } finally {
          System.arraycopy(content, body, content, 0, length);
          arrivals.take(content, length, now);
        }
        have = 0;
      }
    } catch (IOException e) {
      // The relay has gone away; what it had not delivered is counted as lost.
      return;
    }
  }

  /** Where the body begins, or -1. */
  private static int behindHead(byte[] bytes, int have) {
    for (int i = 3; i < have; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private static int length(String head) throws IOException {
    for (String line : head.toLowerCase(Locale.ROOT).split("\r\n", -1)) {
      if (line.startsWith(LENGTH)) {
        return Integer.parseInt(line.substring(LENGTH.length()).strip());
      }
    }
    throw new IOException("a request without Content-Length");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
