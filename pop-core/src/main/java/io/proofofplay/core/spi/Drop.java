package io.proofofplay.core.spi;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.model.PopEvent;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A run of events that one sink gave up, for one reason.
 *
 * @param time when, by the wall clock
 * @param reason a stable word, see {@link DropReason}
 * @param count how many, 1 or more
 * @param firstUuid the id of the first; {@code null} if it cannot be read any more
 * @param lastUuid the id of the last; {@code null} if it cannot be read any more
 * @param firstTs the {@code ts} of the first in the player's spelling; {@code null} if there is
 *     none
 * @param lastTs the {@code ts} of the last; {@code null} if there is none
 */
public record Drop(
    Instant time,
    DropReason reason,
    long count,
    String firstUuid,
    String lastUuid,
    JsonNumber firstTs,
    JsonNumber lastTs) {

  public Drop {
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(reason, "reason");
    if (count < 1) {
      throw new IllegalArgumentException("count " + count + " is below 1");
    }
  }

  /**
   * The entry for a run of events.
   *
   * @param time when
   * @param reason why
   * @param events the events, at least one
   * @return the entry
   */
  public static Drop of(Instant time, DropReason reason, List<PopEvent> events) {
    PopEvent first = events.get(0);
    PopEvent last = events.get(events.size() - 1);
    return new Drop(time, reason, events.size(), first.uuid(), last.uuid(), first.ts(), last.ts());
  }

  /**
   * The entry for events of which nothing is left to read.
   *
   * @param time when
   * @param reason why
   * @param count how many
   * @return the entry
   */
  public static Drop unreadable(Instant time, DropReason reason, long count) {
    return new Drop(time, reason, count, null, null, null, null);
  }

  /**
   * This with another run of the same reason behind it.
   *
   * @param next the later run
   * @return one entry for both, with the later time
   */
  public Drop join(Drop next) {
    return new Drop(
        next.time,
        reason,
        count + next.count,
        firstUuid == null ? next.firstUuid : firstUuid,
        next.lastUuid == null ? lastUuid : next.lastUuid,
        firstTs == null ? next.firstTs : firstTs,
        next.lastTs == null ? lastTs : next.lastTs);
  }
}
