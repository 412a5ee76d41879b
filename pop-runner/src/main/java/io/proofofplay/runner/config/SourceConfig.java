package io.proofofplay.runner.config;

/**
 * One source.
 *
 * @param type the word that chooses the provider
 * @param settings the provider's record
 */
public record SourceConfig(String type, Record settings) {}
