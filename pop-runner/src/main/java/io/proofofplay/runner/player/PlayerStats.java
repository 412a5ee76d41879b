package io.proofofplay.runner.player;

/**
 * What a simulated player has done so far.
 *
 * @param clients how many clients get the plays now
 * @param connections how many connections there have been
 * @param sent how many events were played to at least one client
 * @param unheard how many events were played while nobody was there; they are gone
 * @param strayBytes how many bytes clients sent after their path; a real player's script may crash
 *     on them
 * @param ended whether the programme is over
 */
public record PlayerStats(
    int clients, long connections, long sent, long unheard, long strayBytes, boolean ended) {}
