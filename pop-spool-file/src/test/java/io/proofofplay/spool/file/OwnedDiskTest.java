package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Events;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that is removed, moved or replaced under a storage that has locked it. */
class OwnedDiskTest {

  @TempDir private Path temporary;
  private Path directory;
  private Path away;

  @BeforeEach
  void places() {
    directory = temporary.resolve("spool");
    away = temporary.resolve("away");
  }

  @Test
  void whatIsForcedInADirectoryThatWasMovedIsNotKept() throws Exception {
    try (FileStorage storage = FileStorage.open(directory, TimeSource.system())) {
      Spool spool = spool(storage);
      keep(spool, 0);
      Files.move(directory, away);

      assertThatThrownBy(() -> keep(spool, 1)).isInstanceOf(IOException.class);
      assertThat(storage.loss()).as("it may come back").isEmpty();

      Files.move(away, directory);
      keep(spool, 2);
      assertThat(spool.stats().events()).isEqualTo(2);
    }
  }

  @Test
  void nothingIsDoneToADirectoryInItsPlaceAndThatIsALoss() throws Exception {
    try (FileStorage storage = FileStorage.open(directory, TimeSource.system())) {
      Spool spool = spool(storage);
      keep(spool, 0);
      Files.move(directory, away);
      Path stranger = Files.createDirectories(directory.resolve("billing")).resolve("mine");
      Files.writeString(stranger, "another's");

      assertThatThrownBy(() -> keep(spool, 1)).isInstanceOf(IOException.class);
      assertThatThrownBy(spool::roll).isInstanceOf(IOException.class);
      assertThat(storage.loss()).hasValueSatisfying(loss -> assertThat(loss).contains("restart"));
      assertThat(directory.resolve("billing").toFile().list()).containsExactly("mine");

      Files.delete(stranger);
      Files.delete(directory.resolve("billing"));
      Files.delete(directory);
      Files.move(away, directory);
      assertThat(storage.loss()).isEmpty();
      assertThat(spool.peek()).isPresent();
      assertThat(spool.stats().damaged()).as("booked as lost while it was away").isZero();
    }
  }

  @Test
  void aLockThatIsRemovedIsALoss() throws Exception {
    try (FileStorage storage = FileStorage.open(directory, TimeSource.system())) {
      Spool spool = spool(storage);
      Files.delete(directory.resolve(DirectoryLock.NAME));

      assertThatThrownBy(() -> keep(spool, 0)).isInstanceOf(IOException.class);
      assertThat(storage.loss()).isPresent();
    }
  }

  private static Spool spool(FileStorage storage) throws IOException {
    return storage.openSpool("billing", SpoolPolicy.defaults(), BatchPolicy.defaults(), false);
  }

  private static void keep(Spool spool, int number) throws IOException {
    if (spool.append(List.of(Events.number(number))) != Spool.Append.KEPT) {
      throw new IOException("no space");
    }
    spool.sync();
  }
}
