/**
 * The ports: what the engine asks of the outside, and what it offers to it. Every rule of a port
 * has a number; the contract tests of {@code pop-testkit} carry the same ones.
 *
 * <p>Place in the hexagon: its edge. Adapters depend on this and on the domain, and on nothing else
 * of ours.
 */
package io.proofofplay.core.spi;
