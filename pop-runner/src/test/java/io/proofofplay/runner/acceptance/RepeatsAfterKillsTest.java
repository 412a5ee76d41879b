package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the process tests judge by notices what it is there to notice. */
final class RepeatsAfterKillsTest {

  private final Books books = new Books();

  private static List<byte[]> events(int from, int to) {
    return IntStream.range(from, to).mapToObj(number -> new Play(0, number).bytes()).toList();
  }

  private void take(String key, int from, int to) {
    books.take(key, (from + " to " + to).getBytes(StandardCharsets.UTF_8), events(from, to));
  }

  @Test
  void whatWasInFlightAtAKillMayComeAgain() {
    take("a", 0, 10);
    take("b", 10, 20);
    books.senderWasKilled();
    take("b", 10, 20);
    take("c", 20, 30);

    assertThat(books.wrong()).isEmpty();
    assertThat(books.repeats()).isEqualTo(10);
    assertThat(books.repeatedBatches()).isEqualTo(1);
    assertThat(books.mostRepeatsAfterAKill()).isEqualTo(10);
  }

  @Test
  void withoutAKillNothingMayComeAgain() {
    take("a", 0, 10);
    take("a", 0, 10);

    assertThat(books.wrong()).singleElement().asString().contains("10 events came again");
  }

  @Test
  void whatWasConfirmedBeforeTheRequestInFlightMayNotComeAgain() {
    take("a", 0, 10);
    take("b", 10, 20);
    books.senderWasKilled();
    take("a", 0, 10);

    assertThat(books.wrong()).singleElement().asString().contains("not in flight at a kill");
  }

  @Test
  void afterAKillItMayComeAgainOnceAndNotMore() {
    take("a", 0, 10);
    books.senderWasKilled();
    take("a", 0, 10);
    take("a", 0, 10);

    assertThat(books.wrong()).singleElement().asString().contains("not in flight at a kill");
  }

  @Test
  void whatALifeHasPassedMayNotComeAgainAfterTheNextKill() {
    take("a", 0, 10);
    books.senderWasKilled();
    take("b", 10, 20);
    books.senderWasKilled();
    take("a", 0, 10);

    assertThat(books.wrong()).singleElement().asString().contains("not in flight at a kill");
  }

  @Test
  void aLifeThatSendsNothingLeavesInFlightWhatWas() {
    take("a", 0, 10);
    books.senderWasKilled();
    books.senderWasKilled();
    take("a", 0, 10);

    assertThat(books.wrong()).isEmpty();
  }

  @Test
  void afterAStopInGoodOrderNothingMayComeAgainThoughTheNextLifeIsKilledAtOnce() {
    take("a", 0, 10);
    books.senderHasStopped();
    books.senderWasKilled();
    take("a", 0, 10);

    assertThat(books.wrong()).singleElement().asString().contains("not in flight at a kill");
  }

  @Test
  void aStopInGoodOrderLeavesInFlightWhatAKillHadLeftAndItHasNotSent() {
    take("a", 0, 10);
    books.senderWasKilled();
    books.senderHasStopped();
    take("a", 0, 10);

    assertThat(books.wrong()).isEmpty();
    assertThat(books.mostRepeatsAfterAKill()).isEqualTo(10);
  }

  @Test
  void ofABatchThatWasCutTheRestAndTheLastPartMayComeAgain() {
    books.refuse(events(0, 20));
    take("a", 0, 10);
    books.senderWasKilled();
    take("b", 0, 5);
    books.senderWasKilled();
    take("c", 0, 20);

    assertThat(books.wrong()).isEmpty();
    assertThat(books.repeats()).isEqualTo(15);
    assertThat(books.mostRepeatsAfterAKill()).isEqualTo(10);
  }

  @Test
  void underAnotherKeyItMayComeAgainOnlyWhereItWasRefused() {
    take("a", 0, 10);
    books.refuse(events(20, 30));
    books.senderWasKilled();
    take("b", 0, 10);

    assertThat(books.wrong()).singleElement().asString().contains("under another key, b");
  }

  @Test
  void aKeyMayNotStandForTwoBodies() {
    take("a", 0, 10);
    books.senderWasKilled();
    take("a", 0, 9);

    assertThat(books.wrong()).singleElement().asString().contains("two bodies");
  }

  @Test
  void theMostRepeatsAreThoseOfOneLifeAndNotTheirSum() {
    take("a", 0, 10);
    books.senderWasKilled();
    take("a", 0, 10);
    books.senderWasKilled();
    take("a", 0, 10);
    take("b", 10, 40);
    books.senderWasKilled();
    take("b", 10, 40);

    assertThat(books.wrong()).isEmpty();
    assertThat(books.repeats()).isEqualTo(50);
    assertThat(books.mostRepeatsAfterAKill()).isEqualTo(30);
  }

  @Test
  void theOrderAndTheBytesAreLookedAt() {
    take("a", 5, 10);
    take("b", 0, 5);
    books.take(
        "c",
        new byte[0],
        List.of(
            "{\"uuid\":\"00000000-0000-4000-8000-00000000000c\"}"
                .getBytes(StandardCharsets.UTF_8)));

    assertThat(books.wrong()).anyMatch(each -> each.contains("came after"));
    assertThat(books.wrong()).anyMatch(each -> each.contains("came as"));
  }
}
