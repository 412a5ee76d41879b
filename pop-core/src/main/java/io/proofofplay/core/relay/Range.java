package io.proofofplay.core.relay;

/**
 * A run of events in a batch.
 *
 * @param from the index of the first
 * @param to the index behind the last
 */
record Range(int from, int to) {

  int size() {
    return to - from;
  }
}
