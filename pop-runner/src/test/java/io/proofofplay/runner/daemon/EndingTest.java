package io.proofofplay.runner.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.cli.ExitCode;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process that is told to end says of its stop. */
@Timeout(30)
final class EndingTest {

  private static final Duration AMPLE = Duration.ofSeconds(20);

  @Test
  void aStopThatReturnsIsAnEndInGoodOrder() {
    AtomicBoolean stopped = new AtomicBoolean();
    assertThat(Ending.stop(() -> stopped.set(true), AMPLE, Thread::start)).isEqualTo(ExitCode.DONE);
    assertThat(stopped).isTrue();
  }

  @Test
  void aStopThatBreaksOffIsNoEndInGoodOrder() {
    Runnable broken =
        () -> {
          throw new OutOfMemoryError("unable to create native thread");
        };
    assertThat(Ending.stop(broken, AMPLE, Thread::start)).isEqualTo(ExitCode.INTERNAL);
  }

  @Test
  void aStopThatHangsIsLeftBehind() {
    CountDownLatch never = new CountDownLatch(1);
    Runnable hanging =
        () -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    assertThat(Ending.stop(hanging, Duration.ofMillis(20), Thread::start))
        .isEqualTo(ExitCode.INTERNAL);
    never.countDown();
  }

  @Test
  void withoutAThreadToBeHadItStopsAllTheSame() {
    AtomicBoolean stopped = new AtomicBoolean();
    int code =
        Ending.stop(
            () -> stopped.set(true),
            AMPLE,
            thread -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    assertThat(stopped).isTrue();
    assertThat(code).isEqualTo(ExitCode.DONE);
  }
}
