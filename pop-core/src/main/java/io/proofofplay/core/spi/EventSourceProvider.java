package io.proofofplay.core.spi;

/**
 * Makes sources of one type from settings. Found by {@link java.util.ServiceLoader}: a jar names
 * its provider in {@code META-INF/services/io.proofofplay.core.spi.EventSourceProvider}.
 *
 * @param <C> the record of settings
 */
public interface EventSourceProvider<C extends Record> {

  /**
   * The word that chooses this type in a configuration.
   *
   * @return lower case letters, digits and hyphens
   */
  String type();

  /**
   * The record of settings, of the kind that {@link SubmitterProvider#configType()} describes.
   *
   * @return the record's class
   */
  Class<C> configType();

  /**
   * Makes a source. Opens no connection yet.
   *
   * @param config the settings, complete and checked
   * @param context what the relay knows about the source
   * @return the source
   * @throws IllegalArgumentException if the settings do not work; the message says which and why
   */
  EventSource create(C config, SourceContext context);
}
