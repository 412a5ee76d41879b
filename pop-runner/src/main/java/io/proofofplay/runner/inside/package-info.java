/**
 * The commands that look at what a relay keeps, on a running relay as well as on a stopped one, and
 * that let an operator decide about dead letters.
 *
 * <p>Place in the hexagon: part of the composition root.
 */
package io.proofofplay.runner.inside;
