package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of the contract finds a spool that breaks it. */
class SpoolContractTest {

  static List<Arguments> faults() {
    return List.of(
        Arguments.of("sp1_", MixesUpTheOrder.class),
        Arguments.of("sp1_", ForgetsTheSender.class),
        Arguments.of("sp2_", KeepsHalfOnAFullDisk.class),
        Arguments.of("sp3_", DoesNotForce.class),
        Arguments.of("sp3_", AcknowledgesAFailedForce.class),
        Arguments.of("sp4_", PeeksByTakingOut.class),
        Arguments.of("sp5_", IgnoresTheBatchPolicy.class),
        Arguments.of("sp5_", MixesSenders.class),
        Arguments.of("sp6_", CountsAnewInEachLife.class),
        Arguments.of("sp7_", RemovesTheWholeForAPart.class),
        Arguments.of("sp7_", RemovesWhateverItIsTold.class),
        Arguments.of("sp8_", BringsBackWhatWasRemoved.class),
        Arguments.of("sp9_", ForgetsTheOpenBatchWhenClosed.class),
        Arguments.of("sp10_", NeverCountsDown.class),
        Arguments.of("sp10_whatIsForced", ConfirmsNothing.class),
        Arguments.of("sp11_", KnowsNoBound.class),
        Arguments.of("sp11_", StaysFull.class),
        Arguments.of("sp12_", EvictsWhatIsInFlight.class),
        Arguments.of("sp13_", DropsWhatIsBeyondNewLimits.class),
        Arguments.of("sp14_", LooksAtTheOldestTwice.class),
        Arguments.of("sp15_", StaysWithItsLimits.class),
        Arguments.of("sp15_", BeginsEmptyWithNewLimits.class));
  }

  @ParameterizedTest(name = "{0} finds a spool that {1}")
  @MethodSource("faults")
  void everyRuleFindsASpoolThatBreaksIt(String rule, Class<?> faulty) {
    Verdict.expectFound(rule, faulty);
  }

  @Test
  void whatAPlaceCannotStageIsSkippedWithAReason() {
    assertThat(Verdict.skips(Verdict.run("sp", CanStageNothing.class)))
        .hasSizeGreaterThanOrEqualTo(5)
        .allMatch(reason -> reason.contains("cannot be staged here"));
  }

  @Test
  void aPlaceThatCanStageNothingPassesTheRest() {
    assertThat(Verdict.run("sp", CanStageNothing.class).testEvents().failed().count()).isZero();
  }

  static class CanStageNothing implements SpoolContract {
    @Override
    public Place place() {
      MemoryPlace place = new MemoryPlace();
      return new Place() {
        @Override
        public Spool open(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
            throws IOException {
          return place.open(keeping, batches, oneSender);
        }

        @Override
        public void close() {}
      };
    }
  }

  /** A good spool in memory, with one fault built in by a subclass. */
  abstract static class Faulty implements SpoolContract {

    @Override
    public Place place() {
      return new MemoryPlace() {
        @Override
        public Spool open(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
            throws IOException {
          return Faulty.this.open(this, keeping, batches, oneSender);
        }

        @Override
        public void fill() {
          Faulty.this.fill(storage);
        }
      };
    }

    Spool open(MemoryPlace place, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      return wrap(place.storage, place.storage.openSpool("sink", keeping, batches, oneSender));
    }

    Spool wrap(MemoryStorage storage, Spool good) {
      return good;
    }

    void fill(MemoryStorage storage) {
      storage.fill();
    }
  }

  static class MixesUpTheOrder extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public Append append(List<PopEvent> events) {
          List<PopEvent> mixed = new ArrayList<>(events.subList(1, events.size()));
          mixed.add(events.get(0));
          return super.append(mixed);
        }
      };
    }
  }

  static class ForgetsTheSender extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public Append append(List<PopEvent> events) {
          return super.append(events.stream().map(event -> PopEvent.of(event.bytes())).toList());
        }
      };
    }
  }

  static class KeepsHalfOnAFullDisk extends Faulty {
    private boolean full;

    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public Append append(List<PopEvent> events) {
          if (!full || events.size() < 10) {
            return super.append(events);
          }
          super.append(events.subList(0, events.size() / 2));
          return Append.NO_SPACE;
        }
      };
    }

    @Override
    void fill(MemoryStorage storage) {
      full = true;
    }
  }

  static class DoesNotForce extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public void sync() {}
      };
    }
  }

  static class AcknowledgesAFailedForce extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public void sync() {
          try {
            super.sync();
          } catch (IOException e) {
            assertThat(e).isNotNull();
          }
        }
      };
    }
  }

  static class PeeksByTakingOut extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public Optional<Batch> peek() throws IOException {
          Optional<Batch> taken = super.peek();
          taken.ifPresent(batch -> super.remove(batch.id()));
          return taken;
        }
      };
    }
  }

  static class IgnoresTheBatchPolicy extends Faulty {
    @Override
    Spool open(MemoryPlace place, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      return super.open(place, keeping, BatchPolicy.defaults(), oneSender);
    }
  }

  static class MixesSenders extends Faulty {
    @Override
    Spool open(MemoryPlace place, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      return super.open(place, keeping, batches, false);
    }
  }

  static class CountsAnewInEachLife extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        private long number;
        private BatchId good;

        @Override
        public Optional<Batch> peek() throws IOException {
          Optional<Batch> batch = super.peek();
          good = batch.map(Batch::id).orElse(null);
          return batch.map(one -> new Batch(BatchId.of("life", number), one.events()));
        }

        @Override
        public void remove(BatchId done) {
          number++;
          super.remove(good);
        }
      };
    }
  }

  static class RemovesTheWholeForAPart extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public void remove(BatchId done) {
          super.remove(done.whole());
        }
      };
    }
  }

  static class RemovesWhateverItIsTold extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public void remove(BatchId done) {
          try {
            super.remove(done);
          } catch (IllegalArgumentException e) {
            assertThat(e).isNotNull();
          }
        }
      };
    }
  }

  static class BringsBackWhatWasRemoved extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        private final List<PopEvent> removed = new ArrayList<>();

        @Override
        public Optional<Batch> peek() throws IOException {
          Optional<Batch> batch = super.peek();
          batch.ifPresent(one -> removed.addAll(one.events()));
          return batch;
        }

        @Override
        public void close() throws IOException {
          if (!removed.isEmpty()) {
            super.append(removed);
          }
          super.close();
        }
      };
    }
  }

  static class ForgetsTheOpenBatchWhenClosed extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public void close() {
          storage.kill();
        }
      };
    }
  }

  static class ConfirmsNothing extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public SpoolStats stats() {
          SpoolStats stats = super.stats();
          return new SpoolStats(
              stats.events(),
              stats.openEvents(),
              stats.openBytes(),
              stats.batches(),
              stats.bytes(),
              stats.oldest(),
              stats.appended(),
              stats.recovered(),
              stats.damaged(),
              stats.withdrawn(),
              stats.events(),
              stats.damagedAtStart());
        }
      };
    }
  }

  static class NeverCountsDown extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public SpoolStats stats() {
          SpoolStats stats = super.stats();
          return new SpoolStats(
              stats.appended() + stats.recovered(),
              stats.openEvents(),
              stats.openBytes(),
              stats.batches(),
              stats.bytes(),
              stats.oldest(),
              stats.appended(),
              stats.recovered(),
              stats.damaged(),
              stats.withdrawn(),
              stats.unconfirmed(),
              stats.damagedAtStart());
        }
      };
    }
  }

  static class KnowsNoBound extends Faulty {
    @Override
    Spool open(MemoryPlace place, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      return super.open(place, keeping.withMaxBytes(ByteSize.ofMiB(512)), batches, oneSender);
    }
  }

  static class StaysFull extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        private boolean full;

        @Override
        public Append append(List<PopEvent> events) {
          Append answer = full ? Append.FULL : super.append(events);
          full = answer == Append.FULL;
          return answer;
        }
      };
    }
  }

  static class EvictsWhatIsInFlight extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public Optional<Batch> evict(Optional<BatchId> inFlight) throws IOException {
          return super.evict(Optional.empty());
        }
      };
    }
  }

  static class DropsWhatIsBeyondNewLimits extends Faulty {
    @Override
    Spool open(MemoryPlace place, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      Spool spool = super.open(place, keeping, batches, oneSender);
      while (spool.stats().bytes() > keeping.maxBytes().bytes()) {
        assertThat(spool.evict(Optional.empty())).isPresent();
      }
      return spool;
    }
  }

  static class LooksAtTheOldestTwice extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public Optional<Batch> peekBehind(BatchId id) throws IOException {
          return super.peek();
        }
      };
    }
  }

  static class StaysWithItsLimits extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public void adopt(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender) {}
      };
    }
  }

  static class BeginsEmptyWithNewLimits extends Faulty {
    @Override
    Spool wrap(MemoryStorage storage, Spool good) {
      return new Through(good) {
        @Override
        public void adopt(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
            throws IOException {
          super.adopt(keeping, batches, oneSender);
          while (super.evict(Optional.empty()).isPresent()) {
            // Until nothing is left.
          }
        }
      };
    }
  }

  /** Hands everything on. */
  static class Through implements Spool {

    private final Spool good;

    Through(Spool good) {
      this.good = good;
    }

    @Override
    public Append append(List<PopEvent> events) {
      return good.append(events);
    }

    @Override
    public void sync() throws IOException {
      good.sync();
    }

    @Override
    public boolean roll() throws IOException {
      return good.roll();
    }

    @Override
    public Optional<Batch> peek() throws IOException {
      return good.peek();
    }

    @Override
    public Optional<Batch> peekBehind(BatchId id) throws IOException {
      return good.peekBehind(id);
    }

    @Override
    public void remove(BatchId done) {
      good.remove(done);
    }

    @Override
    public Optional<Batch> evict(Optional<BatchId> inFlight) throws IOException {
      return good.evict(inFlight);
    }

    @Override
    public void adopt(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      good.adopt(keeping, batches, oneSender);
    }

    @Override
    public SpoolStats stats() {
      return good.stats();
    }

    @Override
    public void close() throws IOException {
      good.close();
    }
  }
}
