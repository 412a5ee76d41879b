package io.proofofplay.core.relay;

import io.proofofplay.core.model.Refusal;
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
 * @param refused how many of its lines were no events, by reason
 */
public record SourceStats(
    boolean connected,
    Optional<String> sender,
    Optional<String> problem,
    Instant since,
    long connections,
    long accepted,
    Map<Refusal, Long> refused) {

  public SourceStats {
    refused = Map.copyOf(refused);
  }

  /** What a source has done that was not started yet. */
  static SourceStats none(Instant since) {
    return new SourceStats(false, Optional.empty(), Optional.empty(), since, 0, 0, Map.of());
  }
}
