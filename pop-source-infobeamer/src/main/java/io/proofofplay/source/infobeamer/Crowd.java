package io.proofofplay.source.infobeamer;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many sources of this kind run in one process. Memory that each would have for itself is
 * divided among them when they are many.
 *
 * <p>Thread-safe.
 */
final class Crowd {

  /** The one of this process: its heap is what is divided. */
  static final Crowd PROCESS = new Crowd();

  private final AtomicInteger running = new AtomicInteger();

  void enter() {
    running.incrementAndGet();
  }

  void leave() {
    running.decrementAndGet();
  }

  /** How many there are now. */
  int size() {
    return running.get();
  }

  /**
   * What one of them may have.
   *
   * @param all what there is for all of them
   * @param least what each may have, however many they are
   * @param most what is enough for one
   */
  int share(int all, int least, int most) {
    return Math.min(most, Math.max(least, all / Math.max(1, running.get())));
  }
}
