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

  /** Something that is done to a disk. */
  private interface Step {
    void on(Disk disk) throws IOException;
  }

  @Test
  void noOperationReachesADirectoryInItsPlace() throws Exception {
    Files.createDirectories(directory);
    try (DirectoryLock lock = DirectoryLock.take(directory)) {
      Disk disk = new OwnedDisk(new RealDisk(), lock);
      Files.move(directory, away);
      Files.createDirectories(directory);
      Path mine = Files.writeString(directory.resolve("mine"), "another's");
      List<Step> steps =
          List.of(
              on -> on.create(directory.resolve("new")).close(),
              on -> on.append(mine).close(),
              on -> assertThat(on.read(mine, 0, 9)).isEmpty(),
              on -> on.rename(mine, directory.resolve("new")),
              on -> on.delete(mine),
              on -> assertThat(on.list(directory)).isEmpty(),
              on -> on.createDirectory(directory.resolve("new")),
              on -> on.forceDirectory(directory));
      for (Step step : steps) {
        assertThatThrownBy(() -> step.on(disk)).isInstanceOf(IOException.class);
      }
      assertThat(directory.toFile().list()).containsExactly("mine");
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

  @Test
  void aNameIsForcedInTheDirectoryThatIsOwned() throws Exception {
    Files.createDirectories(directory);
    try (DirectoryLock lock = DirectoryLock.take(directory)) {
      for (int seed = 0; seed < 16; seed++) {
        FaultyDisk real = new FaultyDisk();
        Disk disk = new OwnedDisk(real, lock);
        real.createDirectories(Spools.FOLDER);
        Path file = Spools.FOLDER.resolve("file");
        disk.create(file).close();

        disk.forceDirectory(Spools.FOLDER);

        real.crash(seed);
        assertThat(real.files()).as("seed %s", seed).containsExactly(file);
      }
    }
  }
}
