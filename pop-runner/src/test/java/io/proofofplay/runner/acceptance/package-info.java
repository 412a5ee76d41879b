/**
 * What users rely on, shown on the packaged daemon in a process of its own: played to over a real
 * socket, killed, stopped, restarted, and looked at from outside alone.
 *
 * <p>Place in the hexagon: outside of it, on every side at once.
 *
 * <p>The build runs small numbers; {@code mvn -Ptorture verify} the full ones, see {@link
 * io.proofofplay.runner.acceptance.Effort}.
 */
package io.proofofplay.runner.acceptance;
