package io.proofofplay.runner.backend;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How a backend misbehaves, to try a relay out.
 *
 * @param failFirst for how long after its start every request fails; 0 for not at all
 * @param status the status of a request that is made to fail
 * @param every makes every so manieth request fail, 1 for each; 0 for none
 * @param retryAfter seconds for the {@code Retry-After} of a request that is made to fail; empty
 *     for no such header
 * @param loseEvery takes every so manieth request and closes the connection instead of answering; 0
 *     for none
 * @param rejected uuids of events whose batch is answered 422
 */
record Faults(
    Duration failFirst,
    int status,
    int every,
    Optional<Integer> retryAfter,
    int loseEvery,
    Set<String> rejected) {

  static final int UNAVAILABLE = 503;

  static final Faults NONE =
      new Faults(Duration.ZERO, UNAVAILABLE, 0, Optional.empty(), 0, Set.of());

  Faults {
    rejected = Set.copyOf(rejected);
  }

  boolean fails(long request, Duration sinceStart) {
    return sinceStart.compareTo(failFirst) < 0 || (every > 0 && request % every == 0);
  }

  boolean losesAnswer(long request) {
    return loseEvery > 0 && request % loseEvery == 0;
  }
}
