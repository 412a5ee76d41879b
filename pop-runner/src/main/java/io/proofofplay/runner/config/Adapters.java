package io.proofofplay.runner.config;

import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The providers that a configuration can choose from, by their type.
 *
 * @param sources makers of sources
 * @param sinks makers of submitters
 */
public record Adapters(
    Map<String, EventSourceProvider<?>> sources, Map<String, SubmitterProvider<?>> sinks) {

  /** Copies the maps, sorted by type. */
  public Adapters {
    sources = Collections.unmodifiableMap(new TreeMap<>(sources));
    sinks = Collections.unmodifiableMap(new TreeMap<>(sinks));
  }

  /**
   * Makes a source.
   *
   * @param config its type and settings
   * @param context what the relay tells it
   * @return the source, not yet connected
   * @throws IllegalArgumentException if the settings do not work
   */
  public EventSource source(SourceConfig config, SourceContext context) {
    return create(sources.get(config.type()), config.settings(), context);
  }

  /**
   * Makes a submitter.
   *
   * @param config its type and settings
   * @param context what the relay tells it
   * @return the submitter, not yet connected
   * @throws IllegalArgumentException if the settings do not work
   */
  public Submitter submitter(SinkConfig config, SinkContext context) {
    return create(sinks.get(config.type()), config.settings(), context);
  }

  private static <C extends Record> EventSource create(
      EventSourceProvider<C> provider, Record settings, SourceContext context) {
    return provider.create(provider.configType().cast(settings), context);
  }

  private static <C extends Record> Submitter create(
      SubmitterProvider<C> provider, Record settings, SinkContext context) {
    return provider.create(provider.configType().cast(settings), context);
  }
}
