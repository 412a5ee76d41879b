package io.proofofplay.core.relay;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A spool whose calls are watched, save {@link #stats}, which may wait for another call only. */
final class WatchedSpool implements Spool {

  private final Spool spool;
  private final StorageWatch watch;

  WatchedSpool(Spool spool, StorageWatch watch) {
    this.spool = spool;
    this.watch = watch;
  }

  @Override
  public Append append(List<PopEvent> events) {
    return watch.during("keep events", () -> spool.append(events));
  }

  @Override
  public Append appendAmongOthers(List<PopEvent> events) {
    // With each event of a player, so without an object for the call itself.
    StorageWatch.Running outer = watch.begins("keep events");
    try {
      return spool.appendAmongOthers(events);
    } finally {
      watch.returned(outer);
    }
  }

  @Override
  public void sync() throws IOException {
    watch.during(
        "force events to disk",
        () -> {
          spool.sync();
          return null;
        });
  }

  @Override
  public boolean roll() throws IOException {
    return watch.during("seal a batch", spool::roll);
  }

  @Override
  public Optional<Batch> peek() throws IOException {
    return watch.during("read a batch", spool::peek);
  }

  @Override
  public Optional<Batch> peekBehind(BatchId id) throws IOException {
    return watch.during("read a batch", () -> spool.peekBehind(id));
  }

  @Override
  public void readAhead() {
    watch.during(
        "read a batch",
        () -> {
          spool.readAhead();
          return null;
        });
  }

  @Override
  public void remove(BatchId done) {
    watch.during(
        "remove events",
        () -> {
          spool.remove(done);
          return null;
        });
  }

  @Override
  public Optional<Batch> evict(Optional<BatchId> inFlight) throws IOException {
    return watch.during("take a batch out", () -> spool.evict(inFlight));
  }

  @Override
  public void adopt(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
      throws IOException {
    watch.during(
        "follow other limits",
        () -> {
          spool.adopt(keeping, batches, oneSender);
          return null;
        });
  }

  @Override
  public SpoolStats stats() {
    return spool.stats();
  }

  @Override
  public void close() throws IOException {
    // A stop has its own bound, and its own word about what did not end in it.
    spool.close();
  }
}
