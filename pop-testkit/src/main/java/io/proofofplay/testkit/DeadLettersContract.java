package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The rules of the port {@link DeadLetters}, DL-1 to DL-9, as tests.
 *
 * <p>What a place cannot stage is skipped with a reason.
 */
// Closing in the middle of a test is what some rules are about.
@SuppressWarnings("try")
public interface DeadLettersContract {

  /** Where dead letters are kept, under the test's control. */
  interface Place extends AutoCloseable {

    /**
     * Opens the dead letters, always the same ones.
     *
     * @return dead letters; the contract closes them before it opens them again, save after {@link
     *     #kill()}
     * @throws IOException if that fails; the test fails
     */
    DeadLetters open() throws IOException;

    /**
     * Reads what is kept, as an operator would, whether or not the dead letters are open.
     *
     * @return all letters in their order
     * @throws IOException if that fails; the test fails
     */
    List<DeadLetter> read() throws IOException;

    /**
     * The power fails: what is open is dead, and what was not forced is lost.
     *
     * @throws IOException if it cannot be staged; the test fails
     */
    default void kill() throws IOException {
      Assumptions.abort("a power cut cannot be staged here");
    }

    /**
     * From now on the disk takes nothing, until {@link #repair()}.
     *
     * @throws IOException if it cannot be staged; the test fails
     */
    default void damage() throws IOException {
      Assumptions.abort("a disk that takes nothing cannot be staged here");
    }

    /**
     * The disk takes everything again. Must be there if {@link #damage()} is.
     *
     * @throws IOException if it cannot be staged; the test fails
     */
    default void repair() throws IOException {
      Assumptions.abort("the disk cannot be repaired here");
    }

    /**
     * Whether letters can be asked back: the rules from DL-5 on are for such a place.
     *
     * @return whether they can
     */
    default boolean givesBack() {
      return false;
    }

    /**
     * Reads what was discarded, as an operator would.
     *
     * @return the letters in their order
     * @throws IOException if that fails; the test fails
     */
    default List<DeadLetter> readDiscarded() throws IOException {
      return List.of();
    }

    /**
     * Asks for something, as an operator would.
     *
     * @param action what is to become of letters
     * @param batches which ones
     * @throws IOException if that fails; the test fails
     */
    default void ask(DeadLetterRequest.Action action, Set<String> batches) throws IOException {
      Assumptions.abort("nothing can be asked for here");
    }

    @Override
    void close() throws IOException;
  }

  /**
   * A fresh place without letters.
   *
   * @return the place; the contract closes it
   * @throws Exception if it cannot be had; the test fails
   */
  Place place() throws Exception;

  /** DL-1. */
  @Test
  default void dl1_aLetterThatWasPutSurvivesAPowerCut() throws Exception {
    try (Place place = place()) {
      DeadLetters letters = place.open();
      letters.put(Letters.number(0));
      letters.put(Letters.number(1));
      place.kill();

      try (DeadLetters reopened = place.open()) {
        reopened.put(Letters.number(2));
      }

      Letters.expect(place.read(), 0, 1, 2);
    }
  }

  /** DL-1. */
  @Test
  default void dl1_aLetterThatWasPutIsThereBeforeTheClosing() throws Exception {
    try (Place place = place();
        DeadLetters letters = place.open()) {
      letters.put(Letters.number(0));

      Letters.expect(place.read(), 0);
    }
  }

  /** DL-2. */
  @Test
  default void dl2_whatWasPutCanBeReadBack() throws Exception {
    List<DeadLetter> put = new ArrayList<>();
    int number = 0;
    for (PopEvent event : Events.awkward()) {
      BatchId whole = BatchId.of("life_1", number);
      put.add(
          new DeadLetter(
              Instant.parse("2026-03-01T12:00:00Z").plusSeconds(number),
              number % 2 == 0 ? whole : whole.part(number, number + 1),
              new Reason(
                  "answered \"no\" \\ \u00e9\n\t" + number,
                  number == 0 ? 0 : 400 + number,
                  number % 3 == 0 ? "" : "{\"error\": \"\u0000 \u2028 <b>\uD83D\uDE00</b>\"}\r\n"),
              event));
      number++;
    }
    try (Place place = place()) {
      try (DeadLetters letters = place.open()) {
        for (DeadLetter letter : put) {
          letters.put(letter);
        }
      }

      List<DeadLetter> read = place.read();

      assertThat(read.stream().map(letter -> letter.event().json()))
          .containsExactlyElementsOf(put.stream().map(letter -> letter.event().json()).toList());
      assertThat(read.stream().map(DeadLetter::batch))
          .containsExactlyElementsOf(put.stream().map(DeadLetter::batch).toList());
      assertThat(read.stream().map(DeadLetter::reason))
          .containsExactlyElementsOf(put.stream().map(DeadLetter::reason).toList());
    }
  }

  /** DL-3. */
  @Test
  default void dl3_aPutThatThrowsKeepsNothingAndALaterOneSucceeds() throws Exception {
    try (Place place = place()) {
      try (DeadLetters letters = place.open()) {
        letters.put(Letters.number(0));
        place.damage();
        assertThatThrownBy(() -> letters.put(Letters.number(1))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> letters.put(Letters.number(1))).isInstanceOf(IOException.class);
        place.repair();
        Letters.expect(place.read(), 0);

        letters.put(Letters.number(2));
      }

      Letters.expect(place.read(), 0, 2);
    }
  }

  /** DL-4. */
  @Test
  default void dl4_lettersStayInTheirOrderAcrossReopenings() throws Exception {
    try (Place place = place()) {
      int[] numbers = new int[60];
      for (int life = 0; life < 3; life++) {
        try (DeadLetters letters = place.open()) {
          for (int i = life * 20; i < life * 20 + 20; i++) {
            numbers[i] = i;
            letters.put(Letters.number(i));
          }
        }
      }

      Letters.expect(place.read(), numbers);
    }
  }

  /** A place that gives letters back, with letters 0 to 5 in it. */
  private Place filled() throws Exception {
    Place place = place();
    if (!place.givesBack()) {
      place.close();
      Assumptions.abort("letters are not given back here");
    }
    try (DeadLetters letters = place.open()) {
      for (int i = 0; i < 6; i++) {
        letters.put(Letters.number(i));
      }
    }
    return place;
  }

  /** DL-5. */
  @Test
  default void dl5_thoseThatWereTakenGoAndTheOthersStayInOrder() throws Exception {
    try (Place place = filled()) {
      TakingLetters taker = new TakingLetters(1, 2, 5);
      try (DeadLetters letters = place.open()) {
        assertThat(letters.takeOut(taker)).isEqualTo(3);

        Letters.expect(place.read(), 0, 3, 4);
        letters.put(Letters.number(6));
      }

      Letters.expect(place.read(), 0, 3, 4, 6);
      Letters.expect(taker.seen(), 0, 1, 2, 3, 4, 5);
      Letters.expect(taker.kept(), 1, 2, 5);
    }
  }

  /** DL-5. */
  @Test
  default void dl5_nothingGoesBeforeItIsKept() throws Exception {
    try (Place place = filled()) {
      List<DeadLetter> whileKeeping = new ArrayList<>();
      TakingLetters taker = new TakingLetters(0, 1, 2, 3, 4, 5);
      taker.whenKeeping(() -> whileKeeping.addAll(place.read()));
      try (DeadLetters letters = place.open()) {
        assertThat(letters.takeOut(taker)).isEqualTo(6);
      }

      Letters.expect(whileKeeping, 0, 1, 2, 3, 4, 5);
      Letters.expect(place.read());
    }
  }

  /** DL-6. */
  @Test
  default void dl6_aTakerThatCannotKeepLeavesAllWhereTheyWere() throws Exception {
    try (Place place = filled()) {
      TakingLetters taker = new TakingLetters(1, 4);
      taker.whenKeeping(
          () -> {
            throw new IOException("no room");
          });
      try (DeadLetters letters = place.open()) {
        assertThatThrownBy(() -> letters.takeOut(taker)).hasMessageContaining("no room");
        Letters.expect(place.read(), 0, 1, 2, 3, 4, 5);

        letters.put(Letters.number(6));
      }

      Letters.expect(place.read(), 0, 1, 2, 3, 4, 5, 6);
    }
  }

  /** DL-6. */
  @Test
  default void dl6_afterAPowerCutEveryLetterIsThereOrWasKept() throws Exception {
    try (Place place = filled()) {
      TakingLetters taker = new TakingLetters(1, 4);
      DeadLetters unused = place.open();
      assertThat(unused.takeOut(taker)).isEqualTo(2);
      place.kill();

      List<String> left = new ArrayList<>();
      place.read().forEach(letter -> left.add(letter.event().json()));
      taker.kept().forEach(letter -> left.add(letter.event().json()));
      assertThat(left).containsAll(Events.numbered(6).stream().map(PopEvent::json).toList());
    }
  }

  /** DL-7. */
  @Test
  default void dl7_whatIsDiscardedIsWrittenDown() throws Exception {
    try (Place place = filled()) {
      try (DeadLetters letters = place.open()) {
        String batch = Letters.number(2).batch().toString();
        assertThat(
                letters.discard(Instant.EPOCH, letter -> letter.batch().toString().equals(batch)))
            .isEqualTo(1);
      }

      Letters.expect(place.read(), 0, 1, 3, 4, 5);
      Letters.expect(place.readDiscarded(), 2);
    }
  }

  /** DL-7. */
  @Test
  default void dl7_whatCannotBeWrittenDownIsNotDiscarded() throws Exception {
    try (Place place = filled()) {
      try (DeadLetters letters = place.open()) {
        place.damage();
        assertThatThrownBy(() -> letters.discard(Instant.EPOCH, letter -> true))
            .isInstanceOf(IOException.class);
        place.repair();
      }

      Letters.expect(place.read(), 0, 1, 2, 3, 4, 5);
    }
  }

  /** DL-8. */
  @Test
  default void dl8_aRequestIsTakenOnce() throws Exception {
    try (Place place = filled()) {
      Set<String> batches = Set.of(Letters.number(2).batch().toString());
      try (DeadLetters letters = place.open()) {
        assertThat(letters.request()).isEmpty();
        place.ask(DeadLetterRequest.Action.RETRY, batches);

        DeadLetterRequest request = letters.request().orElseThrow();

        assertThat(request.action()).isEqualTo(DeadLetterRequest.Action.RETRY);
        assertThat(request.batches()).isEqualTo(batches);
        assertThat(letters.request()).isEmpty();
      }
      try (DeadLetters letters = place.open()) {
        assertThat(letters.request()).isEmpty();
      }
    }
  }

  /** DL-9. */
  @Test
  default void dl9_thoseThatAreHereAreCountedAcrossReopenings() throws Exception {
    try (Place place = filled()) {
      try (DeadLetters letters = place.open()) {
        assertThat(letters.kept()).isEqualTo(6);
        letters.put(Letters.number(6));
        assertThat(letters.kept()).isEqualTo(7);
        assertThat(letters.takeOut(new TakingLetters(1, 2, 5))).isEqualTo(3);
        assertThat(letters.kept()).isEqualTo(4);
        String batch = Letters.number(3).batch().toString();
        assertThat(
                letters.discard(Instant.EPOCH, letter -> letter.batch().toString().equals(batch)))
            .isEqualTo(1);
        assertThat(letters.kept()).isEqualTo(3);
        place.damage();
        assertThatThrownBy(() -> letters.put(Letters.number(7))).isInstanceOf(IOException.class);
        place.repair();
        assertThat(letters.kept()).isEqualTo(3);
      }

      try (DeadLetters letters = place.open()) {
        assertThat(letters.kept()).isEqualTo(3);
      }
    }
  }
}
