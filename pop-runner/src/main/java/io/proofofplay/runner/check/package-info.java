/**
 * Looks at everything that a relay needs before it runs: configuration, disk, players, the way to
 * the backends.
 *
 * <p>Place in the hexagon: beside the composition root. It uses the adapters through their ports
 * where those can tell, and its own eyes where nothing may be sent.
 */
package io.proofofplay.runner.check;
