package io.proofofplay.runner.architecture.broken.core.json;

/** The JSON scan must not know a port. */
public final class Tree {

  io.proofofplay.runner.architecture.broken.core.spi.Port port;
}
