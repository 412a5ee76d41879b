package io.proofofplay.runner.ops;

import io.proofofplay.core.relay.RelayStats;
import java.util.SortedSet;

/**
 * What the endpoint shows, from one moment.
 *
 * @param version the program's version
 * @param stats the relay's counts
 * @param orphans the sinks for which something is kept and that the configuration does not have
 */
public record View(String version, RelayStats stats, SortedSet<String> orphans) {}
