package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
final class PatienceTest {

  private static final String SECONDS = "pop.testkit.patience";

  private final String before = System.getProperty(SECONDS, "");

  @AfterEach
  void asItWas() {
    if (before.isEmpty()) {
      System.clearProperty(SECONDS);
    } else {
      System.setProperty(SECONDS, before);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,2", "10,2", "20,3", "60,7"})
  void whoAsksForMorePatienceGetsItForRulesOfOneSecondToo(String asked, int seconds) {
    System.setProperty(SECONDS, asked);
    assertThat(Patience.oneSecondRule()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void whatNeverComesEndsTheWaitAndIsNamed() {
    System.setProperty(SECONDS, "0");
    assertThatThrownBy(() -> Await.until("the cows", () -> false))
        .isInstanceOf(AssertionError.class)
        .hasMessage("waited in vain for the cows");
  }

  @Test
  void whatIsSoIsNotWaitedFor() throws Exception {
    System.setProperty(SECONDS, "0");
    Await.until("nothing", () -> true);
  }

  @Test
  void anInterruptEndsTheWait() {
    // Beyond this test's own bound, so that a wait that goes on shows.
    System.setProperty(SECONDS, "40");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Await.until("the cows", () -> false))
        .isInstanceOf(AssertionError.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
