/**
 * What the relay remembers of the events that it has delivered, and of when its sources were
 * connected, so that a question about one of them can be answered later.
 *
 * <p>Place in the hexagon: an adapter of the port {@link io.proofofplay.core.spi.RelayListener},
 * within the composition root. It is a memory and no part of the promise: where it cannot be
 * written, delivery goes on.
 */
package io.proofofplay.runner.history;
