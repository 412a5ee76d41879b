package io.proofofplay.runner.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.Renewable;
import io.proofofplay.testkit.Await;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BoundedReadingTest {

  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();

  private String hang() {
    begun.incrementAndGet();
    try {
      answers.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return "read " + ended.incrementAndGet();
  }

  @AfterEach
  void nothingIsLeftHanging() {
    answers.countDown();
  }

  @Test
  void aPlaceThatHangsIsLeftInTimeAndTheOldValueStays() {
    Renewable<String> value =
        Renewable.from("old", new BoundedReading<>(this::hang, Duration.ofMillis(1)));
    assertThat(value.renew()).isFalse();
    assertThat(value.get()).isEqualTo("old");
    assertThat(value.unread()).contains("there was no answer within 0 s");
  }

  @Test
  void whileAReadingHangsNoOtherOneBegins() throws Exception {
    BoundedReading<String> reading = new BoundedReading<>(this::hang, Duration.ofMillis(1));
    assertThatThrownBy(reading::get).hasMessageContaining("within");
    Await.until("the reading to begin", () -> begun.get() == 1);
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(reading::get).hasMessage("an earlier reading of it has not ended yet");
    }
    assertThat(begun).hasValue(1);
  }

  @Test
  void onceThePlaceAnswersItIsReadAnew() throws Exception {
    BoundedReading<String> reading = new BoundedReading<>(this::hang, Duration.ofSeconds(1));
    assertThatThrownBy(reading::get).hasMessage("there was no answer within 1 s");
    answers.countDown();
    Await.until("the old reading to end", () -> ended.get() == 1);
    Renewable<String> value = Renewable.from("old", reading);
    Await.until("a new reading", value::renew);
    assertThat(value.get()).startsWith("read ").isNotEqualTo("read 1");
  }

  @Test
  void whatThePlaceThrowsIsThrown() {
    Template.Unresolved fault = new Template.Unresolved("the file pw does not exist");
    BoundedReading<String> reading =
        new BoundedReading<>(
            () -> {
              throw fault;
            });
    assertThatThrownBy(reading::get).isSameAs(fault);
    assertThatThrownBy(reading::get).isSameAs(fault);
  }
}
