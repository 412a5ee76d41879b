package io.proofofplay.core.relay;

import io.proofofplay.core.model.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What one source has done since the start.
 *
 * @param connected whether its peer is there
 * @param sender what the peer calls itself, or called itself last
 * @param problem why the peer is not there; empty while it is, and before the first attempt
 * @param since when that last changed, by the wall clock
 * @param connections how often the peer came
 * @param accepted how many of its events the relay answers for
 * @param implausible how many of these say that they were played at a time that cannot be right:
 *     before 2020, or more than a day from this device's clock
 * @param refused how many of its lines were no events, by reason
 * @param lastRefused how long ago the last of these lines came, by reason; by the monotonic clock
 * @param repeated how many of its events had come before, byte for byte, and were left out
 * @param reusedIds how many of its events had an id that other events had before; they are among
 *     the accepted
 * @param lastReused how long ago the last of these came, by the monotonic clock; empty for none
 */
public record SourceStats(
    boolean connected,
    Optional<String> sender,
    Optional<String> problem,
    Instant since,
    long connections,
    long accepted,
    long implausible,
    Map<Refusal, Long> refused,
    Map<Refusal, Duration> lastRefused,
    long repeated,
    long reusedIds,
    Optional<Duration> lastReused) {

  public SourceStats {
    refused = Map.copyOf(refused);
    lastRefused = Map.copyOf(lastRefused);
  }

  /** What a source has done that was not started yet. */
  static SourceStats none(Instant since) {
    return new SourceStats(
        false,
        Optional.empty(),
        Optional.empty(),
        since,
        0,
        0,
        0,
        Map.of(),
        Map.of(),
        0,
        0,
        Optional.empty());
  }
}
