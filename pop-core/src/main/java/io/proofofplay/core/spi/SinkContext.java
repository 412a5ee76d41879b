package io.proofofplay.core.spi;

/**
 * What the relay tells a submitter when it is made.
 *
 * @param name the sink's name
 * @param time the clocks to use
 * @param relayVersion the relay's version, for a destination that wants to know
 * @param names looks up the addresses of hosts
 */
public record SinkContext(String name, TimeSource time, String relayVersion, NameService names) {

  /**
   * A context that leaves names to the operating system, which bounds no lookup.
   *
   * @param name the sink's name
   * @param time the clocks to use
   * @param relayVersion the relay's version
   */
  public SinkContext(String name, TimeSource time, String relayVersion) {
    this(name, time, relayVersion, NameService.direct());
  }
}
