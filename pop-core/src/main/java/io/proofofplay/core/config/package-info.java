/**
 * The words in which the engine and the adapters describe their settings: sizes, secrets, bounds,
 * and the problems found in them. A record of settings belongs to whoever uses it; binding a file
 * to it is the runner's.
 *
 * <p>Place in the hexagon: a leaf beside the domain; it depends on nothing else of ours.
 */
package io.proofofplay.core.config;
