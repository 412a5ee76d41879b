package io.proofofplay.core.relay;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a relay has done since its start.
 *
 * @param state where it is in its life
 * @param sources each source by its name, in the order in which they were added
 * @param sinks each sink by its name, in the order in which they were added
 * @param discardedRefusedLines how many refused lines were given up since the start, because there
 *     were too many
 * @param listenerFailures how often a listener threw, which costs nothing but its report
 */
public record RelayStats(
    RelayState state,
    Map<String, SourceStats> sources,
    Map<String, SinkStats> sinks,
    long discardedRefusedLines,
    long listenerFailures) {

  public RelayStats {
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    sinks = Collections.unmodifiableMap(new LinkedHashMap<>(sinks));
  }

  /**
   * What the books of all sinks are off by.
   *
   * @return the sum of the sinks' imbalances, each without its sign; 0 is right
   */
  public long imbalance() {
    return sinks.values().stream().mapToLong(sink -> Math.abs(sink.imbalance())).sum();
  }
}
