package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.testkit.LogLines;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk that is nearly full the history goes, and not the room of the events. */
final class GivingWayTest {

  private static final Delivered TAKEN = new Delivered(new Reason("answered 200", 200, ""));
  private static final long MIB = 1 << 20;

  /** A disk on which there is the history, and something else. */
  private final class SharedDisk implements DiskRoom {

    private long total = 8 * MIB;
    private long others;

    /** What went and is not free yet. */
    private boolean freesLater;

    private long mostTaken;

    @Override
    public long total() {
      return total;
    }

    @Override
    public long usable() {
      mostTaken = freesLater ? Math.max(mostTaken, taken()) : taken();
      return Math.max(0, total - others - mostTaken);
    }
  }

  /** With ids that nothing packs, as those of a player. */
  private List<PopEvent> plays() {
    return Stream.generate(() -> new UUID(random.nextLong(), random.nextLong()))
        .limit(500)
        .map(
            id ->
                PopEvent.of(
                    "{\"uuid\":\"" + id + "\",\"ts\":1774549328.123,\"asset\":{\"id\":1005}}"))
        .toList();
  }

  @TempDir private Path directory;

  private final Random random = new Random(7);
  private final ManualTime time = ManualTime.standing();
  private final SharedDisk disk = new SharedDisk();
  private final List<Runnable> packer = new ArrayList<>();
  private Path folder;
  private History history;
  private int batches;

  @BeforeEach
  void prepare() {
    folder = directory.resolve(".history");
    history = withBound(ByteSize.ofMiB(64));
  }

  private History withBound(ByteSize bytes) {
    return new History(
        directory, new HistoryConfig(Duration.ofDays(30), bytes), disk, time, packer::add);
  }

  private long taken() {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void deliver() {
    history.submitted(
        "billing", new Batch(BatchId.of("life", batches++), plays()), TAKEN, Duration.ofMillis(3));
  }

  private void deliverUntilTaken(long bytes) {
    while (taken() < bytes) {
      long before = taken();
      deliver();
      assertThat(taken()).isGreaterThan(before);
    }
  }

  private void runPacker() {
    List<Runnable> tasks = List.copyOf(packer);
    packer.clear();
    tasks.forEach(Runnable::run);
  }

  private List<String> remembered() throws IOException {
    List<String> known = new ArrayList<>();
    new HistoryView(directory).deliveries(event -> known.add(event.batch()));
    return known.stream().distinct().toList();
  }

  private List<String> batchesFrom(int first) {
    return Stream.iterate(first, each -> each + 1)
        .limit(batches - first)
        .map(each -> "life-" + each)
        .toList();
  }

  private List<String> files(String log) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(log))
          .sorted()
          .toList();
    }
  }

  /** Its bound is larger than the disk, and nothing waits: it may not end the relay's work. */
  @Test
  void whatIsWrittenLeavesTheLastOfTheDiskToEvents() throws Exception {
    try (LogLines heard = LogLines.of(RollingLog.class.getName())) {
      for (int batch = 0; batch < 400; batch++) {
        deliver();
        assertThat(disk.usable()).isGreaterThanOrEqualTo(disk.total() / 16);
        packer.clear();
      }
      assertThat(heard.at(Level.WARNING))
          .as("though many files went")
          .containsExactly(
              folder
                  + ": gives its oldest files up, because the disk has no room left but for events;"
                  + " pop where will know less");
    }

    assertThat(history.failures()).isZero();
    int first = batches - remembered().size();
    assertThat(first).as("what went").isPositive();
    assertThat(remembered()).isEqualTo(batchesFrom(first));
    assertThat(taken()).as("what it had room for").isGreaterThan(7 * MIB);
  }

  @Test
  void onADiskThatIsNearlyFullOlderFilesArePackedAllTheSame() throws Exception {
    disk.others = 5 * MIB;
    for (int batch = 0; batch < 400; batch++) {
      // Not in haste: each file is to be packed.
      time.advance(Duration.ofSeconds(1));
      deliver();
      runPacker();
      assertThat(disk.usable()).isGreaterThanOrEqualTo(disk.total() / 16);
    }

    assertThat(files(History.DELIVERED))
        .hasSizeGreaterThan(8)
        .filteredOn(name -> name.endsWith(".log"))
        .hasSizeLessThanOrEqualTo(2);
    assertThat(history.failures()).isZero();
  }

  /** In an outage nothing is written; at night nobody plays, and somebody else fills the disk. */
  @Test
  void whoLooksFindsRoomForTheNextEvent() throws Exception {
    deliverUntilTaken(6 * MIB);
    packer.clear();
    disk.others = 8 * MIB - taken() - MIB / 4;
    history.watch().runOnce();

    assertThat(disk.usable()).isBetween(MIB / 2, MIB / 2 + 8 * MIB / 32);
    assertThat(remembered()).isEqualTo(batchesFrom(batches - remembered().size()));
    long before = taken();
    history.watch().runOnce();
    assertThat(taken()).as("when there is enough").isEqualTo(before);
  }

  /** What an event needs beside itself, such as a larger reserve, may be more than was kept. */
  @Test
  void eventsThatCannotBeKeptGetMoreThanTheLastRoomForAsLongAsThatLasts() throws Exception {
    deliverUntilTaken(6 * MIB);
    packer.clear();
    disk.others = MIB;
    history.storage("billing", Optional.of("the disk has no room for new events"));
    history.storage("other", Optional.of("the disk has no room for new events"));
    history.watch().runOnce();
    assertThat(disk.usable()).isBetween(4 * MIB, 4 * MIB + 8 * MIB / 32);
    disk.others = 3 * MIB;
    history.storage("other", Optional.empty());
    history.watch().runOnce();
    assertThat(disk.usable()).as("again").isBetween(4 * MIB, 4 * MIB + 8 * MIB / 32);

    long before = taken();
    disk.others = 4 * MIB;
    history.storage("billing", Optional.empty());
    history.watch().runOnce();
    assertThat(taken()).as("once they are kept again").isEqualTo(before);
  }

  @Test
  void aDiskThatFreesLaterIsNotGivenMoreThanWasMissing() throws Exception {
    deliverUntilTaken(6 * MIB);
    packer.clear();
    disk.freesLater = true;
    disk.others = 2 * MIB;
    int all = files(History.DELIVERED).size();
    history.watch().runOnce();
    int left = files(History.DELIVERED).size();
    assertThat(left).isBetween(all - 4, all - 2);
    time.advance(Duration.ofSeconds(30));
    history.watch().runOnce();
    assertThat(files(History.DELIVERED)).as("until it is to be seen").hasSize(left);

    time.advance(Duration.ofMillis(1));
    history.watch().runOnce();
    assertThat(files(History.DELIVERED)).as("if it never is").hasSizeLessThan(left);
  }

  @Test
  void whoTakesAtOnceWhatIsGivenDoesNotEndTheGiving() throws Exception {
    deliverUntilTaken(6 * MIB);
    packer.clear();
    disk.others = 2 * MIB;
    history.watch().runOnce();
    long taken = taken();
    disk.others = 8 * MIB - taken;
    history.watch().runOnce();
    assertThat(taken()).isLessThan(taken);
  }

  @Test
  void aDiskThatSomebodyElseHasFilledLeavesTheNewestFileAndSaysWhatIsMissing() throws Exception {
    deliverUntilTaken(MIB);
    packer.clear();
    disk.others = 8 * MIB;
    int written = batches;
    Instant since = time.now();
    try (LogLines heard = LogLines.of(RollingLog.class.getName())) {
      deliver();
      time.advance(Duration.ofMinutes(1));
      deliver();
      assertThat(heard.at(Level.WARNING))
          .hasSize(2)
          .last()
          .asString()
          .isEqualTo(
              folder
                  + ": cannot be written; pop where will know less: the disk has no room left but"
                  + " for events");
    }

    assertThat(files(History.DELIVERED)).hasSize(1);
    history.watch().runOnce();
    assertThat(files(History.DELIVERED)).as("the newest").hasSize(1);
    assertThat(history.failures()).isEqualTo(2);
    assertThat(remembered()).isNotEmpty().last().isEqualTo("life-" + (written - 1));
    disk.others = 0;
    deliver();
    assertThat(remembered()).last().isEqualTo("life-" + (batches - 1));
    HistoryView view = new HistoryView(directory);
    view.deliveries(event -> {});
    assertThat(view.deliveryHoles())
        .containsExactly(new Hole(since, since.plus(Duration.ofMinutes(1)), 1000));
  }

  @Test
  void theComingsAndGoingsAreTheLastToGo() throws Exception {
    history = withBound(ByteSize.ofMiB(4));
    for (int change = 0; change < 3000; change++) {
      history.connected("lobby", "node " + change);
      history.disconnected("lobby", "connection reset");
    }
    assertThat(files(History.CONNECTIONS)).hasSizeGreaterThan(2);
    int before = files(History.CONNECTIONS).size();
    deliverUntilTaken(MIB);
    packer.clear();
    disk.others = 8 * MIB - taken() - 7 * MIB / 2;
    history.storage("billing", Optional.of("the disk has no room for new events"));
    history.watch().runOnce();
    assertThat(disk.usable()).isGreaterThanOrEqualTo(4 * MIB);
    assertThat(files(History.CONNECTIONS)).as("while deliveries are enough").hasSize(before);

    disk.others = 8 * MIB;
    history.watch().runOnce();
    assertThat(files(History.DELIVERED)).hasSize(1);
    assertThat(files(History.CONNECTIONS)).hasSize(1);
  }

  @Test
  void nothingIsPackedIntoTheLastRoom() throws Exception {
    deliverUntilTaken(3 * MIB / 8);
    disk.others = 8 * MIB - taken() - MIB / 2 - 1024;
    runPacker();
    assertThat(files(History.DELIVERED)).allMatch(name -> name.endsWith(".log"));

    disk.others = 0;
    deliverUntilTaken(taken() + MIB / 4);
    runPacker();
    assertThat(files(History.DELIVERED)).anyMatch(name -> name.endsWith(".gz"));
  }

  @Test
  void aDiskThatDoesNotSayHowLargeItIsHasNoBounds() throws Exception {
    disk.total = 0;
    deliverUntilTaken(MIB);
    packer.clear();
    int before = files(History.DELIVERED).size();
    assertThat(before).isEqualTo(1);
    deliverUntilTaken(5 * MIB);
    runPacker();
    history.storage("billing", Optional.of("the spool has not answered for 31 s"));
    history.watch().runOnce();

    assertThat(history.failures()).isZero();
    assertThat(remembered()).isEqualTo(batchesFrom(0));
  }

  @Test
  void aLargeDiskKeepsSixteenMebibytesAndItsFilesAreAsLargeAsTheBoundSays() throws Exception {
    disk.total = 16L << 30;
    history = withBound(ByteSize.ofMiB(8));
    deliverUntilTaken(MIB);
    packer.clear();
    assertThat(files(History.DELIVERED)).hasSize(3);
    disk.others = disk.total - 16 * MIB - taken();
    history.watch().runOnce();
    assertThat(files(History.DELIVERED)).hasSize(3);
    disk.others++;
    history.watch().runOnce();
    assertThat(files(History.DELIVERED)).hasSize(2);
  }

  @Test
  void whoLooksDoesSoEverySecondUntilTheEnd() throws Exception {
    deliverUntilTaken(MIB);
    packer.clear();
    Thread looking = new Thread(history.watch());
    looking.start();
    time.awaitWaiting(1);
    disk.others = 8 * MIB - taken();
    int before = files(History.DELIVERED).size();
    time.advance(Duration.ofMillis(999));
    time.awaitWaiting(1);
    assertThat(files(History.DELIVERED)).hasSize(before);
    time.advance(Duration.ofMillis(1));
    time.awaitWaiting(1);
    assertThat(files(History.DELIVERED)).hasSize(before - 3);
    history.close();
    looking.join();
  }

  /** Text becomes a part, and a part what is packed: who removes them has to come last. */
  @Test
  void aFileThatIsPackedJustNowLeavesNothingBehindWhenItGoes() {
    LogFiles files = new LogFiles(folder, History.DELIVERED);
    assertThat(files.all(7)).containsExactly(files.text(7), files.part(7), files.packed(7));
  }

  /** The real one, on whatever disk this runs. */
  @Test
  void theDiskIsAskedByItsFolder() {
    DiskRoom here = DiskRoom.of(directory);
    assertThat(here.usable()).isPositive().isLessThanOrEqualTo(here.total());
    DiskRoom away = DiskRoom.of(directory.resolve("away"));
    assertThat(away.total()).isZero();
    assertThat(away.usable()).isZero();
  }
}
