/**
 * The demo: the relay as {@code pop run} builds it, between a simulated player and a reference
 * backend, in one process, through an outage.
 *
 * <p>Place in the hexagon: beside the composition root. It sees the daemon, the player and the
 * backend from outside, as an operator does.
 */
package io.proofofplay.runner.demo;
