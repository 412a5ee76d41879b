/**
 * A sink of one's own: it appends each event to a file, as {@code docs/writing-a-sink.md} builds
 * it.
 *
 * <p>Place in the hexagon: an adapter like any other; it depends on the ports and the domain alone.
 */
package io.proofofplay.example.linefile;
