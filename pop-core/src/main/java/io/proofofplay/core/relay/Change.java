package io.proofofplay.core.relay;

import io.proofofplay.core.spi.EventSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is to be other than it is in a running relay. What a change does not name goes on untouched.
 * Immutable; but what it holds belongs to the relay that is given it.
 *
 * @param sources the sources that are new, or take the place of the one of the same name
 * @param sourcesGone the names of the sources that are no more
 * @param sinks the sinks that are new, or take the place of the one of the same name
 * @param sinksGone the names of the sinks that are no more; what is kept for them stays in the
 *     storage
 */
public record Change(
    Map<String, EventSource> sources,
    Set<String> sourcesGone,
    List<Sink> sinks,
    Set<String> sinksGone) {

  private static final Change NOTHING = new Change(Map.of(), Set.of(), List.of(), Set.of());

  public Change {
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    sourcesGone = Collections.unmodifiableSet(new LinkedHashSet<>(sourcesGone));
    sinks = List.copyOf(sinks);
    sinksGone = Collections.unmodifiableSet(new LinkedHashSet<>(sinksGone));
    Set<String> names = new LinkedHashSet<>(sinksGone);
    for (Sink sink : sinks) {
      if (!names.add(sink.name())) {
        throw new IllegalArgumentException("sink " + sink.name() + " is named twice");
      }
    }
    for (String name : sourcesGone) {
      if (sources.containsKey(name)) {
        throw new IllegalArgumentException("source " + name + " is named twice");
      }
    }
  }

  /**
   * Everything stays as it is.
   *
   * @return the change that changes nothing
   */
  public static Change nothing() {
    return NOTHING;
  }

  /**
   * This with a source that is new or another.
   *
   * @param name the source's name
   * @param source the source; not yet running
   * @return the change
   */
  public Change withSource(String name, EventSource source) {
    Map<String, EventSource> more = new LinkedHashMap<>(sources);
    more.put(name, source);
    return new Change(more, sourcesGone, sinks, sinksGone);
  }

  /**
   * This without a source.
   *
   * @param name the source's name
   * @return the change
   */
  public Change withoutSource(String name) {
    Set<String> more = new LinkedHashSet<>(sourcesGone);
    more.add(name);
    return new Change(sources, more, sinks, sinksGone);
  }

  /**
   * This with a sink that is new or another.
   *
   * @param sink the sink
   * @return the change
   */
  public Change withSink(Sink sink) {
    List<Sink> more = new ArrayList<>(sinks);
    more.add(sink);
    return new Change(sources, sourcesGone, more, sinksGone);
  }

  /**
   * This without a sink.
   *
   * @param name the sink's name
   * @return the change
   */
  public Change withoutSink(String name) {
    Set<String> more = new LinkedHashSet<>(sinksGone);
    more.add(name);
    return new Change(sources, sourcesGone, sinks, more);
  }

  /**
   * Whether it names nothing.
   *
   * @return whether everything stays as it is
   */
  public boolean isNothing() {
    return equals(NOTHING);
  }
}
