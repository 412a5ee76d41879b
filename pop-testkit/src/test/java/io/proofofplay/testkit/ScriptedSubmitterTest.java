package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.SubmitResult;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScriptedSubmitterTest implements SubmitterContract {

  private final ManualTime time = ManualTime.standing();
  private final ScriptedSubmitter submitter = new ScriptedSubmitter(time);
  private final Batch batch = Trials.batch(0, Events.numbered(2));

  @Override
  public Destination destination() {
    return new MemoryDestination();
  }

  @Test
  void preparedAnswersComeFirstAndInOrder() throws InterruptedException {
    Later later = Later.because("not yet");
    submitter.answering(later).then(any -> Later.because("nor now"));

    assertThat(submit()).isEqualTo(later);
    assertThat(submit()).isEqualTo(Later.because("nor now"));
    assertThat(submit()).isEqualTo(ScriptedSubmitter.delivered());
    assertThat(submitter.deliveredEvents()).containsExactlyElementsOf(batch.events());
  }

  @Test
  void submissionsAreStampedWithTheTestsTime() throws InterruptedException {
    submit();
    time.advance(Duration.ofHours(1));
    submit();

    assertThat(submitter.submissions())
        .extracting(ScriptedSubmitter.Submission::nanos)
        .containsExactly(time.nanos() - Duration.ofHours(1).toNanos(), time.nanos());
    assertThat(submitter.submissions().get(1).time())
        .isEqualTo(ManualTime.START.plus(Duration.ofHours(1)));
  }

  @Test
  void aRuleMayThrowLikeAFaultySubmitter() {
    submitter.then(
        any -> {
          throw new IllegalStateException("a bug");
        });

    assertThatThrownBy(this::submit).hasMessage("a bug");
    assertThat(submitter.submissions()).isEmpty();
  }

  @Test
  void hangingEndsWhenTheTimeoutHasPassedInVirtualTime() throws InterruptedException {
    submitter.hang();
    Background<SubmitResult> submitting =
        Background.start(
            "submit", () -> submitter.submit(batch, Trials.attempt(Duration.ofMinutes(1), batch)));
    time.awaitWaiting(1);
    time.advance(Duration.ofSeconds(59));
    assertThat(submitting.isRunning()).isTrue();

    time.advance(Duration.ofSeconds(1));

    assertThat(submitting.resultWithin(Patience.generous())).isInstanceOf(Later.class);
  }

  @Test
  void stubbornHangingEndsOnlyByARelease() throws InterruptedException {
    submitter.hangStubbornly();
    Background<SubmitResult> submitting = Background.start("submit", this::submit);
    submitter.awaitInside();
    submitter.close();
    submitting.thread().interrupt();
    time.advance(Duration.ofDays(1));
    assertThat(submitting.isRunning()).isTrue();

    submitter.release();

    assertThat(submitting.resultWithin(Patience.generous())).isInstanceOf(Later.class);
  }

  private SubmitResult submit() throws InterruptedException {
    return submitter.submit(batch, Trials.attempt(Duration.ofSeconds(30), batch));
  }
}
