/**
 * The program: the command line and where it begins.
 *
 * <p>Place in the hexagon: outside of it. Everything of ours may be used here, and nothing may use
 * this.
 */
package io.proofofplay.runner;
