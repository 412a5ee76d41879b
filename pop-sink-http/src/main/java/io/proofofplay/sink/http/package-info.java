/**
 * The sink type {@code http}: posts batches to an HTTP backend and turns its answer into a verdict.
 *
 * <p>Place in the hexagon: an adapter of the port {@link io.proofofplay.core.spi.Submitter}. It
 * depends on the ports, the domain and Apache HttpClient 5, and is the only one that sees
 * HttpClient.
 *
 * <p>How an attempt flows: {@link io.proofofplay.sink.http.HttpSubmitter} writes the batch with a
 * {@code BatchEntity} through HttpClient over a {@code DeadlineSocket}, whose every wait ends when
 * the attempt's time is up; the answer, or what went wrong, becomes a verdict in {@code Verdicts}.
 */
package io.proofofplay.sink.http;
