/**
 * A player that is none: it speaks the protocol of an info-beamer node and plays events that it
 * makes up or reads from a file.
 *
 * <p>Place in the hexagon: outside of it, on the side where events come from. It stands where a
 * real player stands and sees neither the engine nor an adapter.
 */
package io.proofofplay.runner.player;
