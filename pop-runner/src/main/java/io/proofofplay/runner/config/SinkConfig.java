package io.proofofplay.runner.config;

/**
 * One sink.
 *
 * @param type the word that chooses the provider
 * @param delivery what the relay does for it
 * @param settings the provider's record
 */
public record SinkConfig(String type, Delivery delivery, Record settings) {}
