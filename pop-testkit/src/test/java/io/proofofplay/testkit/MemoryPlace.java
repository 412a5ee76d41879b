package io.proofofplay.testkit;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import java.io.IOException;

/** A spool in memory under a contract's control. */
class MemoryPlace implements SpoolContract.Place {

  final MemoryStorage storage = new MemoryStorage(ManualTime.standing());

  @Override
  public Spool open(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
      throws IOException {
    return storage.openSpool("sink", keeping, batches, oneSender);
  }

  @Override
  public void kill() {
    storage.kill();
  }

  @Override
  public void fill() {
    storage.fill();
  }

  @Override
  public void failForces() {
    storage.failForces();
  }

  @Override
  public void repair() {
    storage.repair();
  }

  @Override
  public void close() {}
}
