package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketOption;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import jdk.net.ExtendedSocketOptions;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SocketDialerTest {

  /** Decides what kind of connections are made. */
  Lookout lookout() {
    return Lookout.PROCESS;
  }

  /** Nobody listens there: the port is reserved. */
  private static final int NOBODY = 1;

  private static final long HALF_A_MINUTE = Duration.ofSeconds(30).toNanos();

  @Test
  void ofTwoAddressesTheSecondIsTakenWhenTheFirstIsDead() throws Exception {
    try (FakePlayer player = new FakePlayer(FakePlayer.Client::introduce);
        SocketDialer dialer = dialer(player.port(), () -> addresses("127.0.0.2", "127.0.0.1"))) {
      assertThat(hear(dialer)).startsWith("Info Beamer PI");
    }
  }

  @Test
  void anIpv4AddressIsTriedBeforeAnIpv6Address() throws Exception {
    try (SocketDialer dialer = dialer(NOBODY, () -> addresses("::1", "127.0.0.1"))) {
      assertThatThrownBy(dialer::dial)
          .isInstanceOf(IOException.class)
          .hasMessageMatching(
              "no connection: refused from 127\\.0\\.0\\.1, .* from 0:0:0:0:0:0:0:1; start the"
                  + " player, or correct host and port");
    }
  }

  @Test
  void aRefusedConnectionIsToldInPlainWords() throws Exception {
    try (SocketDialer dialer = dialer(NOBODY, () -> addresses("127.0.0.1"))) {
      assertThatThrownBy(dialer::dial)
          .hasMessage("no connection: refused; start the player, or correct host and port");
    }
  }

  @Test
  void anUnknownNameIsToldInPlainWords() throws Exception {
    Lookup nobody =
        () -> {
          throw new UnknownHostException("lobby: Name or service not known");
        };
    try (SocketDialer dialer = dialer(4444, nobody)) {
      assertThatThrownBy(dialer::dial)
          .hasMessage("the name is not known here; correct host, or the device's name service");
    }
  }

  @Test
  void theNameIsLookedUpForEveryConnection() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (FakePlayer player = new FakePlayer(FakePlayer.Client::introduce);
        SocketDialer dialer =
            dialer(
                player.port(),
                () -> addresses(asked.getAndIncrement() == 0 ? "127.0.0.2" : "127.0.0.1"))) {
      assertThatThrownBy(dialer::dial).isInstanceOf(IOException.class);
      assertThat(hear(dialer)).startsWith("Info Beamer PI");
    }
  }

  @Test
  void anAddressThatDoesNotAnswerIsGivenUpAfterTheTimeout() throws Exception {
    try (FullServer server = new FullServer();
        SocketDialer dialer =
            new SocketDialer(
                config(server.port(), Duration.ofMillis(50)),
                host -> addresses("127.0.0.1"),
                lookout(),
                TimeSource.system())) {
      assertThatThrownBy(dialer::dial)
          .hasMessage(
              "no connection: no answer within 50ms; start the player, or correct host and port");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aConnectionIsLookedAfterSoonWhenNothingIsSaidOnIt() throws Exception {
    try (FakePlayer player = new FakePlayer(c -> c.listen());
        SocketDialer dialer =
            new SocketDialer(
                InfoBeamerConfig.of("127.0.0.1", player.port()),
                InetAddress::getAllByName,
                lookout(),
                TimeSource.system());
        PlayerConnection connection = dialer.dial()) {
      assertThat(connection).isNotNull();
      assertThat(secondsToTheFirstQuestion(player.port()))
          .as("seconds until the kernel asks whether the player is there")
          .singleElement(InstanceOfAssertFactories.DOUBLE)
          .isBetween(0.0, 20.0);
    }
  }

  @Test
  void aRuntimeThatKnowsNoMoreOfKeepAliveStillConnects() throws Exception {
    // One that was linked for an earlier relay, or anywhere: the module is no part of Java itself.
    try (FakePlayer player = new FakePlayer(FakePlayer.Client::introduce)) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--limit-modules",
                  "java.se",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PlainRuntime.class.getName(),
                  Integer.toString(player.port()))
              .redirectErrorStream(true)
              .start();

      assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("without jdk.net: Info Beamer PI");
      assertThat(process.waitFor()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 60, 599, 600, 601, 648, 649, 650, 1800, 3600, 604_800})
  void aNetworkThatIsAwayForLessThanTheIdleTimeEndsNoConnection(long idle) {
    // What the player sends meanwhile is sent again by TCP, to a connection that is still there.
    Map<SocketOption<Integer>, Integer> questions =
        SocketDialer.questions(Duration.ofSeconds(idle));
    assertThat(
            questions.get(ExtendedSocketOptions.TCP_KEEPIDLE)
                + questions.get(ExtendedSocketOptions.TCP_KEEPINTERVAL)
                    * questions.get(ExtendedSocketOptions.TCP_KEEPCOUNT))
        .isGreaterThanOrEqualTo((int) (idle == 0 ? 1800 : Math.min(idle, 1800)));
    assertThat(questions.get(ExtendedSocketOptions.TCP_KEEPCOUNT)).isBetween(1, 127);
  }

  /** When the timer of keep-alive, 02, comes on each connection to a port, by the kernel. */
  private static List<Double> secondsToTheFirstQuestion(int port) throws IOException {
    String address = String.format(Locale.ROOT, ":%04X", port);
    List<Double> seconds = new ArrayList<>();
    for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
      if (Files.exists(table)) {
        for (String line : Files.readAllLines(table)) {
          String[] words = line.strip().split("\\s+", 7);
          if (words.length == 7 && words[2].endsWith(address) && words[5].startsWith("02:")) {
            // In hundredths, whatever the kernel's own ticks are.
            seconds.add(Long.parseLong(words[5].substring(3), 16) / 100.0);
          }
        }
      }
    }
    return seconds;
  }

  @Test
  void closingEndsADialUnderWay() throws Exception {
    try (FullServer server = new FullServer()) {
      SocketDialer dialer =
          new SocketDialer(
              config(server.port(), Duration.ofMinutes(1)),
              host -> addresses("127.0.0.1"),
              lookout(),
              TimeSource.system());
      AtomicReference<Exception> end = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  dialer.dial().close();
                } catch (IOException e) {
                  end.set(e);
                }
              });
      thread.start();
      RunningSource.awaitCallOf(thread, "connect");
      dialer.close();
      thread.join(10_000);

      assertThat(thread.isAlive()).isFalse();
      assertThat(end.get()).isNotNull();
    }
  }

  @Test
  void aClosedDialerConnectsToNobody() throws Exception {
    try (FakePlayer player = new FakePlayer(FakePlayer.Client::introduce)) {
      SocketDialer dialer = dialer(player.port(), () -> addresses("127.0.0.1"));
      dialer.close();
      dialer.close();

      assertThatThrownBy(dialer::dial).hasMessageContaining("the source was closed");
      assertThat(player.connections()).isZero();
    }
  }

  @Test
  void aReadWithoutBytesEndsWithItsTimeAndTellsTheEndApart() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    try (FakePlayer player =
            new FakePlayer(
                client -> {
                  client.say("abc");
                  heard.await();
                });
        SocketDialer dialer = dialer(player.port(), () -> addresses("127.0.0.1"));
        PlayerConnection connection = dialer.dial()) {
      byte[] into = new byte[8];
      assertThat(connection.read(into, 2, 3, Long.MAX_VALUE)).isEqualTo(3);
      assertThat(into).containsExactly(0, 0, 'a', 'b', 'c', 0, 0, 0);
      assertThat(connection.hasMore()).isFalse();
      assertThat(connection.read(into, 0, 8, 1)).isZero();
      heard.countDown();
      assertThat(connection.read(into, 0, 8, Long.MAX_VALUE - 1)).isEqualTo(-1);
    }
  }

  @Test
  @SuppressWarnings("try") // Closed early, and twice: that is what is tested.
  void aConnectionThatIsLeftGivesWhatHasArrivedAndThenEndsThoughThePlayerStays() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    try (FakePlayer player =
            new FakePlayer(
                client -> {
                  client.say("abc");
                  heard.await();
                });
        SocketDialer dialer = dialer(player.port(), () -> addresses("127.0.0.1"));
        PlayerConnection connection = dialer.dial()) {
      byte[] into = new byte[2];
      assertThat(connection.read(into, 0, 1, HALF_A_MINUTE)).isEqualTo(1);
      while (!connection.hasMore()) {
        Thread.onSpinWait();
      }
      assertThat(connection.isLeft()).isFalse();
      assertThat(connection.owes()).isFalse();
      dialer.close();
      dialer.close();

      assertThat(connection.isLeft()).isTrue();
      assertThat(connection.read(into, 0, 1, HALF_A_MINUTE)).isEqualTo(1);
      assertThat(connection.owes()).isTrue();
      assertThat(connection.read(into, 1, 1, HALF_A_MINUTE)).isEqualTo(1);
      assertThat(connection.owes()).isFalse();
      assertThat(into).containsExactly('b', 'c');
      assertThat(connection.read(into, 0, 2, Long.MAX_VALUE)).isEqualTo(-1);
    } finally {
      heard.countDown();
    }
  }

  private static String hear(SocketDialer dialer) throws IOException {
    try (PlayerConnection connection = dialer.dial()) {
      byte[] into = new byte[64];
      int read = connection.read(into, 0, into.length, HALF_A_MINUTE);
      return new String(into, 0, read, StandardCharsets.US_ASCII);
    }
  }

  private interface Lookup {
    InetAddress[] find() throws UnknownHostException;
  }

  private SocketDialer dialer(int port, Lookup lookup) {
    return new SocketDialer(
        config(port, Duration.ofSeconds(10)),
        host -> lookup.find(),
        lookout(),
        TimeSource.system());
  }

  private static InfoBeamerConfig config(int port, Duration timeout) {
    return new InfoBeamerConfig("lobby.test", port, null, null, timeout, null, null, null, null);
  }

  private static InetAddress[] addresses(String... literals) throws UnknownHostException {
    List<InetAddress> addresses = new ArrayList<>();
    for (String literal : literals) {
      addresses.add(InetAddress.getByName(literal));
    }
    return addresses.toArray(InetAddress[]::new);
  }
}
