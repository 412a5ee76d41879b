package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.relay.BoundedNames;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.NameService;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The name is looked up for each connection, all addresses are tried, and nothing waits for ever.
 */
final class NameLookupTest {

  private final RogueServer server = RogueServer.start();
  private final List<String> asked = new ArrayList<>();

  @AfterEach
  void close() {
    server.close();
  }

  private HttpSubmitter submitter(NameService names) {
    URI url = URI.create("http://backend.test:" + server.port() + "/pop");
    return new HttpSubmitter(
        HttpSinkConfig.to(url),
        new SinkContext("billing", TimeSource.system(), "1", names),
        Map.of(),
        notice -> {});
  }

  private NameService answering(byte[]... addresses) {
    return (host, atMost) -> {
      asked.add(host);
      List<InetAddress> all = new ArrayList<>();
      for (byte[] address : addresses) {
        all.add(InetAddress.getByAddress(host, address));
      }
      return Optional.of(all);
    };
  }

  @Test
  void eachNewConnectionAsksAnew() throws Exception {
    server.script(Answer.of(200).withHeader("Connection", "close"));
    try (HttpSubmitter submitter = submitter(answering(new byte[] {127, 0, 0, 1}))) {
      for (int i = 0; i < 3; i++) {
        assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      }
    }
    assertThat(asked).containsExactly("backend.test", "backend.test", "backend.test");
  }

  @Test
  void allAddressesAreTried() throws Exception {
    byte[] deaf = {127, 0, 0, 2};
    byte[] well = {127, 0, 0, 1};
    try (HttpSubmitter submitter = submitter(answering(deaf, deaf, well))) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  @Test
  void anAddressThatGivesNoAnswerLeavesTimeForTheOthers() throws Exception {
    InetAddress silent = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    List<SocketChannel> queued = new ArrayList<>();
    // Nobody accepts, and when the queue is full the kernel ignores who else would connect.
    try (ServerSocket deaf = new ServerSocket(server.port(), 1, silent);
        HttpSubmitter submitter =
            submitter(
                answering(silent.getAddress(), silent.getAddress(), new byte[] {127, 0, 0, 1}))) {
      for (int i = 0; i < 8; i++) {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        boolean unused = channel.connect(deaf.getLocalSocketAddress());
        queued.add(channel);
      }
      Duration timeout = Duration.ofSeconds(6);
      long start = System.nanoTime();
      assertThat(submitter.submit(Post.batch(1), Post.attempt(timeout)))
          .isInstanceOf(Delivered.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofSeconds(1), timeout);
    } finally {
      for (SocketChannel channel : queued) {
        channel.close();
      }
    }
  }

  @Test
  void aNameThatMovesIsFoundByTheNextConnection() throws Exception {
    server.script(Answer.of(200).withHeader("Connection", "close"));
    AtomicReference<byte[]> place = new AtomicReference<>(new byte[] {127, 0, 0, 1});
    NameService moving = (host, atMost) -> answering(place.get()).lookup(host, atMost);
    try (HttpSubmitter submitter = submitter(moving)) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
      place.set(new byte[] {127, 0, 0, 2});
      assertThat(submitter.submit(Post.batch(1), Post.attempt()).reason().text())
          .contains("refuses connections");
      place.set(new byte[] {127, 0, 0, 1});
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  @Test
  void aNameThatWasUnknownIsAskedForAgainByTheNextAttempt() throws Exception {
    AtomicReference<NameService> now =
        new AtomicReference<>(
            (host, atMost) -> {
              throw new UnknownHostException(host);
            });
    NameService healing = (host, atMost) -> now.get().lookup(host, atMost);
    try (HttpSubmitter submitter = submitter(healing)) {
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Later.class);
      now.set(answering(new byte[] {127, 0, 0, 1}));
      assertThat(submitter.submit(Post.batch(1), Post.attempt())).isInstanceOf(Delivered.class);
    }
  }

  /** What an application with the relay inside gets without setting anything. */
  @Test
  void javaForgetsANameThatWasUnknownAfterTenSeconds() {
    assertThat(Security.getProperty("networkaddress.cache.negative.ttl")).isEqualTo("10");
  }

  @Test
  void anUnknownNameIsLater() throws Exception {
    NameService nobody =
        (host, atMost) -> {
          throw new UnknownHostException(host);
        };
    try (HttpSubmitter submitter = submitter(nobody)) {
      SubmitResult result = submitter.submit(Post.batch(1), Post.attempt());
      assertThat(result).isInstanceOf(Later.class);
      assertThat(((Later) result).doubt()).isEqualTo(Doubt.NONE);
      assertThat(result.reason().text()).contains("backend.test has no address");
    }
  }

  @Test
  void aNameServiceThatHangsEndsWithTheTimeoutOrTheClosing() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    NameService names =
        new BoundedNames(
            (host, atMost) -> {
              hanging.countDown();
              never.await();
              return Optional.empty();
            });
    HttpSubmitter submitter = submitter(names);

    long start = System.nanoTime();
    SubmitResult result = submitter.submit(Post.batch(1), Post.attempt(Duration.ofMillis(300)));
    // A second beyond its timeout is the promise; the rest is for a busy machine.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(4300));
    assertThat(result.reason().text()).contains("the name service gave no answer");

    Thread closing =
        new Thread(
            () -> {
              try {
                hanging.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              submitter.close();
            });
    closing.start();
    assertThat(submitter.submit(Post.batch(1), Post.attempt(Duration.ofMinutes(5))))
        .isInstanceOf(Later.class);
    closing.join();
    never.countDown();
  }
}
