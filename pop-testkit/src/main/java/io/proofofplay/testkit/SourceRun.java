package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.EventSource;
import java.time.Duration;
import java.util.List;

/** A source that runs in a thread of its own, for {@link EventSourceContract}. */
final class SourceRun implements AutoCloseable {

  private final EventSource source;
  private final RecordingIntake intake;
  private final Background<Void> running;

  private SourceRun(ThreadGroup group, EventSource source, RecordingIntake intake) {
    this.source = source;
    this.intake = intake;
    running =
        Background.start(
            group,
            "run",
            () -> {
              source.run(intake);
              return null;
            });
  }

  static SourceRun of(EventSource source, RecordingIntake intake) {
    return of(Thread.currentThread().getThreadGroup(), source, intake);
  }

  static SourceRun of(ThreadGroup group, EventSource source, RecordingIntake intake) {
    return new SourceRun(group, source, intake);
  }

  Thread thread() {
    return running.thread();
  }

  /** Closes the source and expects the run to end by that, as ES-2 says. */
  void end() throws InterruptedException {
    expectRunning();
    source.close();
    awaitEnd(Patience.oneSecondRule());
  }

  void awaitEnd(Duration limit) throws InterruptedException {
    Void unused = running.resultWithin(limit);
  }

  void expectRunning() {
    assertThat(running.isRunning()).as("run goes on").isTrue();
  }

  /** Expects events to come through once the source has connected so many times, and ends. */
  void expectEventsFrom(EventSourceContract.Peer peer, int connections) throws Exception {
    List<PopEvent> events = Events.numbered(5);
    intake.await(RecordingIntake.Connected.class, connections);
    peer.emit(Events.bytesOf(events));
    intake.awaitSettled(events.size());
    end();
    assertThat(intake.accepted()).containsExactlyElementsOf(events);
  }

  /** Whatever has failed: no source stays behind. */
  @Override
  public void close() {
    source.close();
  }
}
