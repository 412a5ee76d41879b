package io.proofofplay.testkit;

/** What is wrong with the place that {@link MemoryStorage} plays. */
final class MemoryDisk {

  private volatile boolean full;
  private volatile boolean failsToForce;
  private volatile boolean failsToRead;

  boolean isFull() {
    return full;
  }

  boolean failsToForce() {
    return failsToForce;
  }

  boolean failsToRead() {
    return failsToRead;
  }

  void fill() {
    full = true;
  }

  void failForces() {
    failsToForce = true;
  }

  void failReads() {
    failsToRead = true;
  }

  void repair() {
    full = false;
    failsToForce = false;
    failsToRead = false;
  }
}
