package io.proofofplay.runner.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.Secret;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.OpsConfig;
import io.proofofplay.runner.ops.View;
import io.proofofplay.testkit.LogLines;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The status endpoint's address, had late or never. */
@Timeout(30)
final class ListeningTest {

  private static Listening listening(String address) {
    return new Listening(new OpsConfig(address, null), ListeningTest::nothing, TimeSource.system());
  }

  private static View nothing() {
    throw new IllegalStateException("nobody asks what it shows");
  }

  private static int live(int port, String token) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/live"))
            .header("Authorization", "Bearer " + token)
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode();
  }

  @Test
  void anAddressThatBecomesFreeIsHadWithTheTokenThatIsAskedForByThen() throws Exception {
    ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    try (Listening listening = listening("127.0.0.1:" + taken.getLocalPort());
        LogLines heard = LogLines.of(Listening.class.getName())) {
      assertThat(listening.runOnce()).isFalse();
      assertThat(listening.runOnce()).isFalse();
      assertThat(listening.port()).isEmpty();
      assertThat(heard.at(Level.WARNING)).as("said once").hasSize(1);
      listening.admit(Optional.of(Secret.of("a-token-that-came-later")));

      taken.close();

      assertThat(listening.runOnce()).isTrue();
      assertThat(listening.port()).contains(taken.getLocalPort());
      assertThat(live(taken.getLocalPort(), "another")).isEqualTo(401);
      assertThat(live(taken.getLocalPort(), "a-token-that-came-later")).isEqualTo(200);
    } finally {
      taken.close();
    }
  }

  @Test
  void anAddressThatThisMachineDoesNotHaveIsTriedAgain() {
    try (Listening listening = listening("192.0.2.1:9464");
        LogLines heard = LogLines.of(Listening.class.getName())) {
      assertThat(listening.runOnce()).isFalse();
      assertThat(heard.at(Level.WARNING)).singleElement().asString().contains("192.0.2.1:9464");
    }
  }

  @Test
  void whatIsClosedDoesNotListenAnyMore() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Listening listening = listening("127.0.0.1:" + port);
    listening.close();

    assertThat(listening.runOnce()).isTrue();
    assertThat(listening.port()).isEmpty();
    assertThatThrownBy(() -> live(port, "x")).isInstanceOf(ConnectException.class);
  }
}
