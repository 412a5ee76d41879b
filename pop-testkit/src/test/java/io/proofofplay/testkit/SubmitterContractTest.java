package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** Each rule of the contract finds a submitter that breaks it. */
class SubmitterContractTest {

  static List<Arguments> faults() {
    return List.of(
        Arguments.of("su1_", SaysDeliveredToEverything.class),
        Arguments.of("su1_", NeverDelivers.class),
        Arguments.of("su2_", TurnsTheBatchAround.class),
        Arguments.of("su2_", TidiesUpTheBytes.class),
        Arguments.of("su3_", CountsItsAttempts.class),
        Arguments.of("su3_", MakesUpItsIds.class),
        Arguments.of("su3_", SendsAPartUnderTheIdOfTheWhole.class),
        Arguments.of("su4_", ThrowsItsFailures.class),
        Arguments.of("su5_", WaitsForEver.class),
        Arguments.of("su6_", CannotBeClosed.class),
        Arguments.of("su6_", DeliversAfterItsEnd.class),
        Arguments.of("su7_", HoldsWhenNobodyIsThere.class),
        Arguments.of("su8_", NeverForgetsAFailure.class),
        Arguments.of("su8_", SendsWhatFailedOnceMoreBeforehand.class),
        Arguments.of("su9_", TellsItsSecret.class));
  }

  @ParameterizedTest(name = "{0} finds a submitter that {1}")
  @MethodSource("faults")
  void everyRuleFindsASubmitterThatBreaksIt(String rule, Class<?> faulty) {
    Verdict.expectFound(rule, faulty);
  }

  @Test
  void whatADestinationCannotStageIsSkippedWithAReason() {
    EngineExecutionResults results = Verdict.run("su", CanStageNothing.class);

    assertThat(results.testEvents().failed().count()).isZero();
    assertThat(Verdict.skips(results))
        .contains(
            "this destination cannot be made to be HANGING",
            "this destination does not keep what it did not confirm",
            "the submitter is given no secret")
        .doesNotContain("")
        .hasSizeGreaterThan(20);
  }

  static class CanStageNothing implements SubmitterContract {
    @Override
    public Destination destination() {
      MemoryDestination good = new MemoryDestination();
      return new Destination() {
        @Override
        public Submitter submitter() {
          return good.submitter();
        }

        @Override
        public List<byte[]> received() {
          return good.received();
        }

        @Override
        public void close() {
          good.close();
        }
      };
    }
  }

  /** A good destination in memory, and a submitter with one fault built in by a subclass. */
  abstract static class Faulty implements SubmitterContract {
    @Override
    public Destination destination() {
      return new MemoryDestination() {
        @Override
        public Submitter submitter() {
          Submitter good = super.submitter();
          return new Submitter() {
            @Override
            public SubmitResult submit(Batch batch, Attempt attempt) throws InterruptedException {
              return Faulty.this.submit(good, batch, attempt);
            }

            @Override
            public void close() {
              Faulty.this.close(good);
            }
          };
        }

        @Override
        public synchronized void suffer(Trouble wrong) {
          super.suffer(wrong);
          Faulty.this.suffer(this, wrong);
        }
      };
    }

    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      return good.submit(batch, attempt);
    }

    void close(Submitter good) {
      good.close();
    }

    void suffer(MemoryDestination destination, Trouble trouble) {}
  }

  static class SaysDeliveredToEverything extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      return new Delivered(super.submit(good, batch, attempt).reason());
    }
  }

  static class NeverDelivers extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) {
      return Later.because("tomorrow");
    }
  }

  static class TurnsTheBatchAround extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      List<PopEvent> turned = new ArrayList<>(batch.events());
      Collections.reverse(turned);
      return good.submit(new Batch(batch.id(), turned), attempt);
    }
  }

  static class TidiesUpTheBytes extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      List<PopEvent> tidy =
          batch.events().stream().map(event -> PopEvent.of(event.json().strip())).toList();
      return good.submit(new Batch(batch.id(), tidy), attempt);
    }
  }

  static class CountsItsAttempts extends Faulty {
    private int attempts;

    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      attempts++;
      List<PopEvent> counted =
          batch.events().stream()
              .map(event -> PopEvent.of(event.json() + " ".repeat(attempts)))
              .toList();
      return good.submit(new Batch(batch.id(), counted), attempt);
    }
  }

  static class MakesUpItsIds extends Faulty {
    private int attempts;

    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      return good.submit(new Batch(BatchId.of("mine", attempts++), batch.events()), attempt);
    }
  }

  static class SendsAPartUnderTheIdOfTheWhole extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      return good.submit(new Batch(batch.id().whole(), batch.events()), attempt);
    }
  }

  static class ThrowsItsFailures extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      SubmitResult result = super.submit(good, batch, attempt);
      if (!(result instanceof Delivered)) {
        throw new IllegalStateException(result.reason().text());
      }
      return result;
    }
  }

  static class WaitsForEver extends Faulty {
    @Override
    void suffer(MemoryDestination destination, Trouble trouble) {
      destination.hangStubbornly();
    }
  }

  static class CannotBeClosed extends Faulty {
    @Override
    void close(Submitter good) {}
  }

  static class DeliversAfterItsEnd extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      SubmitResult result = super.submit(good, batch, attempt);
      return result instanceof Later ? ScriptedSubmitter.delivered() : result;
    }
  }

  static class HoldsWhenNobodyIsThere extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      SubmitResult result = super.submit(good, batch, attempt);
      return result instanceof Later ? new Held(result.reason()) : result;
    }
  }

  static class NeverForgetsAFailure extends Faulty {
    private boolean failed;

    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      SubmitResult result = failed ? Later.because("broken") : super.submit(good, batch, attempt);
      failed = !(result instanceof Delivered);
      return result;
    }
  }

  static class SendsWhatFailedOnceMoreBeforehand extends Faulty {
    private Batch failed;

    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      if (failed != null) {
        SubmitResult unused = super.submit(good, failed, attempt);
      }
      SubmitResult result = super.submit(good, batch, attempt);
      failed = result instanceof Delivered ? null : batch;
      return result;
    }
  }

  static class TellsItsSecret extends Faulty {
    @Override
    SubmitResult submit(Submitter good, Batch batch, Attempt attempt) throws InterruptedException {
      SubmitResult result = super.submit(good, batch, attempt);
      return result instanceof Delivered
          ? result
          : Later.because("failed with " + MemoryDestination.SECRET);
    }
  }
}
