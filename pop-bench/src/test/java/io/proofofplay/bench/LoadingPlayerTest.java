package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoadingPlayerTest {

  private static final long LONG = Long.MAX_VALUE;

  private final LoadingPlayer player;

  LoadingPlayerTest() throws IOException {
    player = new LoadingPlayer();
  }

  @AfterEach
  void close() throws IOException {
    player.close();
  }

  private static void hopeless() throws IOException {
    throw new IOException("it has died");
  }

  @Test
  void aRelayThatDiesBeforeItComesIsNotWaitedFor() {
    assertThatThrownBy(() -> player.await(1, LONG, LoadingPlayerTest::hopeless))
        .hasMessage("it has died");
  }

  @Test
  void aRelayThatDiesBeforeItSaysAPathIsNotWaitedFor() throws IOException {
    try (Socket relay = new Socket(InetAddress.getLoopbackAddress(), player.port())) {
      // Has the banner: is connected.
      LoadingPlayer.Hope hope =
          () -> {
            if (relay.getInputStream().available() > 0) {
              hopeless();
            }
          };
      assertThatThrownBy(() -> player.await(1, LONG, hope)).hasMessage("it has died");
    }
  }

  @Test
  void playersAreNoFurtherAheadThanTheyMayBe() throws Exception {
    try (Socket relay = new Socket(InetAddress.getLoopbackAddress(), player.port())) {
      relay.getOutputStream().write("*raw/root/::pop\n".getBytes(StandardCharsets.US_ASCII));
      player.await(1, LONG, () -> {});
      AtomicLong most = new AtomicLong(10);
      AtomicInteger looks = new AtomicInteger();
      // Each third look finds that more was delivered.
      LongSupplier bound =
          () -> {
            assertThat(player.said()).isLessThanOrEqualTo(most.get());
            return looks.incrementAndGet() % 3 == 0 ? most.addAndGet(4) : most.get();
          };

      player.say(0, 40, 4, bound);

      assertThat(player.said()).isEqualTo(40);
      assertThat(looks.get()).as("it has waited").isGreaterThan(10);
    }
  }

  @Test
  void aRelayThatDoesNotComeIsWaitedForOnlyAsLongAsWasSaid() {
    assertThatThrownBy(() -> player.await(3, 1, () -> {}))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("of 3 sources only 0");
  }
}
