package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** How often something must fail before anything follows from it. */
class DoubtsTest {

  private final Doubts doubts = new Doubts();

  /** How often it was asked until it said yes. */
  private static int countUntil(BooleanSupplier answer) {
    int asked = 1;
    while (!answer.getAsBoolean()) {
      assertThat(asked++).isLessThan(100);
    }
    return asked;
  }

  @Test
  void aRangeIsHalvedAtItsThirdReset() {
    assertThat(countUntil(doubts::reset)).isEqualTo(3);
  }

  @Test
  void aRangeIsHalvedAtItsFifthFailureAndTheHalvesAtTheirSecond() {
    assertThat(countUntil(doubts::failedTogether)).isEqualTo(5);
    doubts.nextRange();
    assertThat(countUntil(doubts::failedTogether)).isEqualTo(2);
    doubts.nextRange();
    assertThat(countUntil(doubts::failedTogether)).isEqualTo(2);
  }

  @Test
  void aSingleEventIsComparedAfterSixFailuresAndAfterFifteenOnceTheOtherFailedToo() {
    assertThat(countUntil(this::failsAndWantsComparison)).isEqualTo(6);
    doubts.otherFailed();
    assertThat(countUntil(this::failsAndWantsComparison)).isEqualTo(15);
    doubts.nextRange();
    assertThat(countUntil(this::failsAndWantsComparison)).isEqualTo(6);
  }

  private boolean failsAndWantsComparison() {
    assertThat(doubts.failedAlone()).isFalse();
    return doubts.wantComparison();
  }

  @Test
  void anEventIsToBlameWhenAnotherPassedAndItFailedThreeTimes() {
    assertThat(countUntil(this::failsAndWantsComparison)).isEqualTo(6);
    assertThat(countUntil(this::otherPassesAndItFails)).isEqualTo(3);
  }

  private boolean otherPassesAndItFails() {
    doubts.otherPassed();
    assertThat(doubts.wantComparison()).isFalse();
    return doubts.failedAlone();
  }

  @Test
  void comparisonsAreCountedAndBeginAnewOnceOneHasPassed() {
    List<Integer> before = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      before.add(doubts.compare());
    }
    doubts.otherPassed();
    before.add(doubts.compare());
    assertThat(before).containsExactly(0, 1, 2, 0);
  }
}
