package io.proofofplay.source.infobeamer;

import io.proofofplay.bench.Play;
import io.proofofplay.core.model.PopEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The parts of the source, an operation being an event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SourceBenchmark {

  /** Events in the stream, and of an operation. */
  static final int EVENTS = 240;

  private static final int STRIDE = Play.LENGTH + 1;

  private final byte[] stream = new byte[EVENTS * STRIDE];
  private final LineFramer framer = new LineFramer(1 << 20);
  private int at;

  /** Events that nobody has seen before, for each time; made when the clock does not run. */
  @State(Scope.Thread)
  public static class Fresh {

    private final byte[] chunk = new byte[EVENTS * Play.LENGTH];
    private final RepeatWindow window = new RepeatWindow(2048);
    private List<PopEvent> events = List.of();
    private long number;

    /** For JMH. */
    public Fresh() {}

    /** Makes them. */
    @Setup(Level.Invocation)
    public void say() {
      List<PopEvent> said = new ArrayList<>(EVENTS);
      for (int i = 0; i < EVENTS; i++) {
        Play.write(chunk, i * Play.LENGTH, 0, number++, 0);
        said.add(PopEvent.scanned(chunk, i * Play.LENGTH, Play.LENGTH, "player"));
      }
      events = said;
    }
  }

  /** Says the same events again and again. */
  private final PlayerConnection connection =
      new PlayerConnection() {
        @Override
        public void send(byte[] bytes) {
          throw new UnsupportedOperationException("nothing is sent to a player");
        }

        @Override
        public int read(byte[] into, int offset, int length, long nanos) {
          int count = Math.min(length, stream.length - at);
          System.arraycopy(stream, at, into, offset, count);
          at = (at + count) % stream.length;
          return count;
        }

        @Override
        public boolean hasMore() {
          return true;
        }

        @Override
        public void leave() {}

        @Override
        public boolean isLeft() {
          return false;
        }

        @Override
        public boolean owes() {
          return false;
        }

        @Override
        public void close() {}
      };

  /** Fills the stream. */
  public SourceBenchmark() {
    long now = System.currentTimeMillis();
    for (int i = 0; i < EVENTS; i++) {
      Play.write(stream, i * STRIDE, 0, i, now);
      stream[i * STRIDE + Play.LENGTH] = '\n';
    }
  }

  /**
   * Cuts the stream into lines and scans them, as the relay does: with one look at a line like the
   * one before, and with two at one of thirty, which comes in two parts.
   *
   * @return how many
   * @throws IOException never
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int take() throws IOException {
    int lines = 0;
    while (lines < EVENTS) {
      while (lines < EVENTS && takeOne()) {
        lines++;
      }
      if (lines < EVENTS) {
        lines += framer.fill(connection, 1) < 0 ? EVENTS : 0;
      }
    }
    return lines;
  }

  private boolean takeOne() {
    if (framer.nextEvent()) {
      return true;
    }
    if (!framer.next()) {
      return false;
    }
    if (PopEvent.refusalOf(framer.array(), framer.offset(), framer.length()).isPresent()) {
      throw new IllegalStateException("an event is refused");
    }
    return true;
  }

  /**
   * Cuts the stream into lines, without a look at what they say.
   *
   * @return how many
   * @throws IOException never
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int frame() throws IOException {
    int lines = 0;
    while (lines < EVENTS) {
      while (lines < EVENTS && framer.next()) {
        lines++;
      }
      if (lines < EVENTS) {
        lines += framer.fill(connection, 1) < 0 ? EVENTS : 0;
      }
    }
    return lines;
  }

  /**
   * Tells events that come for the first time from repeats, and remembers them.
   *
   * @param fresh the events
   * @return how many were repeats: none
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int sift(Fresh fresh) {
    RepeatWindow.Sifted sifted = fresh.window.sift(fresh.events);
    fresh.window.add(sifted);
    return sifted.repeated();
  }
}
