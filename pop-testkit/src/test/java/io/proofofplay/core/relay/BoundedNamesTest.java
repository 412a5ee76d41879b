package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.spi.NameService;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class BoundedNamesTest {

  private static final Duration AMPLE = Duration.ofSeconds(20);

  @Test
  void anAnswerPassesThrough() throws Exception {
    List<InetAddress> some = List.of(InetAddress.getLoopbackAddress());
    NameService names = new BoundedNames((host, atMost) -> Optional.of(some));
    assertThat(names.lookup("backend", AMPLE)).contains(some);
  }

  @Test
  void aHostWithoutAnAddressIsUnknown() {
    NameService names =
        new BoundedNames(
            (host, atMost) -> {
              throw new UnknownHostException(host + ": no such name");
            });
    assertThatThrownBy(() -> names.lookup("backend", AMPLE))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("no such name");
  }

  @Test
  void aThreadThatCannotBeHadIsAnAttemptThatFailsAndNoMore() throws Exception {
    AtomicBoolean exhausted = new AtomicBoolean(true);
    List<InetAddress> some = List.of(InetAddress.getLoopbackAddress());
    NameService names =
        new BoundedNames(
            (host, atMost) -> Optional.of(some),
            thread -> {
              if (exhausted.get()) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              thread.start();
            });
    assertThatThrownBy(() -> names.lookup("backend", AMPLE))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage("backend: cannot be looked up: unable to create native thread");
    exhausted.set(false);
    assertThat(names.lookup("backend", AMPLE)).contains(some);
  }

  @Test
  void aQuestionThatHangsIsAskedOnceAndJoined() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    List<InetAddress> some = List.of(InetAddress.getLoopbackAddress());
    NameService names =
        new BoundedNames(
            (host, atMost) -> {
              asked.incrementAndGet();
              answered.await();
              return Optional.of(some);
            });

    for (int i = 0; i < 5; i++) {
      assertThat(names.lookup("backend", Duration.ofMillis(5))).isEmpty();
    }
    assertThat(asked).hasValue(1);
    answered.countDown();

    assertThat(names.lookup("backend", AMPLE)).contains(some);
  }

  @Test
  void aLaterQuestionIsAskedAnew() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    NameService names =
        new BoundedNames(
            (host, atMost) ->
                Optional.of(
                    List.of(
                        InetAddress.getByAddress(
                            new byte[] {127, 0, 0, (byte) asked.incrementAndGet()}))));
    InetAddress first = names.lookup("backend", AMPLE).orElseThrow().get(0);
    InetAddress next = first;
    // The first question is forgotten by its own thread, a moment after it was answered.
    for (long end = System.nanoTime() + AMPLE.toNanos();
        next.equals(first) && System.nanoTime() < end; ) {
      next = names.lookup("backend", AMPLE).orElseThrow().get(0);
    }
    assertThat(next).isNotEqualTo(first);
  }
}
