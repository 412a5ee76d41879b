package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.spool.file.Disk.OpenFile;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Two threads change names in a folder and make them safe: one delivers, one keeps events. */
class SpoolFolderTest {

  private static final String FILE = "000000000001.open";
  private static final String SEALED = "000000000001-n1.ndjson";
  private static final int CRASHES = 32;

  private final FaultyDisk disk = new FaultyDisk();
  private final SpoolFolder folder = new SpoolFolder(disk, Spools.FOLDER);

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
}
