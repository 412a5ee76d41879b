package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.spool.file.Disk.OpenFile;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Two threads change names in a folder and make them safe: one delivers, one keeps events. */
class SpoolFolderTest {

  private static final String FILE = "000000000001.open";
  private static final String SEALED = "000000000001-n1.ndjson";
  private static final int CRASHES = 32;

  private final FaultyDisk disk = new FaultyDisk();
  private final ManualTime time = ManualTime.standing();
  private final SpoolFolder folder = new SpoolFolder(disk, Spools.FOLDER, time);

  /** The other thread makes the names safe when this one is about to do something. */
  private void forcedJustBefore(Kind kind) {
    disk.failAll(
        step -> {
          if (step == kind) {
            folder.forceIfPossible();
          }
          return false;
        },
        Fault.IO_ERROR);
  }

  private void make() throws IOException {
    folder.prepare();
    try (OpenFile file = folder.create(FILE)) {
      file.write(new byte[] {1}, 0, 1);
      file.force();
    }
    folder.force();
  }

  private void expectAfterAnyPowerCut(String there, boolean isThere) {
    for (int seed = 0; seed < CRASHES; seed++) {
      assertThat(disk.afterPowerCut(seed).files().contains(Spools.FOLDER.resolve(there)))
          .as("%s is there after power cut %s", there, seed)
          .isEqualTo(isThere);
    }
  }

  @Test
  void aNewNameIsForcedAlsoIfTheFolderWasWhileItCameToBe() throws IOException {
    forcedJustBefore(Kind.CREATE);
    make();

    expectAfterAnyPowerCut(FILE, true);
  }

  @Test
  void aChangedNameIsForcedAlsoIfTheFolderWasWhileItChanged() throws IOException {
    make();
    forcedJustBefore(Kind.RENAME);
    folder.rename(FILE, SEALED);
    folder.force();

    expectAfterAnyPowerCut(SEALED, true);
  }

  @Test
  void aDeletionIsForcedAlsoIfTheFolderWasWhileItHappened() throws IOException {
    make();
    forcedJustBefore(Kind.DELETE);
    folder.delete(FILE);
    folder.force();

    expectAfterAnyPowerCut(FILE, false);
  }

  @Test
  void whatIsDoneWithIsForcedAlsoIfTheFolderWasWhileItHappened() throws IOException {
    make();
    forcedJustBefore(Kind.DELETE);
    folder.deleteAsDone(FILE);
    folder.forceIfPossible();

    expectAfterAnyPowerCut(FILE, false);
  }

  /** Makes files and forces their names. */
  private void make(int files) throws IOException {
    folder.prepare();
    for (int i = 0; i < files; i++) {
      folder.create(name(i)).close();
    }
    folder.force();
  }

  private static String name(int number) {
    return SpoolFileName.open(number).toString();
  }

  private int forces() {
    return disk.count(Kind.FORCE_DIRECTORY);
  }

  @Test
  void whatIsDoneWithSharesAForceWithAFewOthers() throws IOException {
    make(2 * SpoolFolder.MOST_UNSAFE);
    int before = forces();
    for (int i = 0; i < SpoolFolder.MOST_UNSAFE - 1; i++) {
      folder.deleteAsDone(name(i));
      folder.forceDoneIfDue();
    }
    assertThat(forces()).as("put off").isEqualTo(before);

    folder.renameAsDone(name(SpoolFolder.MOST_UNSAFE), SEALED);
    folder.forceDoneIfDue();

    assertThat(forces()).as("one for all").isEqualTo(before + 1);
    expectAfterAnyPowerCut(name(0), false);
    expectAfterAnyPowerCut(SEALED, true);
  }

  @Test
  void whatIsDoneWithIsForcedWhenItHasWaitedLongEnough() throws IOException {
    make(2);
    folder.deleteAsDone(name(0));
    folder.forceDoneIfDue();
    int before = forces();

    time.advance(Duration.ofNanos(SpoolFolder.LONGEST_UNSAFE - 1));
    folder.forceDoneIfDue();
    folder.force();
    assertThat(forces()).isEqualTo(before);

    time.advance(Duration.ofNanos(1));
    folder.force();
    assertThat(forces()).as("by who makes events safe").isEqualTo(before + 1);
    expectAfterAnyPowerCut(name(0), false);
  }

  @Test
  void whatIsDoneWithIsForcedAtOnceWhenNothingWasForLong() throws IOException {
    make(2);
    time.advance(Duration.ofNanos(SpoolFolder.LONGEST_UNSAFE));

    folder.deleteAsDone(name(0));
    folder.forceDoneIfDue();

    expectAfterAnyPowerCut(name(0), false);
  }

  @Test
  void aDiskThatCannotForceIsAskedOnceASecondForWhatIsDoneWith() throws IOException {
    make(2);
    time.advance(Duration.ofNanos(SpoolFolder.LONGEST_UNSAFE));
    disk.failAll(step -> step == Kind.FORCE_DIRECTORY, Fault.IO_ERROR);
    int before = forces();
    folder.deleteAsDone(name(0));
    for (int i = 0; i < 5; i++) {
      folder.forceDoneIfDue();
    }
    assertThat(forces()).isEqualTo(before + 1);

    time.advance(Duration.ofSeconds(1));
    folder.forceDoneIfDue();
    folder.forceDoneIfDue();
    assertThat(forces()).isEqualTo(before + 2);

    disk.failAll(step -> false, Fault.IO_ERROR);
    time.advance(Duration.ofSeconds(1));
    folder.forceDoneIfDue();
    expectAfterAnyPowerCut(name(0), false);
  }

  @Test
  void aNewNameTakesWhatIsDoneWithAlong() throws IOException {
    make(2);
    folder.deleteAsDone(name(0));
    folder.create(name(9)).close();
    folder.force();
    int before = forces();

    expectAfterAnyPowerCut(name(0), false);
    folder.forceIfPossible();
    assertThat(forces()).as("nothing is left to force").isEqualTo(before);
  }
}
