package io.proofofplay.testkit;

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

/** One opening of a {@link MemoryQueue}. Closed or cut off, it reaches the queue no more. */
final class MemorySpool implements Spool {

  private final MemoryQueue queue;
  private final Object gate = new Object();
  private boolean ended;

  MemorySpool(MemoryQueue queue) {
    this.queue = queue;
  }

  @Override
  public Append append(List<PopEvent> events) {
    synchronized (gate) {
      return ended ? Append.NO_SPACE : queue.append(events);
    }
  }

  @Override
  public void sync() throws IOException {
    synchronized (gate) {
      expectLive();
      queue.force();
    }
  }

  @Override
  public boolean roll() throws IOException {
    synchronized (gate) {
      expectLive();
      return queue.roll();
    }
  }

  @Override
  public Optional<Batch> peek() throws IOException {
    synchronized (gate) {
      expectLive();
      return queue.batch(0);
    }
  }

  @Override
  public Optional<Batch> peekBehind(BatchId id) throws IOException {
    synchronized (gate) {
      expectLive();
      return queue.batch(1);
    }
  }

  @Override
  public void readAhead() {
    synchronized (gate) {
      if (!ended) {
        queue.readAhead();
      }
    }
  }

  @Override
  public void remove(BatchId done) {
    synchronized (gate) {
      if (!ended) {
        queue.remove(done);
      }
    }
  }

  @Override
  public Optional<Batch> evict(Optional<BatchId> inFlight) throws IOException {
    synchronized (gate) {
      expectLive();
      return queue.evict(inFlight);
    }
  }

  @Override
  public void adopt(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
      throws IOException {
    synchronized (gate) {
      expectLive();
      queue.adopt(keeping, batches, oneSender);
    }
  }

  @Override
  public SpoolStats stats() {
    return queue.stats();
  }

  @Override
  public void close() throws IOException {
    synchronized (gate) {
      if (!ended) {
        ended = true;
        queue.force();
      }
    }
  }

  boolean isLive() {
    synchronized (gate) {
      return !ended;
    }
  }

  /** The power fails. */
  void cutOff() {
    synchronized (gate) {
      if (!ended) {
        ended = true;
        queue.cutUnforced();
      }
    }
  }

  private void expectLive() throws IOException {
    if (ended) {
      throw new IOException("the spool in memory is closed or cut off");
    }
  }
}
