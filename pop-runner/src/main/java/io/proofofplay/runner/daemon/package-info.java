/**
 * The daemon: a relay built of a configuration, started, watched and stopped.
 *
 * <p>Place in the hexagon: the composition root itself. Guice is used here and nowhere else.
 */
package io.proofofplay.runner.daemon;
