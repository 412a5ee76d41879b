package io.proofofplay.core.spi;

/**
 * Makes submitters of one type from settings. Found by {@link java.util.ServiceLoader}: a jar names
 * its provider in {@code META-INF/services/io.proofofplay.core.spi.SubmitterProvider}.
 *
 * @param <C> the record of settings
 */
public interface SubmitterProvider<C extends Record> {

  /**
   * The word that chooses this type in a configuration.
   *
   * @return lower case letters, digits and hyphens
   */
  String type();

  /**
   * The record of settings. Its components are strings, numbers, booleans, durations, sizes, URIs,
   * paths, enums, secrets, {@linkplain io.proofofplay.core.config.Renewable renewable} values,
   * lists and maps of these, and records of the same kind, each with a {@link
   * io.proofofplay.core.config.Setting}.
   *
   * @return the record's class
   */
  Class<C> configType();

  /**
   * Makes a submitter. Opens no connection yet.
   *
   * @param config the settings, complete and checked
   * @param context what the relay knows about the sink
   * @return the submitter
   * @throws IllegalArgumentException if the settings do not work; the message says which and why
   */
  Submitter create(C config, SinkContext context);
}
