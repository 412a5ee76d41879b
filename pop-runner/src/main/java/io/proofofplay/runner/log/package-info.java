/**
 * The log: one line per record on standard error.
 *
 * <p>Place in the hexagon: part of the composition root; it knows nothing of the relay.
 */
package io.proofofplay.runner.log;
