package io.proofofplay.core.spi;

/**
 * What the relay tells a submitter when it is made.
 *
 * @param name the sink's name
 * @param time the clocks to use
 * @param relayVersion the relay's version, for a destination that wants to know
 */
public record SinkContext(String name, TimeSource time, String relayVersion) {}
