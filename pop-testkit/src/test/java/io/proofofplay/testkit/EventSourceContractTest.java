package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** Each rule of the contract finds a source that breaks it. */
class EventSourceContractTest {

  static List<Arguments> faults() {
    return List.of(
        Arguments.of("es1_", OffersTwice.class),
        Arguments.of("es1_", ReusesItsBuffer.class),
        Arguments.of("es2_", CannotBeClosed.class),
        Arguments.of("es3_", TakesClosedForAnError.class),
        Arguments.of("es3_", DoesNotHearThatTheIntakeIsClosed.class),
        Arguments.of("es4_", EndsWithoutAPeer.class),
        Arguments.of("es5_", TakesFullForAccepted.class),
        Arguments.of("es6_", RefusesTwice.class),
        Arguments.of("es6_", EndsAtNonsense.class),
        Arguments.of("es7_", NeverSaysThatThePeerIsGone.class),
        Arguments.of("es7_", SaysConnectedTwice.class),
        Arguments.of("es8_", StartsAThread.class));
  }

  @ParameterizedTest(name = "{0} finds a source that {1}")
  @MethodSource("faults")
  void everyRuleFindsASourceThatBreaksIt(String rule, Class<?> faulty) {
    Verdict.expectFound(rule, faulty);
  }

  @Test
  void whatAPeerCannotStageIsSkippedWithAReason() {
    EngineExecutionResults results = Verdict.run("es", CanStageNothing.class);

    assertThat(results.testEvents().failed().count()).isZero();
    assertThat(Verdict.skips(results))
        .contains("this peer cannot vanish", "this peer cannot send what is no event")
        .doesNotContain("")
        .hasSizeGreaterThanOrEqualTo(7);
  }

  static class CanStageNothing implements EventSourceContract {
    @Override
    public Peer peer() {
      MemoryPeer good = new MemoryPeer();
      return new Peer() {
        @Override
        public EventSource source() {
          return good.source();
        }

        @Override
        public String sender() {
          return good.sender();
        }

        @Override
        public void emit(List<byte[]> events) {
          good.emit(events);
        }

        @Override
        public void close() {
          good.close();
        }
      };
    }
  }

  /** A good peer in memory, and a source with one fault built in by a subclass. */
  abstract static class Faulty implements EventSourceContract {
    @Override
    public Peer peer() {
      return new MemoryPeer() {
        @Override
        public EventSource source() {
          EventSource good = super.source();
          return new EventSource() {
            @Override
            public void run(Intake intake) throws InterruptedException {
              Faulty.this.run(good, intake);
            }

            @Override
            public void close() {
              Faulty.this.close(good);
            }
          };
        }
      };
    }

    void run(EventSource good, Intake intake) throws InterruptedException {
      good.run(between(intake));
    }

    Intake between(Intake intake) {
      return intake;
    }

    void close(EventSource good) {
      good.close();
    }
  }

  static class OffersTwice extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public Answer offer(List<PopEvent> events) throws InterruptedException {
          super.offer(events);
          return super.offer(events);
        }
      };
    }
  }

  static class ReusesItsBuffer extends Faulty {
    @Override
    Intake between(Intake intake) {
      byte[] buffer = new byte[200_000];
      return new ForwardingIntake(intake) {
        @Override
        public Answer offer(List<PopEvent> events) throws InterruptedException {
          for (PopEvent event : events) {
            System.arraycopy(event.bytes(), 0, buffer, 0, event.length());
            super.offer(List.of(PopEvent.scanned(buffer, 0, event.length(), "memory")));
          }
          return Answer.ACCEPTED;
        }
      };
    }
  }

  static class CannotBeClosed extends Faulty {
    @Override
    void close(EventSource good) {}
  }

  static class TakesClosedForAnError extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public Answer offer(List<PopEvent> events) throws InterruptedException {
          if (super.offer(events) == Answer.CLOSED) {
            throw new IllegalStateException("closed");
          }
          return Answer.ACCEPTED;
        }
      };
    }
  }

  static class DoesNotHearThatTheIntakeIsClosed extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public Answer offer(List<PopEvent> events) throws InterruptedException {
          super.offer(events);
          return Answer.ACCEPTED;
        }
      };
    }
  }

  static class EndsWithoutAPeer extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public void disconnected(String reason) {
          throw new IllegalStateException(reason);
        }
      };
    }
  }

  static class TakesFullForAccepted extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public Answer offer(List<PopEvent> events) throws InterruptedException {
          super.offer(events);
          return Answer.ACCEPTED;
        }
      };
    }
  }

  static class RefusesTwice extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public void refuse(RefusedLine line) {
          super.refuse(line);
          super.refuse(line);
        }
      };
    }
  }

  static class EndsAtNonsense extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public void refuse(RefusedLine line) {
          super.refuse(line);
          throw new IllegalStateException("nonsense");
        }
      };
    }
  }

  static class NeverSaysThatThePeerIsGone extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public void disconnected(String reason) {}
      };
    }
  }

  static class SaysConnectedTwice extends Faulty {
    @Override
    Intake between(Intake intake) {
      return new ForwardingIntake(intake) {
        @Override
        public void connected(String sender) {
          super.connected(sender);
          super.connected(sender);
        }
      };
    }
  }

  static class StartsAThread extends Faulty {
    @Override
    void run(EventSource good, Intake intake) throws InterruptedException {
      CountDownLatch end = new CountDownLatch(1);
      Thread reader =
          new Thread(
              () -> {
                try {
                  end.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "reader");
      reader.start();
      try {
        super.run(good, intake);
      } finally {
        end.countDown();
      }
    }
  }
}
