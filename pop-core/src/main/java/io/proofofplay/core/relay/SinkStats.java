package io.proofofplay.core.relay;

import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The books of one sink since the start, all from one moment. They balance: {@code recovered +
 * accepted = delivered + waiting + dead + dropped}.
 *
 * @param state what its delivery is doing
 * @param problem what is wrong; empty while nothing is
 * @param storageTrouble why its events cannot be kept at the moment, or not be read or removed;
 *     empty if they can
 * @param recovered how many events an earlier relay had left
 * @param accepted how many events it took for good, those dropped at the door included; never goes
 *     down
 * @param delivered how many events its destination has confirmed
 * @param waiting how many events wait, those on their way included
 * @param dead how many events became dead letters
 * @param dropped how many events were given up, by reason
 * @param oldestWaiting how long the oldest waiting event has waited, or what could not be read and
 *     counted yet; empty if nothing waits
 * @param spoolBytes the room that waiting events take
 * @param submissions how many attempts ended in which verdict: {@code delivered}, {@code later},
 *     {@code held}, {@code too-large}, {@code rejected}
 * @param lastAnswer what the last attempt came to
 * @param lastAttempt when the last attempt ended, by the wall clock
 * @param lastDelivery when the destination last confirmed anything, by the wall clock
 * @param bugs how often the submitter threw, which it must not
 * @param damagedAtStart how many lines of what a kill had left could not be read at the start; each
 *     may have been an event. None was counted as recovered, so that they are not in the balance
 * @param deadLetters how many dead letters are kept, those of earlier runs included, until an
 *     operator decides
 * @param discardedDeadLetters how many dead letters were given up since the start, because there
 *     were too many
 * @param discardedDrops how many entries of the drop ledger were given up since the start, likewise
 * @param imbalance what the books are off by; anything but 0 is a fault of the relay
 */
public record SinkStats(
    SinkState state,
    Optional<String> problem,
    Optional<String> storageTrouble,
    long recovered,
    long accepted,
    long delivered,
    long waiting,
    long dead,
    Map<DropReason, Long> dropped,
    Optional<Duration> oldestWaiting,
    long spoolBytes,
    Map<String, Long> submissions,
    Optional<Reason> lastAnswer,
    Optional<Instant> lastAttempt,
    Optional<Instant> lastDelivery,
    long bugs,
    long damagedAtStart,
    long deadLetters,
    long discardedDeadLetters,
    long discardedDrops,
    long imbalance) {

  public SinkStats {
    dropped = Map.copyOf(dropped);
    submissions = Map.copyOf(submissions);
  }

  /**
   * Whether its events can be kept at the moment.
   *
   * @return whether nothing is wrong with its storage
   */
  public boolean storing() {
    return storageTrouble.isEmpty();
  }

  /**
   * How many events were given up, whatever the reason.
   *
   * @return the sum
   */
  public long droppedInAll() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
