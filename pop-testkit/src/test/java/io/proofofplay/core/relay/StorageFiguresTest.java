package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.RefusedLines;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a storage has given up or found torn is in the relay's statistics. */
class StorageFiguresTest {

  /** Keeps 11 dead letters, has given up 3, 5 drops and 7 refused lines. */
  private static final class Overflown implements Storage {

    private final MemoryStorage memory = new MemoryStorage(TimeSource.system());

    @Override
    public Spool openSpool(String sink, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      return memory.openSpool(sink, keeping, batches, oneSender);
    }

    @Override
    public DeadLetters openDeadLetters(String sink) {
      return new DeadLetters() {
        @Override
        public void put(DeadLetter letter) {
          throw new AssertionError(letter);
        }

        @Override
        public long kept() {
          return 11;
        }

        @Override
        public long discarded() {
          return 3;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public DropLedger openDropLedger(String sink) {
      return new DropLedger() {
        @Override
        public void record(Drop drop) {
          throw new AssertionError(drop);
        }

        @Override
        public long discarded() {
          return 5;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public RefusedLines openRefusedLines() {
      return new RefusedLines() {
        @Override
        public void put(Instant time, String source, RefusedLine line) {
          throw new AssertionError(line);
        }

        @Override
        public long discarded() {
          return 7;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public Set<String> sinks() throws IOException {
      return memory.sinks();
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  @Test
  void whatWasGivenUpForTheLackOfRoomCanBeRead() throws IOException {
    ScriptedSubmitter backend = new ScriptedSubmitter(TimeSource.system());
    Relay relay =
        Relay.builder()
            .storage(new Overflown())
            .source("player", new ScriptedSource())
            .sink(Sink.named("billing", backend))
            .build();
    assertThat(relay.stats().discardedRefusedLines()).isZero();
    relay.start();
    try {
      RelayStats stats = relay.stats();
      assertThat(stats.discardedRefusedLines()).isEqualTo(7);
      assertThat(stats.sinks().get("billing").deadLetters()).isEqualTo(11);
      assertThat(stats.sinks().get("billing").discardedDeadLetters()).isEqualTo(3);
      assertThat(stats.sinks().get("billing").discardedDrops()).isEqualTo(5);
      assertThat(stats.sinks().get("billing").damagedAtStart()).isZero();
    } finally {
      relay.stop(Duration.ZERO);
    }
  }
}
