package io.proofofplay.core.model;

import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Setting;
import java.time.Duration;

/**
 * How long to wait before a batch is tried again. The n-th wait is {@code initial} times {@code
 * multiplier} to the power of n-1, at most {@code max}; of that, up to the share {@code jitter} is
 * taken off by chance, so that many devices do not come back at once. A time of more than a century
 * (36,500 days) counts as one.
 *
 * @param initial the first wait
 * @param max the longest wait
 * @param multiplier what each wait is multiplied by for the next, 1 or more
 * @param jitter the largest share of a wait that chance takes off, 0 to 1
 */
public record RetryPolicy(
    @Setting(value = "first wait after a failure", min = "10ms", max = "1h") Duration initial,
    @Setting(value = "longest wait after a failure", min = "10ms", max = "1h") Duration max,
    @Setting(value = "what each wait is multiplied by for the next", min = "1", max = "10")
        Double multiplier,
    @Setting(value = "largest share of a wait that chance takes off", min = "0", max = "1")
        Double jitter)
    implements Checked {

  public RetryPolicy {
    initial = LongTime.atMost(initial == null ? Duration.ofSeconds(1) : initial);
    max = LongTime.atMost(max == null ? Duration.ofSeconds(60) : max);
    multiplier = multiplier == null ? 2.0 : multiplier;
    jitter = jitter == null ? 0.5 : jitter;
    if (initial.isNegative() || initial.isZero()) {
      throw new IllegalArgumentException("initial " + initial + " is not above 0");
    }
    if (max.isNegative() || max.isZero()) {
      throw new IllegalArgumentException("max " + max + " is not above 0");
    }
    if (!(multiplier >= 1)) {
      throw new IllegalArgumentException("multiplier " + multiplier + " is below 1");
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter " + jitter + " is not within 0 and 1");
    }
  }

  /**
   * The defaults.
   *
   * @return 1 s doubled up to 60 s, half of it by chance
   */
  public static RetryPolicy defaults() {
    return new RetryPolicy(null, null, null, null);
  }

  @Override
  public void check(Problems problems) {
    if (max.compareTo(initial) < 0) {
      problems.add("max", "is shorter than initial; write at least that");
    }
  }

  /**
   * The wait after a number of failures in a row.
   *
   * @param failures 1 or more
   * @param chance from 0 (inclusive) to 1 (exclusive), evenly spread
   * @return nanoseconds
   */
  public long waitNanos(int failures, double chance) {
    double full = (double) initial.toNanos() * Math.pow(multiplier, Math.max(0, failures - 1));
    double capped = Math.min(full, (double) max.toNanos());
    return (long) (capped * (1 - jitter * chance));
  }
}
