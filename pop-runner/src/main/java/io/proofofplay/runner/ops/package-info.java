/**
 * The status endpoint: how the relay is, for a supervisor, a monitoring and a person.
 *
 * <p>Place in the hexagon: part of the composition root, on its driving side. It reads the relay's
 * counts and changes nothing.
 */
package io.proofofplay.runner.ops;
