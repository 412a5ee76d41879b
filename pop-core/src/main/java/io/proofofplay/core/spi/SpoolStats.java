package io.proofofplay.core.spi;

import java.time.Instant;
import java.util.Optional;

/**
 * The books of a spool at one moment.
 *
 * @param events how many wait, in the open batch and the sealed ones
 * @param openEvents how many of them are in the open batch
 * @param openBytes the bytes of events in the open batch
 * @param batches how many sealed batches wait
 * @param bytes the room that all of it takes, frames included
 * @param oldest when the oldest waiting batch was begun, by the wall clock; empty if nothing waits
 * @param appended how many events were appended since the opening, those withdrawn since included
 * @param recovered how many events were found when the spool was opened, or later in what could not
 *     be read then
 * @param damaged how many events were found missing or unreadable since the opening, after they had
 *     been counted as waiting
 * @param withdrawn how many appended events a failed force has taken out again, never acknowledged
 * @param unconfirmed how many of those that wait are not forced yet and would be taken out again by
 *     a force that fails; 0 under a durability below write-ahead, which takes none out
 * @param damagedAtStart how many lines could not be read when the spool was opened, in what a kill
 *     had left; each may have been an event, none was counted as recovered. What could not be read
 *     then at all is tried again, and counts as one if it is given up
 */
public record SpoolStats(
    long events,
    int openEvents,
    long openBytes,
    long batches,
    long bytes,
    Optional<Instant> oldest,
    long appended,
    long recovered,
    long damaged,
    long withdrawn,
    long unconfirmed,
    long damagedAtStart) {}
