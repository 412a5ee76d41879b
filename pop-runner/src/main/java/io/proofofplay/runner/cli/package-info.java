/**
 * What the commands share: exit codes, the option that names the configuration, and how a failure
 * is said.
 *
 * <p>Place in the hexagon: part of the composition root.
 */
package io.proofofplay.runner.cli;
