package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether a disk would take events, found out without one. */
class TrialTest {

  private static final int BYTES = 5000;

  private final FaultyDisk disk = new FaultyDisk();
  private final ManualTime time = ManualTime.standing();
  private final Trial trial = new Trial(disk, Spools.FOLDER);

  @TempDir private Path temporary;

  @Test
  void aDiskWithRoomTakesThemAndNothingStays() throws IOException {
    disk.createDirectories(Spools.FOLDER);
    assertThat(trial.succeeds(BYTES)).isTrue();
    assertThat(disk.files()).isEmpty();
    assertThat(disk.count(Kind.FORCE)).isEqualTo(1);
  }

  @Test
  void aByteTooLittleIsNoRoom() throws IOException {
    disk.createDirectories(Spools.FOLDER);
    disk.leaveRoom(BYTES - 1);
    assertThat(trial.succeeds(BYTES)).isFalse();
    assertThat(disk.files()).as("the bytes that fitted").isEmpty();
    disk.leaveRoom(BYTES);
    assertThat(trial.succeeds(BYTES)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"CREATE", "WRITE", "FORCE", "FORCE_DIRECTORY", "DELETE"})
  void aDiskThatFailsAtAnythingThatASpoolDoesIsNotWell(Kind failing) throws IOException {
    disk.createDirectories(Spools.FOLDER);
    disk.failAll(kind -> kind == failing, Fault.IO_ERROR);
    assertThat(trial.succeeds(BYTES)).isFalse();
    disk.repair();
    assertThat(trial.succeeds(BYTES)).isTrue();
    assertThat(disk.files()).isEmpty();
  }

  @Test
  void whatAKillLeavesOfItIsNoFileOfTheSpoolAndIsRemoved() throws IOException {
    disk.createDirectories(Spools.FOLDER);
    disk.put(Spools.FOLDER.resolve(Trial.NAME), new byte[BYTES]);
    try (Said said = Said.listen();
        FileSpool spool = Spools.open(disk, 4)) {
      assertThat(spool.stats().batches()).isZero();
      assertThat(disk.files()).containsExactly(Spools.FOLDER.resolve(Reserve.NAME));
      assertThat(said.linesWith("not the spool's")).isEmpty();
    }
  }

  private FileStorage storage() throws IOException {
    return new FileStorage(Path.of("/spool"), time, disk, DirectoryLock.take(temporary));
  }

  @Test
  void theReserveComesFirstWhenThereIsRoomAgain() throws IOException {
    try (FileStorage storage = storage();
        Spool spool =
            storage.openSpool("billing", SpoolPolicy.defaults(), BatchPolicy.defaults(), false);
        DeadLetters letters = storage.openDeadLetters("billing")) {
      assertThat(storage.couldKeep("billing", BYTES)).isTrue();
      disk.leaveRoom(0);
      letters.put(
          new DeadLetter(ManualTime.START, BatchId.of("x", 1), Reason.of("no"), Events.number(1)));
      disk.leaveRoom(Reserve.BYTES - 1);
      time.advance(Duration.ofSeconds(2));
      assertThat(storage.couldKeep("billing", BYTES)).as("as the spool sees it").isFalse();
      assertThat(spool.append(Events.numbered(1))).isEqualTo(Spool.Append.NO_SPACE);

      disk.repair();
      time.advance(Duration.ofSeconds(2));
      assertThat(storage.couldKeep("billing", BYTES)).isTrue();
      assertThat(spool.append(Events.numbered(1))).isEqualTo(Spool.Append.KEPT);
    }
  }

  @Test
  void onARealDiskNothingStaysAndAFolderThatIsAwayTakesNothing() throws IOException {
    FileStorage storage = FileStorage.open(temporary, time);
    Path folder = temporary.resolve("billing");
    Path away = temporary.resolve("away");
    storage.openSpool("billing", SpoolPolicy.defaults(), BatchPolicy.defaults(), false).close();
    assertThat(storage.couldKeep("billing", BYTES)).isTrue();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("reserve");
    }

    Files.move(folder, away);
    assertThat(storage.couldKeep("billing", BYTES)).isFalse();
    Files.move(away, folder);
    assertThat(storage.couldKeep("billing", BYTES)).isTrue();

    storage.close();
    assertThat(storage.couldKeep("billing", BYTES)).as("once closed").isFalse();
  }
}
