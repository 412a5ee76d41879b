package io.proofofplay.testkit;

import io.proofofplay.core.model.Durability;

class MemorySpoolOnFailureTest implements SpoolContract {

  @Override
  public Place place() {
    return new MemoryPlace();
  }

  @Override
  public Durability durability() {
    return Durability.ON_FAILURE;
  }
}
