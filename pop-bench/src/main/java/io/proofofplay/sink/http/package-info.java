/** Benchmarks of the parts of the sink, in its package because the parts are its own affair. */
package io.proofofplay.sink.http;
