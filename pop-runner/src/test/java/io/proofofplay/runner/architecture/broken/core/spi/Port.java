package io.proofofplay.runner.architecture.broken.core.spi;

/** A port must not know the engine. */
public interface Port {

  io.proofofplay.runner.architecture.broken.core.relay.Engine engine();
}
