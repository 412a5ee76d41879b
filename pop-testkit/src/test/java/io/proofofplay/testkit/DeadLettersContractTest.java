package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of the contract finds dead letters that break it. */
class DeadLettersContractTest {

  static List<Arguments> faults() {
    return List.of(
        Arguments.of("dl1_", WriteWhenClosed.class),
        Arguments.of("dl2_", CutOffTheAnswer.class),
        Arguments.of("dl3_", KeepWhatTheyRefused.class),
        Arguments.of("dl3_", FailForGood.class),
        Arguments.of("dl4_", PutTheNewestFirst.class));
  }

  @ParameterizedTest(name = "{0} finds dead letters that {1}")
  @MethodSource("faults")
  void everyRuleFindsDeadLettersThatBreakIt(String rule, Class<?> faulty) {
    Verdict.expectFound(rule, faulty);
  }

  @Test
  void whatAPlaceCannotStageIsSkippedWithAReason() {
    assertThat(Verdict.skips(Verdict.run("dl", CanStageNothing.class)))
        .containsExactlyInAnyOrder(
            "a power cut cannot be staged here", "a disk that takes nothing cannot be staged here");
  }

  static class CanStageNothing implements DeadLettersContract {
    @Override
    public Place place() {
      MemoryDeadLettersTest.MemoryLetters good = new MemoryDeadLettersTest.MemoryLetters();
      return new Place() {
        @Override
        public DeadLetters open() throws IOException {
          return good.open();
        }

        @Override
        public List<DeadLetter> read() {
          return good.read();
        }

        @Override
        public void close() {}
      };
    }
  }

  /** Dead letters in a list, with one fault built in by a subclass. */
  abstract static class Faulty implements DeadLettersContract {

    final List<DeadLetter> kept = new ArrayList<>();
    boolean damaged;

    @Override
    public Place place() {
      return new MemoryDeadLettersTest.MemoryLetters() {
        @Override
        public DeadLetters open() {
          return new DeadLetters() {
            @Override
            public void put(DeadLetter letter) throws IOException {
              Faulty.this.put(letter);
            }

            @Override
            public void close() {
              Faulty.this.end();
            }
          };
        }

        @Override
        public List<DeadLetter> read() {
          return List.copyOf(kept);
        }

        @Override
        public void damage() {
          damaged = true;
        }

        @Override
        public void repair() {
          damaged = false;
        }
      };
    }

    void put(DeadLetter letter) throws IOException {
      expectWell();
      kept.add(letter);
    }

    void end() {}

    void expectWell() throws IOException {
      if (damaged) {
        throw new IOException("damaged");
      }
    }
  }

  static class WriteWhenClosed extends Faulty {
    private final List<DeadLetter> pending = new ArrayList<>();

    @Override
    void put(DeadLetter letter) {
      pending.add(letter);
    }

    @Override
    void end() {
      kept.addAll(pending);
    }
  }

  static class CutOffTheAnswer extends Faulty {
    @Override
    void put(DeadLetter letter) throws IOException {
      super.put(
          new DeadLetter(
              letter.time(), letter.batch(), Reason.of(letter.reason().text()), letter.event()));
    }
  }

  static class KeepWhatTheyRefused extends Faulty {
    @Override
    void put(DeadLetter letter) throws IOException {
      kept.add(letter);
      expectWell();
    }
  }

  static class FailForGood extends Faulty {
    private boolean failed;

    @Override
    void put(DeadLetter letter) throws IOException {
      failed |= damaged;
      if (failed) {
        throw new IOException("failed before");
      }
      super.put(letter);
    }
  }

  static class PutTheNewestFirst extends Faulty {
    @Override
    void put(DeadLetter letter) throws IOException {
      super.put(letter);
      Collections.rotate(kept, 1);
    }
  }
}
