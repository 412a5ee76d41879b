package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A file that the disk does not give back costs its own events, and not those behind it. */
class UnreadableFileTest {

  private static final String NAME = "000000000001-n4.ndjson";
  private static final Path FILE = Spools.FOLDER.resolve(NAME);
  private static final Path ASIDE = Spools.FOLDER.resolve("quarantine/" + NAME + ".bad");

  private final FaultyDisk disk = new FaultyDisk();
  private final ManualTime time = ManualTime.standing();
  private FileSpool spool;

  @BeforeEach
  void threeFiles() throws IOException {
    spool = Spools.open(disk, SpoolPolicy.defaults(), Spools.batchesOf(4), false, time);
    spool.append(Events.numbered(12));
    spool.close();
    // What an earlier life has left is read from its files.
    spool = Spools.open(disk, SpoolPolicy.defaults(), Spools.batchesOf(4), false, time);
  }

  private void failToRead(int times, Duration between) {
    for (int i = 0; i < times; i++) {
      assertThatThrownBy(spool::peek).isInstanceOf(IOException.class);
      time.advance(between);
    }
  }

  private void expectItsEventsStillThere() throws IOException {
    assertThat(spool.stats().damaged()).isZero();
    assertThat(disk.files()).contains(FILE);
    disk.repair();
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(12));
  }

  @Test
  void aFileThatStaysUnreadableIsSetAsideCountedAndSaidOnce() throws IOException {
    byte[] content = disk.bytes(FILE);
    disk.failAll((kind, path) -> kind == Kind.READ && path.equals(FILE), Fault.IO_ERROR);
    try (Said said = Said.listen()) {
      failToRead(BatchReader.VAIN_READS - 1, Duration.ofMinutes(1));

      assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(4, 12));

      assertThat(said.linesWith(NAME))
          .singleElement()
          .asString()
          .startsWith("SEVERE")
          .contains("Input/output error", "quarantine/" + NAME + ".bad", "4 events");
    }
    SpoolStats stats = spool.stats();
    assertThat(stats.damaged()).isEqualTo(4);
    assertThat(stats.events()).isZero();
    assertThat(stats.bytes()).isZero();
    disk.crash(1);
    assertThat(disk.bytes(ASIDE)).isEqualTo(content);
  }

  @Test
  void aLargeFileThatDoesNotBeginLikeOursIsSetAsideAndCounted() throws IOException {
    byte[] foreign = new byte[5000];
    disk.put(Spools.FOLDER.resolve("000000000009.open"), foreign);
    disk.put(Spools.FOLDER.resolve("000000000010-n7.ndjson"), foreign);
    FileSpool small =
        FileSpool.open(
            new SpoolFolder(disk, Spools.FOLDER, time, foreign.length - 1),
            new Reserve(disk, Spools.FOLDER, time, Spools.RESERVE),
            time,
            SpoolPolicy.defaults(),
            Spools.batchesOf(4),
            false);

    assertThat(small.stats().damagedAtStart()).as("nobody knows how many").isEqualTo(1);
    assertThat(Spools.drain(small)).isEqualTo(Events.numbered(12));
    assertThat(small.stats().damaged()).as("as its name says").isEqualTo(7);
    assertThat(disk.bytes(Spools.FOLDER.resolve("quarantine/000000000009.open.bad")))
        .isEqualTo(foreign);
    assertThat(disk.bytes(Spools.FOLDER.resolve("quarantine/000000000010-n7.ndjson.bad")))
        .isEqualTo(foreign);
  }

  @Test
  void aFileForWhichThereIsNoMemoryWaitsUntilThereIs() throws IOException {
    long longest = disk.bytes(FILE).length;
    FileSpool small =
        FileSpool.open(
            new SpoolFolder(disk, Spools.FOLDER, time, (int) longest - 1),
            new Reserve(disk, Spools.FOLDER, time, Spools.RESERVE),
            time,
            SpoolPolicy.defaults(),
            Spools.batchesOf(4),
            false);
    for (int i = 0; i < 2 * BatchReader.VAIN_READS; i++) {
      assertThatThrownBy(small::peek)
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(NAME, "more than the memory");
      time.advance(Duration.ofMinutes(5));
    }
    assertThat(small.stats().damaged()).isZero();

    expectItsEventsStillThere();
  }

  @Test
  void theLastFileOfASpoolIsSetAsideToo() throws IOException {
    spool.remove(spool.peek().orElseThrow().id());
    spool.remove(spool.peek().orElseThrow().id());
    disk.failAll(
        (kind, path) -> kind == Kind.READ && path.toString().contains("03-n4"), Fault.IO_ERROR);
    failToRead(BatchReader.VAIN_READS - 1, Duration.ofMinutes(1));
    assertThat(spool.peek()).isEmpty();
    assertThat(spool.stats().damaged()).isEqualTo(4);
  }

  @Test
  void manyFailuresInAShortWhileProveNothing() throws IOException {
    disk.failAll((kind, path) -> kind == Kind.READ && path.equals(FILE), Fault.IO_ERROR);
    failToRead(200, Duration.ofSeconds(1));
    expectItsEventsStillThere();
  }

  @Test
  void fewFailuresInALongWhileProveNothing() throws IOException {
    disk.failAll((kind, path) -> kind == Kind.READ && path.equals(FILE), Fault.IO_ERROR);
    failToRead(BatchReader.VAIN_READS - 1, Duration.ofHours(1));
    expectItsEventsStillThere();
  }

  @Test
  void aDiskOnWhichNothingCanBeReadIsNoProof() throws IOException {
    disk.failAll(kind -> kind == Kind.READ, Fault.IO_ERROR);
    failToRead(50, Duration.ofMinutes(1));
    expectItsEventsStillThere();
  }

  @Test
  void aFolderThatCannotBeListedIsNoProof() throws IOException {
    disk.failAll(
        (kind, path) ->
            (kind == Kind.READ && path.equals(FILE))
                || (kind == Kind.LIST && path.equals(Spools.FOLDER)),
        Fault.IO_ERROR);
    failToRead(50, Duration.ofMinutes(1));
    expectItsEventsStillThere();
  }

  @Test
  void aDiskThatTakesNoChangeIsNoProof() throws IOException {
    for (Kind failing : new Kind[] {Kind.RENAME, Kind.FORCE_DIRECTORY}) {
      disk.failAll(
          (kind, path) -> (kind == Kind.READ && path.equals(FILE)) || kind == failing,
          Fault.IO_ERROR);
      failToRead(15, Duration.ofMinutes(1));
      assertThat(spool.stats().damaged()).as("%s fails", failing).isZero();
    }
    expectItsEventsStillThere();
  }

  private static final String OPEN = "000000000004.open";

  /** The next life, after a kill, on a disk that does not give the open file back. */
  private void startWithoutTheOpenFile(String torn) throws IOException {
    spool.append(Events.numbered(12, 15));
    spool.sync();
    disk.kill();
    Path file = Spools.FOLDER.resolve(OPEN);
    String content = new String(disk.bytes(file), StandardCharsets.UTF_8);
    disk.put(file, (content + torn).getBytes(StandardCharsets.UTF_8));
    disk.failAll((kind, path) -> kind == Kind.READ && path.endsWith(OPEN), Fault.IO_ERROR);
    spool = Spools.open(disk, SpoolPolicy.defaults(), Spools.batchesOf(4), false, time);
    spool.append(Events.numbered(15, 18));
    spool.sync();
  }

  private void takeThreeFiles() throws IOException {
    for (int i = 0; i < 3; i++) {
      spool.remove(spool.peek().orElseThrow().id());
    }
  }

  @Test
  void anOpenFileThatCannotBeReadAtTheStartWaitsInItsPlaceAndIsCountedOnceItCan()
      throws IOException {
    try (Said said = Said.listen()) {
      startWithoutTheOpenFile("00000000 5 x");
      assertThat(said.linesWith(OPEN)).singleElement().asString().startsWith("WARNING");
      assertThat(spool.stats().recovered()).isEqualTo(12);
      assertThat(spool.stats().batches()).isEqualTo(4);
      takeThreeFiles();
      failToRead(50, Duration.ofSeconds(1));
      assertThat(said.linesWith(OPEN)).hasSize(1);
    }
    disk.repair();

    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(12, 18));

    SpoolStats stats = spool.stats();
    assertThat(stats.recovered()).isEqualTo(15);
    assertThat(stats.damagedAtStart()).isEqualTo(1);
    assertThat(stats.events()).isZero();
    assertThat(stats.bytes()).isZero();
  }

  @Test
  void anOpenFileThatIsReadLateIsSealedAndSurvivesAPowerCut() throws IOException {
    startWithoutTheOpenFile("");
    takeThreeFiles();
    disk.repair();
    assertThat(spool.peek().orElseThrow().events()).isEqualTo(Events.numbered(12, 15));
    spool.remove(spool.peek().orElseThrow().part(0, 1).id());
    time.advance(Duration.ofNanos(SpoolFolder.LONGEST_UNSAFE));
    assertThat(spool.peek()).isPresent();
    disk.crash(1);

    spool = Spools.open(disk, SpoolPolicy.defaults(), Spools.batchesOf(4), false, time);

    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(13, 18));
  }

  @Test
  void anOpenFileThatStaysUnreadableIsSetAsideAndSeenInTheCounts() throws IOException {
    startWithoutTheOpenFile("");
    takeThreeFiles();
    try (Said said = Said.listen()) {
      failToRead(BatchReader.VAIN_READS - 1, Duration.ofMinutes(1));

      assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(15, 18));

      assertThat(said.linesWith(OPEN))
          .singleElement()
          .asString()
          .startsWith("SEVERE")
          .contains("nobody knows how many", "quarantine/" + OPEN + ".bad");
    }
    SpoolStats stats = spool.stats();
    assertThat(stats.damagedAtStart()).isEqualTo(1);
    assertThat(stats.damaged()).isZero();
    assertThat(stats.events()).isZero();
    assertThat(stats.bytes()).isZero();
  }

  @Test
  void anOpenFileInWhichNothingIsFoundHoldsNobodyUp() throws IOException {
    startWithoutTheOpenFile("");
    takeThreeFiles();
    disk.repair();
    disk.put(Spools.FOLDER.resolve(OPEN), new byte[20]);

    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(15, 18));
    assertThat(spool.stats().damagedAtStart()).isEqualTo(1);
    assertThat(spool.stats().bytes()).isZero();
    assertThat(disk.files()).contains(Spools.FOLDER.resolve("quarantine/" + OPEN + ".bad"));
  }

  /** What the relay tells an age by, although it knows of no event. */
  @Test
  void aFileThatNobodyCouldCountIsABatchWithoutEventsThatSaysWhenItWasWritten() throws IOException {
    takeThreeFiles();
    spool.append(Events.numbered(12, 15));
    spool.sync();
    disk.kill();
    disk.failAll((kind, path) -> kind == Kind.READ && path.endsWith(OPEN), Fault.IO_ERROR);

    spool = Spools.open(disk, SpoolPolicy.defaults(), Spools.batchesOf(4), false, time);

    assertThat(spool.stats().events()).isZero();
    assertThat(spool.stats().batches()).isEqualTo(1);
    assertThat(spool.stats().oldest()).contains(Instant.EPOCH);
  }
}
