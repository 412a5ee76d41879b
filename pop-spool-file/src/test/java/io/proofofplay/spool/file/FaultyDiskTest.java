package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.spool.file.Disk.OpenFile;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The disk of the other tests is as bad as a real one may be, and no worse. */
class FaultyDiskTest {

  private static final Path FOLDER = Path.of("/d");
  private static final Path FILE = FOLDER.resolve("file");
  private static final int SECTOR = 512;
  private static final int SEEDS = 400;

  private FaultyDisk disk;

  @BeforeEach
  void anEmptyDisk() throws IOException {
    disk = new FaultyDisk();
    disk.createDirectories(FOLDER);
  }

  private static byte[] filled(int length, int with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) with);
    return bytes;
  }

  private static void write(OpenFile file, int length, int with) throws IOException {
    file.write(filled(length, with), 0, length);
  }

  private OpenFile forced(int length, int with) throws IOException {
    OpenFile file = disk.create(FILE);
    write(file, length, with);
    file.force();
    disk.forceDirectory(FOLDER);
    return file;
  }

  @Test
  void whatWasForcedSurvivesEveryPowerCut() throws IOException {
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      OpenFile file = forced(700, 1);
      write(file, 900, 2);
      disk.crash(seed);
      assertThat(Arrays.copyOf(disk.bytes(FILE), 700)).isEqualTo(filled(700, 1));
    }
  }

  @Test
  void whatWasNotForcedIsTornAtSectorsInAnyOrder() throws IOException {
    Set<Integer> lengths = new HashSet<>();
    Set<String> fates = new TreeSet<>();
    boolean laterWithoutEarlier = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      OpenFile file = forced(SECTOR, 1);
      write(file, 4 * SECTOR, 2);
      disk.crash(seed);
      byte[] left = disk.bytes(FILE);
      lengths.add(left.length);
      String sectors = "";
      for (int from = SECTOR; from + SECTOR <= left.length; from += SECTOR) {
        byte[] sector = Arrays.copyOfRange(left, from, from + SECTOR);
        boolean there = Arrays.equals(sector, filled(SECTOR, 2));
        boolean zeros = Arrays.equals(sector, filled(SECTOR, 0));
        String fate = there ? "there" : zeros ? "zeros" : "old bytes";
        fates.add(fate);
        laterWithoutEarlier |= there && !sectors.isEmpty() && !sectors.endsWith("there");
        sectors += fate;
      }
    }
    assertThat(fates).containsExactly("old bytes", "there", "zeros");
    assertThat(laterWithoutEarlier).isTrue();
    assertThat(lengths).as("the length is torn too").hasSizeGreaterThan(100);
    assertThat(lengths).allMatch(length -> length >= SECTOR && length <= 5 * SECTOR);
  }

  @Test
  void changesToNamesAreUndoneInAnyCombination() throws IOException {
    Set<String> outcomes = new TreeSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      disk.put(FOLDER.resolve("old"), filled(1, 1));
      disk.put(FOLDER.resolve("gone"), filled(1, 1));
      disk.rename(FOLDER.resolve("old"), FOLDER.resolve("new"));
      disk.delete(FOLDER.resolve("gone"));
      disk.create(FOLDER.resolve("made")).close();
      disk.crash(seed);
      outcomes.add(disk.files().stream().map(file -> file.getFileName().toString()).toList() + "");
    }
    assertThat(outcomes)
        .containsExactly(
            "[gone, made, new]",
            "[gone, made, old]",
            "[gone, new]",
            "[gone, old]",
            "[made, new]",
            "[made, old]",
            "[new]",
            "[old]");
  }

  @Test
  void forcedNamesStay() throws IOException {
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      disk.put(FOLDER.resolve("old"), filled(1, 1));
      disk.rename(FOLDER.resolve("old"), FOLDER.resolve("new"));
      disk.create(FOLDER.resolve("made")).close();
      disk.forceDirectory(FOLDER);
      disk.crash(seed);
      assertThat(disk.files()).containsExactly(FOLDER.resolve("made"), FOLDER.resolve("new"));
    }
  }

  @Test
  void aDirectoryWhoseNameWasNotForcedGoesWithAllThatIsInIt() throws IOException {
    Set<List<Path>> outcomes = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      Path below = FOLDER.resolve("below");
      disk.createDirectory(below);
      OpenFile file = disk.create(below.resolve("file"));
      write(file, 10, 1);
      file.force();
      disk.forceDirectory(below);
      disk.crash(seed);
      assertThat(disk.isDirectory(below)).isEqualTo(!disk.files().isEmpty());
      outcomes.add(disk.files());
    }
    assertThat(outcomes).hasSize(2);
  }

  @Test
  void directoriesThatAnEarlierProcessHasMadeAreForcedWithAllAboveThem() throws IOException {
    Path deep = FOLDER.resolve("a/b/c");
    for (int n = 2; n <= 6; n++) {
      for (int seed = 0; seed < 50; seed++) {
        anEmptyDisk();
        disk.fail(n, Long.MAX_VALUE, Fault.IO_ERROR);
        assertThatThrownBy(() -> disk.createDirectories(deep)).isInstanceOf(IOException.class);
        disk.kill();

        disk.createDirectories(deep);
        disk.forceAbove(deep);

        disk.crash(seed);
        assertThat(disk.isDirectory(deep)).as("fails from %s, seed %s", n, seed).isTrue();
      }
    }
  }

  @Test
  void aFailedForceIsNotMadeGoodByALaterOne() throws IOException {
    Set<Boolean> there = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      OpenFile file = forced(SECTOR, 1);
      write(file, SECTOR, 2);
      disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
      assertThatThrownBy(file::force).isInstanceOf(IOException.class);
      disk.repair();
      file.force();
      assertThat(disk.bytes(FILE)).as("what is read").hasSize(2 * SECTOR).endsWith(2);
      disk.crash(seed);
      byte[] left = disk.bytes(FILE);
      there.add(Arrays.equals(Arrays.copyOfRange(left, SECTOR, 2 * SECTOR), filled(SECTOR, 2)));
    }
    assertThat(there).containsExactlyInAnyOrder(true, false);
  }

  @Test
  void whatIsWrittenAnewAfterAFailedForceCanBeForced() throws IOException {
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      OpenFile file = forced(SECTOR, 1);
      write(file, SECTOR, 2);
      disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
      assertThatThrownBy(file::force).isInstanceOf(IOException.class);
      disk.repair();
      file.truncate(SECTOR);
      write(file, SECTOR, 3);
      file.force();
      disk.crash(seed);
      assertThat(disk.bytes(FILE)).hasSize(2 * SECTOR).endsWith(filled(SECTOR, 3));
    }
  }

  @Test
  void aCutThatWasNotForcedMayBeUndone() throws IOException {
    Set<Integer> lengths = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      anEmptyDisk();
      OpenFile file = forced(100, 1);
      file.truncate(90);
      disk.crash(seed);
      lengths.add(disk.bytes(FILE).length);
    }
    assertThat(lengths).contains(90, 100).allMatch(length -> length >= 90 && length <= 100);
  }

  @Test
  void eachKindOfOperationFailsAtItsNumberAndSoOftenAndChangesNothing() throws IOException {
    for (Kind kind : Kind.values()) {
      for (Fault fault : List.of(Fault.NO_SPACE, Fault.IO_ERROR)) {
        anEmptyDisk();
        OpenFile file = forced(10, 1);
        disk.fail(2, 2, fault);
        disk.list(FOLDER);
        for (int i = 0; i < 2; i++) {
          assertThatThrownBy(() -> perform(kind, file))
              .as("%s %s", kind, fault)
              .isInstanceOf(IOException.class)
              .hasMessage(fault == Fault.NO_SPACE ? "No space left" : "Input/output error");
        }
        assertThat(disk.files()).containsExactly(FILE);
        assertThat(disk.bytes(FILE)).isEqualTo(filled(10, 1));
        assertThat(disk.isDirectory(FOLDER.resolve("below"))).isFalse();
        int before = disk.count(kind);
        perform(kind, file);
        assertThat(disk.count(kind)).isEqualTo(before + 1);
      }
    }
  }

  private void perform(Kind kind, OpenFile file) throws IOException {
    switch (kind) {
      case CREATE -> disk.create(FOLDER.resolve("other")).close();
      case APPEND -> disk.append(FILE).close();
      case READ -> assertThat(disk.read(FILE, 2, 5)).hasSize(5);
      case RENAME -> disk.rename(FILE, FOLDER.resolve("other"));
      case DELETE -> disk.delete(FILE);
      case LIST -> assertThat(disk.list(FOLDER)).hasSize(1);
      case MAKE_DIRECTORY -> disk.createDirectory(FOLDER.resolve("below"));
      case FORCE_DIRECTORY -> disk.forceDirectory(FOLDER);
      case WRITE -> write(file, 5, 2);
      case FORCE -> file.force();
      case TRUNCATE -> file.truncate(5);
    }
  }

  @Test
  void aShortWriteLeavesItsFirstHalf() throws IOException {
    OpenFile file = forced(10, 1);
    disk.fail(1, 1, Fault.SHORT_WRITE);
    assertThatThrownBy(() -> write(file, 8, 2)).isInstanceOf(IOException.class);
    assertThat(disk.bytes(FILE)).hasSize(14).endsWith(2, 2, 2, 2);
  }

  @Test
  void aFullDiskTakesWhatFits() throws IOException {
    OpenFile file = forced(10, 1);
    disk.leaveRoom(3);
    assertThatThrownBy(() -> write(file, 8, 2)).isInstanceOf(IOException.class);
    assertThat(disk.bytes(FILE)).hasSize(13);
    disk.repair();
    write(file, 8, 2);
    assertThat(disk.bytes(FILE)).hasSize(21);
  }

  @Test
  void aKillLosesNothingThatWasWrittenAndItsFilesAreDead() throws IOException {
    OpenFile file = forced(10, 1);
    write(file, 5, 2);
    disk.kill();
    assertThat(disk.bytes(FILE)).hasSize(15);
    assertThatThrownBy(() -> write(file, 1, 3)).isInstanceOf(IOException.class);
    assertThatThrownBy(file::force).isInstanceOf(IOException.class);
  }
}
