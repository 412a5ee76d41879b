package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Intake.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The rules of the port {@link EventSource}, ES-1 to ES-8, as tests.
 *
 * <p>A test class implements this and says how to get a peer that it has under control, and a
 * source that listens to it. Everything runs in real time; the source should use the system's
 * clocks and wait little between two attempts to connect, 50 ms for instance.
 *
 * <p>What a peer cannot stage is skipped with a reason.
 */
// Closing in the middle of a test is what some rules are about.
@SuppressWarnings("try")
public interface EventSourceContract {

  /** A peer under the test's control. It is present until it is told otherwise. */
  interface Peer extends AutoCloseable {

    /**
     * Makes a source that listens to this peer. The contract runs and closes it.
     *
     * @return a new one at each call
     * @throws Exception if it cannot be made; the test fails
     */
    EventSource source() throws Exception;

    /**
     * What the peer calls itself.
     *
     * @return the sender that a source must tell the intake
     */
    String sender();

    /**
     * Sends events to the source that is connected. The contract calls this only after the source
     * has said that it is connected.
     *
     * @param events the bytes of each
     * @throws Exception if they cannot be sent; the test fails
     */
    void emit(List<byte[]> events) throws Exception;

    /**
     * Sends something that is no event.
     *
     * @return how many refusals that makes, at least 1
     * @throws Exception if it cannot be sent; the test fails
     */
    default int emitNonsense() throws Exception {
      return Assumptions.abort("this peer cannot send what is no event");
    }

    /**
     * Cuts the connection; the peer is there for the next one at once.
     *
     * @throws Exception if it cannot be staged; the test fails
     */
    default void drop() throws Exception {
      Assumptions.abort("this peer has no connection that can be cut");
    }

    /**
     * The peer is gone, and not there for the next connection, until {@link #appear()}.
     *
     * @throws Exception if it cannot be staged; the test fails
     */
    default void vanish() throws Exception {
      Assumptions.abort("this peer cannot vanish");
    }

    /**
     * Something else answers in the peer's place, until {@link #appear()}.
     *
     * @throws Exception if it cannot be staged; the test fails
     */
    default void turnForeign() throws Exception {
      Assumptions.abort("nothing else can take this peer's place");
    }

    /**
     * Something answers in the peer's place and then says nothing at all, until {@link #appear()}.
     *
     * @throws Exception if it cannot be staged; the test fails
     */
    default void turnSilent() throws Exception {
      Assumptions.abort("this peer cannot be silent");
    }

    /**
     * The peer is there again, at the same address. Must be there if any of the others is.
     *
     * @throws Exception if it cannot be staged; the test fails
     */
    default void appear() throws Exception {
      Assumptions.abort("this peer cannot appear");
    }

    @Override
    void close() throws IOException;
  }

  /**
   * A fresh peer that is present.
   *
   * @return the peer; the contract closes it
   * @throws Exception if it cannot be had; the test fails
   */
  Peer peer() throws Exception;

  /** ES-1. */
  @Test
  default void es1_everyEventIsOfferedOnceInOrderWithItsOwnBytes() throws Exception {
    List<PopEvent> events = new ArrayList<>(Events.numbered(500));
    events.addAll(Events.awkward());
    events.add(Events.ofLength(500, 100_000));
    events.addAll(Events.numbered(501, 600));
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      intake.await(RecordingIntake.Connected.class, 1);
      for (int from = 0; from < events.size(); from += 37) {
        List<PopEvent> piece = events.subList(from, Math.min(from + 37, events.size()));
        peer.emit(Events.bytesOf(piece));
      }

      intake.awaitSettled(events.size());
      run.end();
    }
    assertThat(intake.accepted()).containsExactlyElementsOf(events);
  }

  /** ES-1, across connections. */
  @Test
  default void es1_nothingIsOfferedTwiceAfterTheConnectionWasCut() throws Exception {
    List<PopEvent> events = Events.numbered(30);
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      for (int connection = 0; connection < 3; connection++) {
        intake.await(RecordingIntake.Connected.class, connection + 1);
        peer.emit(Events.bytesOf(events.subList(connection * 10, connection * 10 + 10)));
        intake.awaitSettled(connection * 10 + 10);
        if (connection < 2) {
          peer.drop();
        }
      }
      run.end();
    }
    assertThat(intake.accepted()).containsExactlyElementsOf(events);
  }

  /** ES-2, with more for a busy machine. */
  @Test
  default void es2_closeEndsRunWhileThePeerSaysNothing() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      intake.await(RecordingIntake.Connected.class, 1);
      run.end();
    }
  }

  /** ES-2. */
  @Test
  default void es2_closeEndsRunWhileThePeerIsAbsent() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer()) {
      peer.vanish();
      try (SourceRun run = SourceRun.of(peer.source(), intake)) {
        intake.await(RecordingIntake.Disconnected.class, 1);
        run.end();
      }
    }
  }

  /** ES-2. */
  @Test
  default void es2_closeEndsRunWhileSomethingSilentIsInThePeersPlace() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer()) {
      try (SourceRun run = SourceRun.of(peer.source(), intake)) {
        intake.await(RecordingIntake.Connected.class, 1);
        peer.turnSilent();
        intake.await(RecordingIntake.Disconnected.class, 1);
        run.end();
      }
    }
  }

  /** ES-2. */
  @Test
  default void es2_closeEndsRunWhileTheIntakeIsFull() throws Exception {
    RecordingIntake intake = new RecordingIntake().otherwise(events -> Answer.FULL);
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      intake.await(RecordingIntake.Connected.class, 1);
      peer.emit(Events.bytesOf(Events.numbered(10)));
      intake.await(RecordingIntake.Offered.class, 1);
      run.end();
    }
  }

  /** ES-2. */
  @Test
  default void es2_closingBeforeRunningAndClosingTwiceIsFine() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer()) {
      EventSource source = peer.source();
      source.close();
      source.close();
      try (SourceRun run = SourceRun.of(source, intake)) {
        run.awaitEnd(Patience.oneSecondRule());
      }
      source.close();
    }
    assertThat(intake.accepted()).isEmpty();
  }

  /** ES-3. */
  @Test
  default void es3_runReturnsWhenTheIntakeIsClosed() throws Exception {
    RecordingIntake intake = new RecordingIntake().otherwise(events -> Answer.CLOSED);
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      intake.await(RecordingIntake.Connected.class, 1);
      peer.emit(Events.bytesOf(Events.numbered(3)));

      run.awaitEnd(Patience.generous());
    }
    assertThat(intake.count(RecordingIntake.Offered.class)).as("offers").isEqualTo(1);
  }

  /** ES-4. */
  @Test
  default void es4_aPeerThatIsAbsentIsWaitedFor() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer()) {
      peer.vanish();
      try (SourceRun run = SourceRun.of(peer.source(), intake)) {
        intake.await(RecordingIntake.Disconnected.class, 1);
        run.expectRunning();
        peer.appear();
        run.expectEventsFrom(peer, 1);
      }
    }
  }

  /** ES-4. */
  @Test
  default void es4_aPeerThatIsGoneIsWaitedFor() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      intake.await(RecordingIntake.Connected.class, 1);
      peer.vanish();
      intake.await(RecordingIntake.Disconnected.class, 1);
      run.expectRunning();
      peer.appear();
      run.expectEventsFrom(peer, 2);
    }
  }

  /** ES-4. */
  @Test
  default void es4_somethingForeignInThePeersPlaceIsNoError() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer()) {
      peer.turnForeign();
      try (SourceRun run = SourceRun.of(peer.source(), intake)) {
        intake.await(RecordingIntake.Disconnected.class, 1);
        run.expectRunning();
        assertThat(intake.count(RecordingIntake.Connected.class)).isZero();
        peer.appear();
        run.expectEventsFrom(peer, 1);
      }
    }
  }

  /** ES-5. */
  @Test
  default void es5_whatWasAnsweredFullDoesNotVanish() throws Exception {
    List<PopEvent> events = Events.numbered(40);
    RecordingIntake intake =
        new RecordingIntake()
            .answering(Answer.FULL, Answer.FULL, Answer.ACCEPTED, Answer.FULL, Answer.ACCEPTED);
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      intake.await(RecordingIntake.Connected.class, 1);
      for (int from = 0; from < events.size(); from += 10) {
        peer.emit(Events.bytesOf(events.subList(from, from + 10)));
        intake.awaitSettled(from + 10);
      }
      run.end();
    }
    assertThat(intake.settled()).containsExactlyElementsOf(events);
    assertThat(intake.calls())
        .as("there was an answer FULL to deal with")
        .anyMatch(
            call ->
                call instanceof RecordingIntake.Offered offered && offered.answer() == Answer.FULL);
  }

  /** ES-6. */
  @Test
  default void es6_whatIsNoEventIsRefusedOnceAndCostsNoOtherEvent() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    int refusals;
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      intake.await(RecordingIntake.Connected.class, 1);
      peer.emit(Events.bytesOf(Events.numbered(0, 5)));
      refusals = peer.emitNonsense();
      peer.emit(Events.bytesOf(Events.numbered(5, 10)));
      refusals += peer.emitNonsense();
      peer.emit(Events.bytesOf(Events.numbered(10, 15)));

      intake.awaitSettled(15);
      run.end();
    }
    assertThat(intake.accepted()).containsExactlyElementsOf(Events.numbered(15));
    assertThat(intake.refused()).hasSize(refusals).allMatch(line -> line.reason() != null);
  }

  /** ES-7. */
  @Test
  default void es7_changesOfTheConnectionFrameItsEvents() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    try (Peer peer = peer();
        SourceRun run = SourceRun.of(peer.source(), intake)) {
      for (int connection = 0; connection < 3; connection++) {
        intake.await(RecordingIntake.Connected.class, connection + 1);
        peer.emit(Events.bytesOf(Events.numbered(connection * 5, connection * 5 + 5)));
        intake.awaitSettled(connection * 5 + 5);
        peer.drop();
        intake.await(RecordingIntake.Disconnected.class, connection + 1);
      }
      run.end();

      boolean connected = false;
      for (RecordingIntake.Call call : intake.calls()) {
        if (call instanceof RecordingIntake.Connected told) {
          assertThat(connected).as("connected is told while connected").isFalse();
          assertThat(told.sender()).isEqualTo(peer.sender());
          connected = true;
        } else if (call instanceof RecordingIntake.Disconnected told) {
          assertThat(told.reason()).as("the reason").isNotBlank();
          connected = false;
        } else if (call instanceof RecordingIntake.Offered) {
          assertThat(connected).as("events are offered while connected").isTrue();
        }
      }
    }
  }

  /** ES-8. A thread inherits its group from the one that starts it. */
  @Test
  default void es8_noThreadIsStarted() throws Exception {
    RecordingIntake intake = new RecordingIntake();
    final String maker = "makes the source";
    ThreadGroup group = new ThreadGroup("es8");
    try (Peer peer = peer()) {
      EventSource source =
          Background.start(group, maker, peer::source).resultWithin(Patience.generous());
      try (SourceRun run = SourceRun.of(group, source, intake)) {
        intake.await(RecordingIntake.Connected.class, 1);
        peer.emit(Events.bytesOf(Events.numbered(3)));
        intake.awaitSettled(3);

        Thread[] alive = new Thread[group.activeCount() + 16];
        int count = group.enumerate(alive);
        List<Thread> threads = new ArrayList<>(Arrays.asList(alive).subList(0, count));
        threads.remove(run.thread());
        // The thread that made the source may still be about to end.
        threads.removeIf(thread -> thread.getName().equals(maker));
        assertThat(threads).as("threads that the source has started").isEmpty();
        run.end();
      }
    }
  }
}
