package io.proofofplay.runner.architecture.broken.core.model;

/** The domain must not know a port. */
public final class Domain {

  io.proofofplay.runner.architecture.broken.core.spi.Port port;
}
