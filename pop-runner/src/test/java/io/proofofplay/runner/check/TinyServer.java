package io.proofofplay.runner.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Says something to each client, something more when a line has come, and keeps the connection. */
final class TinyServer implements AutoCloseable {

  private final ServerSocket server;
  private final String first;
  private final String second;

  TinyServer(String first, String second) {
    this(plain(), first, second);
  }

  TinyServer(ServerSocket server, String first, String second) {
    this.server = server;
    this.first = first;
    this.second = second;
    Thread thread = new Thread(this::serve, "test-tiny-server");
    thread.setDaemon(true);
    thread.start();
  }

  private static ServerSocket plain() {
    try {
      return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getLocalPort();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.getOutputStream().write(first.getBytes(StandardCharsets.UTF_8));
        int next = socket.getInputStream().read();
        while (next >= 0) {
          if (next == '\n') {
            socket.getOutputStream().write(second.getBytes(StandardCharsets.UTF_8));
          }
          next = socket.getInputStream().read();
        }
      } catch (IOException e) {
        // The client is gone, or the server is closed.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
