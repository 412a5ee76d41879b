package io.proofofplay.runner.ops;

import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * How the backlog of each sink went over the last hours: a point a minute, in memory alone, at most
 * {@value #MOST} of them. Their age is measured by the monotonic clock, so that a device that
 * learns the time of day late shows its first hour right too.
 *
 * <p>Thread-safe.
 */
final class BacklogPlot implements Runnable, AutoCloseable {

  /** A day. */
  static final int MOST = 24 * 60;

  /** Between two points. */
  static final Duration EVERY = Duration.ofMinutes(1);

  /** A ring of points, of which the one at {@code next} is the oldest when it is full. */
  private static final class Line {
    private final long[] at = new long[MOST];
    private final long[] waiting = new long[MOST];
    private final float[] oldest = new float[MOST];
    private int next;
    private int size;

    void add(long nanos, SinkStats sink) {
      at[next] = nanos;
      waiting[next] = sink.waiting();
      oldest[next] = sink.oldestWaiting().map(age -> age.toMillis() / 1000f).orElse(0f);
      next = (next + 1) % MOST;
      size = Math.min(size + 1, MOST);
    }

    List<Point> points(long now) {
      List<Point> points = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        int index = Math.floorMod(next - size + i, MOST);
        points.add(new Point((now - at[index]) / 1_000_000_000L, waiting[index], oldest[index]));
      }
      return points;
    }
  }

  /**
   * How it was.
   *
   * @param agoSeconds how long ago
   * @param waiting how many events waited
   * @param oldestSeconds for how long the oldest of them had; 0 if none waited
   */
  record Point(long agoSeconds, long waiting, float oldestSeconds) {}

  private final TimeSource time;
  private final Supplier<RelayStats> stats;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private boolean closed;

  BacklogPlot(TimeSource time, Supplier<RelayStats> stats) {
    this.time = time;
    this.stats = stats;
  }

  /** Notes how it is now. A sink that is no more is forgotten. */
  void runOnce() {
    Map<String, SinkStats> sinks = stats.get().sinks();
    long now = time.nanos();
    lock.lock();
    try {
      lines.keySet().retainAll(sinks.keySet());
      sinks.forEach((name, sink) -> lines.computeIfAbsent(name, any -> new Line()).add(now, sink));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    while (true) {
      runOnce();
      long until = time.nanos() + EVERY.toNanos();
      lock.lock();
      try {
        while (!closed && until - time.nanos() > 0) {
          time.await(changed, until - time.nanos());
        }
        if (closed) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      } finally {
        lock.unlock();
      }
    }
  }

  /** All points, by the sink's name, the oldest first. */
  Map<String, List<Point>> points() {
    long now = time.nanos();
    Map<String, List<Point>> points = new LinkedHashMap<>();
    lock.lock();
    try {
      lines.forEach((name, line) -> points.put(name, line.points(now)));
    } finally {
      lock.unlock();
    }
    return points;
  }

  /** Ends {@link #run}. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
