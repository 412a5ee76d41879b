package io.proofofplay.core.relay;

import java.util.ArrayList;
import java.util.List;

/**
 * When events came, from samples of how many had come by which time. By the monotonic clock,
 * because the wall clock of a device may be anything. Answers are never too old: they err by the
 * distance of two samples, which is at most a sixtieth of the longest wait or the time between two
 * calls of {@link #sample}.
 *
 * <p>Not thread-safe.
 */
final class Arrivals {

  /** The samples of one span; at most about twice as many are kept. */
  private static final int SAMPLES = 60;

  private record Sample(long nanos, long came) {}

  private final List<Sample> samples = new ArrayList<>();

  /**
   * Takes a sample.
   *
   * @param now the monotonic clock
   * @param came how many events had come until now
   * @param gone how many of them, the oldest ones, are gone again
   */
  void sample(long now, long came, long gone) {
    int passed = 0;
    while (passed < samples.size() && samples.get(passed).came() <= gone) {
      passed++;
    }
    samples.subList(0, passed).clear();
    if (came <= gone) {
      return;
    }
    if (samples.isEmpty()) {
      samples.add(new Sample(now, came));
      return;
    }
    long between = (now - samples.get(0).nanos()) / SAMPLES;
    Sample last = samples.get(samples.size() - 1);
    if (last.came() == came || now - last.nanos() < between) {
      return;
    }
    samples.add(new Sample(now, came));
    if (samples.size() > 2 * SAMPLES) {
      thin(between);
    }
  }

  /** Forgets samples that are close together: what one counted is counted by the one behind it. */
  private void thin(long between) {
    List<Sample> kept = new ArrayList<>();
    kept.add(samples.get(0));
    for (int i = 1; i < samples.size(); i++) {
      boolean isLast = i == samples.size() - 1;
      if (isLast || samples.get(i + 1).nanos() - kept.get(kept.size() - 1).nanos() > between) {
        kept.add(samples.get(i));
      }
    }
    samples.clear();
    samples.addAll(kept);
  }

  /** How long ago the first event behind so many came, in nanoseconds; 0 if that is not known. */
  long ageBehind(long gone, long now) {
    for (Sample sample : samples) {
      if (sample.came() > gone) {
        return now - sample.nanos();
      }
    }
    return 0;
  }

  /** How many events had come so long ago, at least. */
  long cameBefore(long age, long now) {
    long came = 0;
    for (Sample sample : samples) {
      if (now - sample.nanos() < age) {
        break;
      }
      came = sample.came();
    }
    return came;
  }
}
