/**
 * Takes events from a node of an info-beamer player over TCP: greets the player, cuts its bytes
 * into lines, and offers what is an event.
 *
 * <p>Place in the hexagon: an adapter of the port {@link io.proofofplay.core.spi.EventSource}. It
 * depends on the domain and the ports alone, starts no thread, and sees neither the engine nor
 * another adapter.
 *
 * <p>The player's side of the protocol is not specified by its makers; what is written here comes
 * from their public sources and from recordings of a running engine.
 */
package io.proofofplay.source.infobeamer;
