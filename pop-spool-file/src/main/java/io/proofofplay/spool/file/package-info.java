/**
 * Keeps the events of a relay in files: one folder per sink, one sealed file per batch. The format
 * is described in {@code docs/spool-format.md}.
 *
 * <p>Place in the hexagon: an adapter of the port {@link io.proofofplay.core.spi.Storage}. It
 * starts no thread; everything that is done to a file goes through the seam {@code Disk}.
 */
package io.proofofplay.spool.file;
