package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.SpoolStats;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the books are off by is told, whichever way it is. */
final class BalanceTest {

  /** A start had found three events. */
  private static final SpoolStats STATS =
      new SpoolStats(0, 0, 0, 0, 0, Optional.empty(), 0, 3, 0, 0, 0, 0);

  private static LaneBooks.Balance waiting(long events) {
    return new LaneBooks.Balance(
        STATS,
        10,
        4,
        events,
        1,
        Map.of(DropReason.FULL_NEWEST, 2L, DropReason.TOO_OLD, 1L),
        Optional.empty());
  }

  @Test
  void whatCameIsWhatWentAndWhatWaits() {
    assertThat(waiting(5).imbalance()).isZero();
  }

  @Test
  void anEventThatIsNowhereAndOneThatNobodySentAreToldApart() {
    assertThat(waiting(4).imbalance()).isEqualTo(1);
    assertThat(waiting(7).imbalance()).isEqualTo(-2);
  }
}
