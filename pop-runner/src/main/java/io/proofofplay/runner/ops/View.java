package io.proofofplay.runner.ops;

import io.proofofplay.core.relay.RelayStats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * What the endpoint shows, from one moment.
 *
 * @param version the program's version
 * @param now the wall clock
 * @param uptime how long the process has been there
 * @param stats the relay's counts
 * @param limits the most bytes that may wait, by the sink's name
 * @param orphans the sinks for which something is kept and that the configuration does not have
 * @param plays the last plays, the latest first
 * @param answers the last answers by the sink's name, the latest first
 * @param tokenIsWeak whether others may find out the token of this endpoint by guessing
 * @param historyFailures how often the memory of what was delivered could not be written
 */
public record View(
    String version,
    Instant now,
    Duration uptime,
    RelayStats stats,
    Map<String, Long> limits,
    SortedSet<String> orphans,
    List<Recent.Shown> plays,
    Map<String, List<Recent.Answered>> answers,
    boolean tokenIsWeak,
    long historyFailures) {

  /** Copies the lists and maps. */
  public View {
    limits = Map.copyOf(limits);
    plays = List.copyOf(plays);
    answers = Map.copyOf(answers);
  }
}
