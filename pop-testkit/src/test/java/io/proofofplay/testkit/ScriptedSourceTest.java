package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.spi.Intake.Answer;
import org.junit.jupiter.api.Test;

class ScriptedSourceTest implements EventSourceContract {

  private final RecordingIntake intake = new RecordingIntake();

  @Override
  public Peer peer() {
    return new MemoryPeer();
  }

  @Test
  void whatIsFullIsGivenUpUnlessToldToOfferItAgain() throws InterruptedException {
    intake.answering(Answer.FULL);
    new ScriptedSource().emit(Events.numbered(2)).end().run(intake);
    assertThat(intake.givenUp()).hasSize(2);

    intake.answering(Answer.FULL, Answer.FULL);
    ScriptedSource patient = new ScriptedSource().offeringAgain(2).emit(Events.numbered(2)).end();
    patient.run(intake);
    assertThat(patient.answers()).containsExactly(Answer.FULL, Answer.FULL, Answer.ACCEPTED);
    assertThat(intake.givenUp()).hasSize(2);
  }

  @Test
  void itCanFailLikeAFaultySource() {
    ScriptedSource source = new ScriptedSource().fail(new IllegalStateException("a bug"));

    assertThatThrownBy(() -> source.run(intake)).hasMessage("a bug");
  }

  @Test
  void awaitDoneWaitsForTheLastStep() throws InterruptedException {
    ScriptedSource source = new ScriptedSource().connect("x").emit(Events.numbered(3));
    Background<Void> running =
        Background.start(
            "run",
            () -> {
              source.run(intake);
              return null;
            });

    source.awaitDone();

    assertThat(intake.accepted()).hasSize(3);
    source.close();
    running.resultWithin(Patience.generous());
  }
}
