package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.testkit.SubmitterContract.Trouble;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** What the tests of {@link SubmitterContract} share. */
final class Trials {

  private Trials() {}

  /** A test for one trouble. */
  @FunctionalInterface
  interface Trial {
    void run(Trouble trouble) throws Exception;
  }

  static Stream<DynamicTest> eachTrouble(Trial trial) {
    return Arrays.stream(Trouble.values())
        .map(
            trouble -> DynamicTest.dynamicTest("destination " + trouble, () -> trial.run(trouble)));
  }

  static Batch batch(int number, List<PopEvent> events) {
    return new Batch(BatchId.of("contract", number), events);
  }

  static Attempt attempt(Duration timeout, Batch batch) {
    return new Attempt(timeout, batch.size());
  }

  static void deliver(Submitter submitter, Batch batch, Duration timeout)
      throws InterruptedException {
    assertThat(submitter.submit(batch, attempt(timeout, batch)))
        .as("the answer of a destination that is well")
        .isInstanceOf(Delivered.class);
  }

  /** Compares as text, one character for each byte, so that a difference can be read. */
  static void expectReceived(SubmitterContract.Destination destination, List<PopEvent> events)
      throws Exception {
    assertThat(text(destination.received()))
        .as("what the destination has confirmed")
        .containsExactlyElementsOf(text(Events.bytesOf(events)));
  }

  private static List<String> text(List<byte[]> lines) {
    return lines.stream().map(line -> new String(line, StandardCharsets.ISO_8859_1)).toList();
  }
}
