package io.proofofplay.testkit;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetters;
import java.io.IOException;
import java.util.List;
import java.util.Set;

class MemoryDeadLettersTest implements DeadLettersContract {

  @Override
  public Place place() {
    return new MemoryLetters();
  }

  /** Dead letters in memory under the contract's control. */
  static class MemoryLetters implements Place {

    final MemoryStorage storage = new MemoryStorage(ManualTime.standing());

    @Override
    public DeadLetters open() throws IOException {
      return storage.openDeadLetters("sink");
    }

    @Override
    public List<DeadLetter> read() {
      return storage.dead("sink");
    }

    @Override
    public void kill() throws IOException {
      storage.kill();
    }

    @Override
    public void damage() {
      storage.failForces();
    }

    @Override
    public void repair() {
      storage.repair();
    }

    @Override
    public boolean givesBack() {
      return true;
    }

    @Override
    public List<DeadLetter> readDiscarded() {
      return storage.discarded("sink");
    }

    @Override
    public void ask(DeadLetterRequest.Action action, Set<String> batches) {
      storage.ask("sink", new DeadLetterRequest("one", action, batches));
    }

    @Override
    public void close() {}
  }
}
