package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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
        Arguments.of("dl4_", PutTheNewestFirst.class),
        Arguments.of("dl5_thoseThat", TakeOutTooMuch.class),
        Arguments.of("dl5_nothing", RemoveBeforeTheyAreKept.class),
        Arguments.of("dl6_aTaker", RemoveBeforeTheyAreKept.class),
        Arguments.of("dl6_after", TakeOutTooMuch.class),
        Arguments.of("dl7_whatIs", DiscardInSilence.class),
        Arguments.of("dl7_whatCannot", DiscardWhatCannotBeWrittenDown.class),
        Arguments.of("dl8_", AnswerARequestForEver.class),
        Arguments.of("dl9_", CountOnlyThisLife.class));
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
            "a power cut cannot be staged here",
            "a disk that takes nothing cannot be staged here",
            "letters are not given back here",
            "letters are not given back here",
            "letters are not given back here",
            "letters are not given back here",
            "letters are not given back here",
            "letters are not given back here",
            "letters are not given back here",
            "letters are not given back here");
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
    final List<DeadLetter> discarded = new ArrayList<>();
    final List<DeadLetterRequest> requests = new ArrayList<>();
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
            public long takeOut(Taker taker) throws IOException {
              return Faulty.this.takeOut(taker);
            }

            @Override
            public long discard(Instant time, Predicate<DeadLetter> which) throws IOException {
              return Faulty.this.discard(which);
            }

            @Override
            public long kept() {
              return Faulty.this.count();
            }

            @Override
            public Optional<DeadLetterRequest> request() {
              return Faulty.this.request();
            }

            @Override
            public void close() {
              Faulty.this.end();
            }
          };
        }

        @Override
        public boolean givesBack() {
          return true;
        }

        @Override
        public List<DeadLetter> read() {
          return List.copyOf(kept);
        }

        @Override
        public List<DeadLetter> readDiscarded() {
          return discarded;
        }

        @Override
        public void ask(DeadLetterRequest.Action action, Set<String> batches) {
          requests.add(new DeadLetterRequest("one", action, batches));
        }

        @Override
        public void kill() {
          // What is kept in the list stays.
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

    long takeOut(DeadLetters.Taker taker) throws IOException {
      List<DeadLetter> taken = new ArrayList<>();
      for (DeadLetter letter : kept) {
        if (taker.take(letter)) {
          taken.add(letter);
        }
      }
      taker.keep();
      kept.removeAll(taken);
      return taken.size();
    }

    long discard(Predicate<DeadLetter> which) throws IOException {
      expectWell();
      List<DeadLetter> gone = kept.stream().filter(which).toList();
      discarded.addAll(gone);
      kept.removeAll(gone);
      return gone.size();
    }

    Optional<DeadLetterRequest> request() {
      return requests.isEmpty() ? Optional.empty() : Optional.of(requests.remove(0));
    }

    long count() {
      return kept.size();
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

  static class TakeOutTooMuch extends Faulty {
    @Override
    long takeOut(DeadLetters.Taker taker) throws IOException {
      long taken = super.takeOut(taker);
      kept.remove(0);
      return taken;
    }
  }

  static class RemoveBeforeTheyAreKept extends Faulty {
    @Override
    long takeOut(DeadLetters.Taker taker) throws IOException {
      List<DeadLetter> taken = new ArrayList<>();
      for (DeadLetter letter : kept) {
        if (taker.take(letter)) {
          taken.add(letter);
        }
      }
      kept.removeAll(taken);
      taker.keep();
      return taken.size();
    }
  }

  static class DiscardInSilence extends Faulty {
    @Override
    long discard(Predicate<DeadLetter> which) throws IOException {
      long gone = super.discard(which);
      discarded.clear();
      return gone;
    }
  }

  static class DiscardWhatCannotBeWrittenDown extends Faulty {
    @Override
    long discard(Predicate<DeadLetter> which) throws IOException {
      kept.removeIf(which);
      expectWell();
      return 0;
    }
  }

  static class AnswerARequestForEver extends Faulty {
    @Override
    Optional<DeadLetterRequest> request() {
      return requests.stream().findFirst();
    }
  }

  static class CountOnlyThisLife extends Faulty {
    private long before;

    @Override
    long count() {
      return kept.size() - before;
    }

    @Override
    void end() {
      before = kept.size();
    }
  }
}
