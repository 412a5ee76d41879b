package io.proofofplay.core.model;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Setting;
import java.time.Duration;

/**
 * How one sink's events are kept. A time of more than a century (36,500 days) counts as one.
 *
 * @param durability when an event counts as kept
 * @param interval the time between two forces with {@link Durability#INTERVAL}
 * @param maxBytes the most bytes that may wait, records and their frames together
 * @param whenFull what happens to events for which there is no room
 * @param maxBlock the longest wait of {@link WhenFull#BLOCK}
 * @param maxAge how long an event may wait before it is given up, while the relay runs, by the
 *     monotonic clock; 0 for ever
 */
public record SpoolPolicy(
    @Setting(
            "when an event counts as kept: `write-ahead` (forced to disk), `interval` (written, forced every `interval`) or `on-failure` (in memory, written when a submission fails, after `batch.minInterval`, or when the relay stops)")
        Durability durability,
    @Setting(
            value = "time between two forces with `durability: interval`",
            min = "10ms",
            max = "1h")
        Duration interval,
    @Setting(
            value = "most bytes that may wait on disk, at least `batch.maxBytes`",
            min = "1MiB",
            max = "1024GiB")
        ByteSize maxBytes,
    @Setting("what happens when that is reached: `block`, `drop-newest` or `drop-oldest`")
        WhenFull whenFull,
    @Setting(value = "longest wait of `whenFull: block`", min = "0s", max = "1h") Duration maxBlock,
    @Setting(
            value =
                "how long an event may wait before it is given up, counted while the relay runs; 0 = for ever",
            min = "0s",
            max = "3650d")
        Duration maxAge)
    implements Checked {

  /** The shortest age that makes sense: an event must have had its chances to be delivered. */
  private static final Duration SHORTEST_AGE = Duration.ofHours(1);

  public SpoolPolicy {
    durability = durability == null ? Durability.WRITE_AHEAD : durability;
    interval = LongTime.atMost(interval == null ? Duration.ofSeconds(1) : interval);
    maxBytes = maxBytes == null ? ByteSize.ofMiB(256) : maxBytes;
    whenFull = whenFull == null ? WhenFull.BLOCK : whenFull;
    maxBlock = LongTime.atMost(maxBlock == null ? Duration.ofSeconds(10) : maxBlock);
    maxAge = LongTime.atMost(maxAge == null ? Duration.ZERO : maxAge);
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval " + interval + " is not above 0");
    }
    if (maxBlock.isNegative()) {
      throw new IllegalArgumentException("maxBlock " + maxBlock + " is below 0");
    }
    if (maxBytes.bytes() == 0) {
      throw new IllegalArgumentException("maxBytes is 0; nothing could be kept");
    }
    if (maxAge.isNegative()) {
      throw new IllegalArgumentException("maxAge " + maxAge + " is below 0");
    }
  }

  /**
   * A policy without a bound on age.
   *
   * @param durability when an event counts as kept
   * @param interval the time between two forces
   * @param maxBytes the most bytes that may wait
   * @param whenFull what happens to events for which there is no room
   * @param maxBlock the longest wait for room
   */
  public SpoolPolicy(
      Durability durability,
      Duration interval,
      ByteSize maxBytes,
      WhenFull whenFull,
      Duration maxBlock) {
    this(durability, interval, maxBytes, whenFull, maxBlock, null);
  }

  /**
   * The defaults.
   *
   * @return write-ahead, 256 MiB, block for 10 s
   */
  public static SpoolPolicy defaults() {
    return new SpoolPolicy(null, null, null, null, null, null);
  }

  /**
   * This with another durability.
   *
   * @param other when an event counts as kept
   * @return the policy
   */
  public SpoolPolicy withDurability(Durability other) {
    return new SpoolPolicy(other, interval, maxBytes, whenFull, maxBlock, maxAge);
  }

  /**
   * This with another bound.
   *
   * @param other the most bytes that may wait
   * @return the policy
   */
  public SpoolPolicy withMaxBytes(ByteSize other) {
    return new SpoolPolicy(durability, interval, other, whenFull, maxBlock, maxAge);
  }

  /**
   * This with another way out when full.
   *
   * @param other what happens when full
   * @param longest the longest wait of {@link WhenFull#BLOCK}
   * @return the policy
   */
  public SpoolPolicy withWhenFull(WhenFull other, Duration longest) {
    return new SpoolPolicy(durability, interval, maxBytes, other, longest, maxAge);
  }

  /**
   * This with a bound on age.
   *
   * @param longest how long an event may wait; 0 for ever
   * @return the policy
   */
  public SpoolPolicy withMaxAge(Duration longest) {
    return new SpoolPolicy(durability, interval, maxBytes, whenFull, maxBlock, longest);
  }

  @Override
  public void check(Problems problems) {
    if (!maxAge.isZero() && maxAge.compareTo(SHORTEST_AGE) < 0) {
      problems.add("maxAge", "leaves an event too little time; write 1h or more, or 0");
    }
  }
}
