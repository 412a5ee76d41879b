/**
 * How the commands talk to people: lines, colour, and a bar for long work.
 *
 * <p>Place in the hexagon: the runner's outermost edge, beside the command line. It knows nothing
 * of events, sources or sinks.
 */
package io.proofofplay.runner.terminal;
