package io.proofofplay.runner.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A whole configuration, complete and checked.
 *
 * @param spool where events wait
 * @param sources the sources by name, at least one, in the file's order
 * @param sinks the sinks by name, at least one, in the file's order
 * @param history how much is remembered of what was delivered
 * @param ops the status endpoint; empty for none
 */
public record RelayConfig(
    SpoolPlace spool,
    Map<String, SourceConfig> sources,
    Map<String, SinkConfig> sinks,
    HistoryConfig history,
    Optional<OpsConfig> ops) {

  /** Copies the maps. */
  public RelayConfig {
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    sinks = Collections.unmodifiableMap(new LinkedHashMap<>(sinks));
  }
}
