package io.proofofplay.core.spi;

/**
 * What the relay tells a source when it is made.
 *
 * @param name the source's name
 * @param time the clocks to use
 */
public record SourceContext(String name, TimeSource time) {}
