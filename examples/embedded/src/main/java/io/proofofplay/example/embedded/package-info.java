/**
 * A relay in a program of one's own.
 *
 * <p>Place in the hexagon: outside; it composes the engine and the adapters as the runner does.
 */
package io.proofofplay.example.embedded;
