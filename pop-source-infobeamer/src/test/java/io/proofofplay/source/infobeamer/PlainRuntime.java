package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Hears one player out and prints what it says: a program of its own, for Java runtimes that lack
 * what the one of the tests has.
 */
final class PlainRuntime {

  private PlainRuntime() {}

  /**
   * Does it.
   *
   * @param arguments the player's port
   */
  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(arguments[0]);
    try (SocketDialer dialer =
            new SocketDialer(
                InfoBeamerConfig.of("127.0.0.1", port),
                InetAddress::getAllByName,
                Lookout.PROCESS,
                TimeSource.system());
        PlayerConnection connection = dialer.dial()) {
      byte[] into = new byte[64];
      int read = connection.read(into, 0, into.length, Duration.ofSeconds(30).toNanos());
      System.out.print(
          (ModuleLayer.boot().findModule("jdk.net").isPresent() ? "with" : "without")
              + " jdk.net: "
              + new String(into, 0, read, StandardCharsets.US_ASCII));
    }
  }
}
