/**
 * Finds the providers of sources and sinks: those of the program and those in the jars of the
 * {@code plugins} folder.
 *
 * <p>Place in the hexagon: part of the composition root. It knows the providers' ports and no
 * adapter by name.
 */
package io.proofofplay.runner.plugin;
