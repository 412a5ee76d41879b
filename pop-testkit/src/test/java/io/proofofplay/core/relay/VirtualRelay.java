package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.RecordingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** The relay's own lanes and intakes in one thread on virtual time: a month passes in a moment. */
final class VirtualRelay {

  /** How long the loops may be left alone; the relay's own thread looks once a second. */
  Duration longestStep = Duration.ofSeconds(1);

  final ManualTime time;
  final MemoryStorage storage;
  final RecordingListener heard = new RecordingListener();
  private final Listeners listeners;
  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private final Map<String, RelayIntake> intakes = new LinkedHashMap<>();

  VirtualRelay(ManualTime time, MemoryStorage storage, Sink... sinks) {
    this(time, storage, List.of(), sinks);
  }

  VirtualRelay(ManualTime time, MemoryStorage storage, DoubleSupplier chance, Sink... sinks) {
    this(time, storage, List.of(), chance, sinks);
  }

  VirtualRelay(ManualTime time, MemoryStorage storage, List<RelayListener> more, Sink... sinks) {
    this(time, storage, more, new Random(42)::nextDouble, sinks);
  }

  VirtualRelay(
      ManualTime time,
      MemoryStorage storage,
      List<RelayListener> more,
      DoubleSupplier chance,
      Sink... sinks) {
    this.time = time;
    this.storage = storage;
    List<RelayListener> all = new ArrayList<>(more);
    all.add(heard);
    listeners = new Listeners(all);
    for (Sink sink : sinks) {
      try {
        lanes.put(
            sink.name(),
            new Lane(
                sink,
                storage,
                storage.openSpool(
                    sink.name(), sink.spool(), sink.batch(), sink.submitter().wantsOneSender()),
                storage.openDeadLetters(sink.name()),
                new DropBook(sink.name(), storage.openDropLedger(sink.name()), time, listeners),
                time,
                chance,
                listeners));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  RelayIntake intake(String source) {
    return intakes.computeIfAbsent(
        source,
        name -> {
          try {
            return new RelayIntake(
                name,
                () -> List.copyOf(lanes.values()),
                storage.openRefusedLines(),
                storage,
                time,
                listeners);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  Intake.Answer offer(List<PopEvent> events) {
    try {
      return intake("player").offer(events);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Offers as a source does that cannot hold its peer back. */
  void play(List<PopEvent> events) {
    if (offer(events) == Intake.Answer.FULL) {
      assertThat(intake("player").giveUp(events))
          .isIn(Intake.Answer.ACCEPTED, Intake.Answer.CLOSED);
    }
  }

  Lane lane(String sink) {
    return lanes.get(sink);
  }

  SinkStats stats(String sink) {
    SinkStats stats = lanes.get(sink).stats();
    assertThat(stats.imbalance()).as("imbalance of the books of %s", sink).isZero();
    return stats;
  }

  /** Lets so much time pass, each loop doing what is due at its moment. */
  void run(Duration span) {
    long end = time.nanos() + span.toNanos();
    long left = span.toNanos();
    while (left >= 0) {
      long step = Math.min(left, longestStep.toNanos());
      for (Lane lane : lanes.values()) {
        step = Math.min(step, runDue(lane));
        lane.chores();
        lane.watch();
      }
      left = end - time.nanos();
      if (left <= 0) {
        lanes.keySet().forEach(this::stats);
        return;
      }
      time.advance(Duration.ofNanos(Math.max(1, Math.min(step, left))));
      left = end - time.nanos();
    }
  }

  /** Runs until nothing waits any more, at most so long. */
  void drain(String sink, Duration longest) {
    long end = time.nanos() + longest.toNanos();
    while (stats(sink).waiting() > 0) {
      assertThat(time.nanos() - end)
          .as("%s still waiting after %s: %s", sink, longest, stats(sink))
          .isNegative();
      run(longestStep);
    }
  }

  private static long runDue(Lane lane) {
    try {
      long wait = lane.runOnce();
      int steps = 0;
      while (wait == 0) {
        wait = lane.runOnce();
        assertThat(steps++).as("steps without a wait").isLessThan(20_000);
      }
      return wait;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void stop() {
    intakes.values().forEach(RelayIntake::close);
    for (Lane lane : lanes.values()) {
      lane.close();
      lane.cancel();
      try {
        lane.release();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    storage.close();
  }
}
