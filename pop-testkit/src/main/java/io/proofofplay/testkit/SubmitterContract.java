package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The rules of the port {@link Submitter}, SU-1 to SU-9, as tests.
 *
 * <p>A test class implements this and says how to get a destination that it has under control.
 * Everything runs in real time; the submitter should use the system's clocks.
 *
 * <p>The rules about failures run once for each {@link Trouble}. A trouble that the destination
 * cannot stage is skipped with a reason.
 */
// Closing in the middle of a test is what some rules are about.
@SuppressWarnings("try")
public interface SubmitterContract {

  /** What can be wrong with a destination. */
  enum Trouble {
    /** Nothing is there: no server listens, the directory is missing. */
    ABSENT,
    /** It is there, and says that it does not take anything now. */
    REFUSING,
    /** It takes a part of an attempt and breaks off without an answer. */
    BREAKING_OFF,
    /** It takes an attempt and never answers. */
    HANGING,
    /** It answers something that nobody understands. */
    BABBLING
  }

  /**
   * An attempt as the destination saw it.
   *
   * @param batchId the batch's id as the destination was told; empty if it is not told any
   * @param body all that was sent, one character for each byte (ISO 8859-1)
   */
  record Arrival(String batchId, String body) {

    /**
     * An attempt from its bytes.
     *
     * @param batchId the batch's id as the destination was told; empty if it is not told any
     * @param body all that was sent
     * @return the attempt
     */
    public static Arrival of(String batchId, byte[] body) {
      return new Arrival(batchId, new String(body, StandardCharsets.ISO_8859_1));
    }
  }

  /** A destination under the test's control. It is well until it suffers from something. */
  interface Destination extends AutoCloseable {

    /**
     * Makes a submitter to this destination. The contract closes it.
     *
     * @return a new one at each call
     * @throws Exception if it cannot be made; the test fails
     */
    Submitter submitter() throws Exception;

    /**
     * What the destination has taken and confirmed, in order: for each confirmed attempt, the bytes
     * of each of its events. An event that was confirmed in two attempts stands there twice. What
     * was taken without a confirmation, such as from an attempt that was broken off, is not there,
     * unless it really stays in the destination where everybody takes it for confirmed, as half a
     * line in a file does.
     *
     * @return the bytes of each event
     * @throws Exception if it cannot be looked at; the test fails
     */
    List<byte[]> received() throws Exception;

    /**
     * From now on the destination has this trouble, and no other, until {@link #recover()}. An
     * implementation that cannot stage one hands it to this method, which skips the test.
     *
     * @param trouble what is wrong
     * @throws Exception if it cannot be staged; the test fails
     */
    default void suffer(Trouble trouble) throws Exception {
      Assumptions.abort("this destination cannot be made to be " + trouble);
    }

    /**
     * The destination is well again, at the same address. Must be there if any trouble is.
     *
     * @throws Exception if it cannot be staged; the test fails
     */
    default void recover() throws Exception {
      Assumptions.abort("this destination cannot recover");
    }

    /**
     * Blocks until an attempt hangs in a destination that is {@link Trouble#HANGING}.
     *
     * @throws Exception if none comes within 10 s, or the thread is interrupted; the test fails
     */
    default void awaitHanging() throws Exception {
      Assumptions.abort("this destination cannot tell that an attempt hangs in it");
    }

    /**
     * Every attempt that arrived in full, confirmed or not.
     *
     * @return in order
     * @throws Exception if it cannot be looked at; the test fails
     */
    default List<Arrival> arrivals() throws Exception {
      return Assumptions.abort("this destination does not keep what it did not confirm");
    }

    /**
     * A secret that the submitter was given for this destination.
     *
     * @return the secret, at least 8 characters
     */
    default String secret() {
      return Assumptions.abort("the submitter is given no secret");
    }

    @Override
    void close() throws IOException;
  }

  /**
   * A fresh destination that is well.
   *
   * @return the destination; the contract closes it
   * @throws Exception if it cannot be had; the test fails
   */
  Destination destination() throws Exception;

  /**
   * How long an attempt may take where nothing is expected to hang.
   *
   * @return 10 s unless overridden
   */
  default Duration timeout() {
    return Patience.generous();
  }

  /** SU-1, the good case: without it, a submitter that never delivers would pass. */
  @Test
  default void su1_whatTheDestinationConfirmedIsDelivered() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      Batch batch = Trials.batch(0, Events.numbered(3));

      SubmitResult result = submitter.submit(batch, Trials.attempt(timeout(), batch));

      assertThat(result).isInstanceOf(Delivered.class);
      Trials.expectReceived(destination, batch.events());
    }
  }

  /** SU-1 for each trouble. */
  @TestFactory
  default Stream<DynamicTest> su1_nothingIsDeliveredThatWasNotConfirmed() {
    return Trials.eachTrouble(
        trouble -> {
          try (Destination destination = destination();
              Submitter submitter = destination.submitter()) {
            destination.suffer(trouble);
            Batch batch = Trials.batch(0, Events.numbered(3));

            SubmitResult result =
                submitter.submit(batch, Trials.attempt(Duration.ofMillis(500), batch));

            boolean confirmed = destination.received().size() >= batch.size();
            assertThat(result instanceof Delivered && !confirmed)
                .as("answered %s, and the destination has confirmed nothing", result)
                .isFalse();
          }
        });
  }

  /** SU-2. */
  @Test
  default void su2_eventsArriveWithTheirOwnBytesInTheOrderOfTheBatch() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      List<PopEvent> events = new ArrayList<>(Events.numbered(200));
      events.addAll(Events.awkward());
      events.add(Events.ofLength(200, 100_000));
      Batch large = Trials.batch(0, events);
      Batch single = Trials.batch(1, Events.numbered(201, 202));
      List<PopEvent> expected = new ArrayList<>(events);
      expected.addAll(single.events());

      Trials.deliver(submitter, large, timeout());
      Trials.deliver(submitter, single, timeout());

      Trials.expectReceived(destination, expected);
    }
  }

  /** SU-3. */
  @Test
  default void su3_twoAttemptsSendTheSameBytes() throws Exception {
    try (Destination destination = destination()) {
      Batch batch = Trials.batch(7, Events.awkward());
      try (Submitter submitter = destination.submitter()) {
        Trials.deliver(submitter, batch, timeout());
      }
      try (Submitter afterRestart = destination.submitter()) {
        Trials.deliver(afterRestart, Trials.batch(7, Events.awkward()), timeout());
      }

      List<PopEvent> expected = new ArrayList<>(batch.events());
      expected.addAll(batch.events());
      Trials.expectReceived(destination, expected);
    }
  }

  /** SU-3, as the destination sees it. */
  @Test
  default void su3_anAttemptAfterAFailureArrivesUnderTheSameId() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      Batch batch = Trials.batch(7, Events.awkward());
      int before = destination.arrivals().size();
      destination.suffer(Trouble.REFUSING);
      SubmitResult unused = submitter.submit(batch, Trials.attempt(timeout(), batch));
      destination.recover();
      Trials.deliver(submitter, batch, timeout());

      List<Arrival> arrivals = destination.arrivals();
      assertThat(arrivals.size() - before).as("attempts that arrived").isGreaterThan(1);
      Arrival first = arrivals.get(before);
      for (Arrival later : arrivals.subList(before, arrivals.size())) {
        assertThat(later.batchId()).isEqualTo(first.batchId());
        assertThat(later.body()).isEqualTo(first.body());
      }
    }
  }

  /** SU-3: one id never stands for two bodies. */
  @Test
  default void su3_aPartArrivesUnderAnIdOfItsOwn() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      Batch batch = Trials.batch(7, Events.numbered(4));
      int before = destination.arrivals().size();
      Trials.deliver(submitter, batch, timeout());
      Trials.deliver(submitter, batch.part(0, 2), timeout());
      Trials.deliver(submitter, batch.part(2, 4), timeout());

      List<String> ids =
          destination.arrivals().stream().skip(before).map(Arrival::batchId).toList();
      Assumptions.assumeFalse(
          ids.stream().allMatch(String::isEmpty), "the destination is not told the batch's id");
      assertThat(ids).hasSize(3).doesNotHaveDuplicates().doesNotContain("");
    }
  }

  /** SU-4 for each trouble. */
  @TestFactory
  default Stream<DynamicTest> su4_aFailureIsAValue() {
    return Trials.eachTrouble(
        trouble -> {
          try (Destination destination = destination();
              Submitter submitter = destination.submitter()) {
            destination.suffer(trouble);
            Batch batch = Trials.batch(0, Events.numbered(2));

            assertThatCode(
                    () -> {
                      SubmitResult result =
                          submitter.submit(batch, Trials.attempt(Duration.ofMillis(500), batch));
                      assertThat(result).isNotNull();
                      assertThat(result.reason().text()).as("the reason").isNotBlank();
                    })
                .doesNotThrowAnyException();
          }
        });
  }

  /** SU-5, with more for a busy machine. */
  @Test
  default void su5_submitReturnsWhenItsTimeoutHasPassed() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      destination.suffer(Trouble.HANGING);
      Duration timeout = Duration.ofMillis(700);
      Batch batch = Trials.batch(0, Events.numbered(2));

      Background<SubmitResult> submitting =
          Background.start("submit", () -> submitter.submit(batch, Trials.attempt(timeout, batch)));

      SubmitResult result = submitting.resultWithin(timeout.plus(Patience.oneSecondRule()));
      assertThat(result).isInstanceOf(Later.class);
    }
  }

  /** SU-6, with more for a busy machine. */
  @Test
  default void su6_closeEndsARunningSubmit() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      destination.suffer(Trouble.HANGING);
      Batch batch = Trials.batch(0, Events.numbered(2));
      Background<SubmitResult> submitting =
          Background.start(
              "submit",
              () -> submitter.submit(batch, Trials.attempt(Duration.ofMinutes(5), batch)));
      destination.awaitHanging();
      assertThat(submitting.isRunning()).as("submit waits for the destination").isTrue();

      Background<Void> closing =
          Background.start(
              "close",
              () -> {
                submitter.close();
                return null;
              });

      SubmitResult result = submitting.resultWithin(Patience.oneSecondRule());
      assertThat(result).isNotInstanceOf(Delivered.class);
      closing.resultWithin(Patience.oneSecondRule());
    }
  }

  /** SU-6. */
  @Test
  default void su6_submitAfterCloseIsLaterAndClosingTwiceIsFine() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      Trials.deliver(submitter, Trials.batch(0, Events.numbered(1)), timeout());
      submitter.close();
      submitter.close();
      Batch batch = Trials.batch(1, Events.numbered(1, 2));

      SubmitResult result = submitter.submit(batch, Trials.attempt(timeout(), batch));

      assertThat(result).isInstanceOf(Later.class);
      assertThat(destination.received()).hasSize(1);
    }
  }

  /** SU-6. */
  @Test
  default void su6_closingBeforeTheFirstSubmitIsFine() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      submitter.close();
      Batch batch = Trials.batch(0, Events.numbered(1));

      SubmitResult result = submitter.submit(batch, Trials.attempt(timeout(), batch));

      assertThat(result).isInstanceOf(Later.class);
    }
  }

  /** SU-7. */
  @Test
  default void su7_aDestinationThatIsNotThereIsLater() throws Exception {
    try (Destination destination = destination();
        Submitter submitter = destination.submitter()) {
      destination.suffer(Trouble.ABSENT);
      Batch batch = Trials.batch(0, Events.numbered(2));

      SubmitResult result = submitter.submit(batch, Trials.attempt(timeout(), batch));

      assertThat(result).isInstanceOf(Later.class);
    }
  }

  /** SU-8 for each trouble: nothing of the failed attempt shows up in what the destination has. */
  @TestFactory
  default Stream<DynamicTest> su8_theAttemptAfterAFailureIsDelivered() {
    return Trials.eachTrouble(
        trouble -> {
          try (Destination destination = destination();
              Submitter submitter = destination.submitter()) {
            Batch first = Trials.batch(0, Events.numbered(3));
            Batch second = Trials.batch(1, Events.numbered(3, 6));
            Trials.deliver(submitter, first, timeout());
            destination.suffer(trouble);
            SubmitResult result =
                submitter.submit(second, Trials.attempt(Duration.ofMillis(500), second));
            destination.recover();

            Trials.deliver(submitter, second, timeout());

            List<PopEvent> expected = new ArrayList<>(first.events());
            if (result instanceof Delivered) {
              expected.addAll(second.events());
            }
            expected.addAll(second.events());
            Trials.expectReceived(destination, expected);
          }
        });
  }

  /** SU-9 for each trouble. */
  @TestFactory
  default Stream<DynamicTest> su9_noSecretStandsInAReason() {
    return Trials.eachTrouble(
        trouble -> {
          try (Destination destination = destination();
              Submitter submitter = destination.submitter()) {
            String secret = destination.secret();
            assertThat(secret).hasSizeGreaterThanOrEqualTo(8);
            destination.suffer(trouble);
            Batch batch = Trials.batch(0, Events.numbered(1));

            SubmitResult result =
                submitter.submit(batch, Trials.attempt(Duration.ofMillis(500), batch));

            assertThat(result.toString()).doesNotContain(secret);
          }
        });
  }
}
