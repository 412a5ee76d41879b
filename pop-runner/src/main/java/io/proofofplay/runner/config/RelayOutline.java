package io.proofofplay.runner.config;

import java.util.Map;
import java.util.Set;

/**
 * What somebody must know of a relay who only looks at what it keeps. The settings of its adapters
 * are not read for it, nor what they refer to: a secret that the relay alone can see is none of the
 * looker's business.
 *
 * @param spool the place of the spool
 * @param sources the names of the sources
 * @param sinks what the relay itself does for each sink, by its name
 */
public record RelayOutline(SpoolPlace spool, Set<String> sources, Map<String, Delivery> sinks) {

  /** Copies the collections. */
  public RelayOutline {
    sources = Set.copyOf(sources);
    sinks = Map.copyOf(sinks);
  }
}
