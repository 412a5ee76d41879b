/**
 * The configuration: where it comes from, what it may say, and the immutable records it becomes. A
 * file is read into a tree that remembers its lines, and the tree is bound to the records of the
 * relay and of the adapters, so that everything that is wrong is said at once, with its place.
 *
 * <p>Place in the hexagon: part of the composition root. It knows the engine's policies and the
 * providers, and no adapter by name.
 */
package io.proofofplay.runner.config;
