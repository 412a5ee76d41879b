package io.proofofplay.runner.history;

import java.time.Duration;
import java.time.Instant;

/**
 * An event that a destination has confirmed.
 *
 * @param time when, by the wall clock
 * @param sink to which sink
 * @param batch in which batch, or part of one
 * @param status what the destination answered, such as 200
 * @param took how long the attempt took
 * @param uuid the event's id
 * @param ts when playback began, as the player spelled it; empty if it said nothing
 * @param duration how long it played, as the player spelled it; empty if it said nothing
 * @param device the device's id, else its serial number; empty if neither is known
 * @param asset the asset's id, else its file; empty if neither is known
 */
public record DeliveredEvent(
    Instant time,
    String sink,
    String batch,
    int status,
    Duration took,
    String uuid,
    String ts,
    String duration,
    String device,
    String asset) {}
