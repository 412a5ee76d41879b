/** Benchmarks of the parts of the source, in its package because the parts are its own affair. */
package io.proofofplay.source.infobeamer;
