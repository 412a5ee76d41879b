package io.proofofplay.testkit;

import io.proofofplay.core.model.Durability;

class MemorySpoolWriteAheadTest implements SpoolContract {

  @Override
  public Place place() {
    return new MemoryPlace();
  }

  @Override
  public Durability durability() {
    return Durability.WRITE_AHEAD;
  }
}
