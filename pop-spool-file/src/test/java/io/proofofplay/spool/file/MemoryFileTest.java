package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered for a source. */
class MemoryFileTest {

  private static final byte[] OLD = "old\nlines\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NEW = "newer lines\n\n".getBytes(StandardCharsets.UTF_8);

  private final FaultyDisk disk = new FaultyDisk();
  private final MemoryFile memory = new MemoryFile(disk, Spools.FOLDER, "lobby");

  @Test
  void whatIsWrittenIsReadAfterAPowerCut() throws IOException {
    assertThat(memory.read()).isEmpty();
    memory.write(OLD);
    memory.write(NEW);
    disk.crash(1);

    assertThat(memory.read()).isEqualTo(NEW);
  }

  @Test
  void whicheverStepFailsOneOfTheTwoIsThere() throws IOException {
    memory.write(OLD);
    long first = disk.operations();
    memory.write(NEW);
    long steps = disk.operations() - first;
    assertThat(steps).isGreaterThan(4);
    for (long step = 0; step < steps; step++) {
      for (long seed = 0; seed < 4; seed++) {
        FaultyDisk faulty = new FaultyDisk();
        MemoryFile file = new MemoryFile(faulty, Spools.FOLDER, "lobby");
        file.write(OLD);
        faulty.fail(step + 1, 1, Fault.IO_ERROR);
        try {
          file.write(NEW);
        } catch (IOException e) {
          // The power goes off at that moment.
          faulty.crash(seed);
        }
        faulty.repair();
        assertThat(file.read()).as("step %d", step).isIn(OLD, NEW);
      }
    }
  }

  @Test
  void aDamagedOneIsNotUsed() throws IOException {
    memory.write(OLD);
    Path file = Spools.FOLDER.resolve(MemoryFile.FOLDER).resolve("lobby");
    byte[] good = disk.bytes(file);
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      disk.put(file, bad);
      assertThat(memory.read()).as("byte %d", at).isEmpty();
    }
    disk.put(file, new byte[0]);
    assertThat(memory.read()).isEmpty();
    disk.put(file, good);
    assertThat(memory.read()).isEqualTo(OLD);
  }

  @Test
  void aStorageRemembersForEachSourceAndCountsNoneAsASink(@TempDir Path folder) throws IOException {
    try (FileStorage storage = FileStorage.open(folder, TimeSource.system())) {
      storage.remember("lobby", OLD);
      storage.remember("hall", NEW);
    }
    try (FileStorage storage = FileStorage.open(folder, TimeSource.system())) {
      assertThat(storage.recall("lobby")).isEqualTo(OLD);
      assertThat(storage.recall("hall")).isEqualTo(NEW);
      assertThat(storage.recall("attic")).isEmpty();
      assertThat(storage.sinks()).isEmpty();
      assertThatThrownBy(() -> storage.remember("../lobby", OLD)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> storage.remember("big", new byte[Storage.LONGEST_MEMORY + 1]))
          .hasMessageContaining("too many");
    }
  }
}
