package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.Reason;
import java.util.Arrays;
import java.util.List;

/** The letters of {@link DeadLettersContract}. */
final class Letters {

  private Letters() {}

  static DeadLetter number(int number) {
    return new DeadLetter(
        ManualTime.START.plusSeconds(number),
        BatchId.of("life", number),
        new Reason("answered 422", 422, "no. " + number),
        Events.number(number));
  }

  static void expect(List<DeadLetter> read, int... numbers) {
    assertThat(read.stream().map(letter -> letter.event().json()))
        .containsExactlyElementsOf(
            Arrays.stream(numbers).mapToObj(number -> Events.number(number).json()).toList());
  }
}
