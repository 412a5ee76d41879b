/**
 * How fast the packaged relay is, over real sockets and files, beside a bare loop that does the
 * same work without the relay's machinery.
 *
 * <p>Place in the hexagon: outside of it. It starts the program as anybody would, plays its player
 * and its backend, and sees nothing of its inside. The benchmarks of single parts stand in the
 * packages of these parts.
 */
package io.proofofplay.bench;
