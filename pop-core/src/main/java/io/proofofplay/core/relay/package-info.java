/**
 * The engine: takes events in, keeps them by the sinks' policies, and delivers them. All
 * consequences of a submitter's verdict live here, so that every submitter has the same ones.
 *
 * <p>Place in the hexagon: the application inside the ports. It owns every thread; it sees the
 * ports and the domain, and no adapter.
 */
package io.proofofplay.core.relay;
