package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.testkit.Events;
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
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk that is nearly full the history goes, and not the room of the events. */
final class GivingWayTest {

  private static final Delivered TAKEN = new Delivered(new Reason("answered 200", 200, ""));
  private static final List<PopEvent> PLAYS = Events.numbered(500);
  private static final long MIB = 1 << 20;

  /** A disk on which there is the history, and something else. */
  private final class SharedDisk implements DiskRoom {

    private long total = 8 * MIB;
    private long others;

    @Override
    public long total() {
      return total;
    }

    @Override
    public long usable() {
      return Math.max(0, total - others - taken());
    }
  }

  @TempDir private Path directory;

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
        "billing", new Batch(BatchId.of("life", batches++), PLAYS), TAKEN, Duration.ofMillis(3));
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
    for (int batch = 0; batch < 400; batch++) {
      deliver();
      assertThat(disk.usable()).isGreaterThanOrEqualTo(disk.total() / 16);
      packer.clear();
    }

    assertThat(batches * 500L * 60).as("bytes that were to be written").isGreaterThan(8 * MIB);
    assertThat(history.failures()).isZero();
    int first = batches - remembered().size();
    assertThat(first).isPositive();
    assertThat(remembered()).isEqualTo(batchesFrom(first));
    assertThat(taken()).as("what it had room for").isGreaterThan(7 * MIB);
  }

  @Test
  void whatIsAcceptedInAnOutageFindsRoom() throws Exception {
    deliverUntilTaken(6 * MIB);
    packer.clear();
    disk.others = 7 * MIB / 2;
    try (LogLines heard = LogLines.of(RollingLog.class.getName())) {
      time.advance(Duration.ofSeconds(1));
      history.accepted("lobby", 1);
      assertThat(taken()).as("before somebody else looks").isGreaterThan(6 * MIB);
      runPacker();
      assertThat(heard.at(Level.WARNING))
          .singleElement()
          .asString()
          .isEqualTo(
              folder
                  + ": gives its oldest files up, because the disk has less than 512KiB left for"
                  + " events; pop where will know less");
    }

    assertThat(disk.usable()).isBetween(MIB / 2, MIB / 2 + 8 * MIB / 64);
    assertThat(remembered()).isEqualTo(batchesFrom(batches - remembered().size()));
  }

  @Test
  void aCrowdOfEventsIsOneLookASecond() {
    time.advance(Duration.ofSeconds(1));
    for (int event = 0; event < 100; event++) {
      history.accepted("lobby", 1);
      time.advance(Duration.ofMillis(1));
    }
    assertThat(packer).hasSize(1);
    time.advance(Duration.ofSeconds(100));
    history.accepted("lobby", 1);
    assertThat(packer).as("behind a disk that hangs").hasSize(1);
    runPacker();
    time.advance(Duration.ofSeconds(1));
    history.accepted("lobby", 1);
    assertThat(packer).hasSize(1);
  }

  /** What an event needs beside itself, such as a larger reserve, may be more than was kept. */
  @Test
  void eventsThatCannotBeKeptGetMoreThanTheLastRoom() throws Exception {
    deliverUntilTaken(6 * MIB);
    packer.clear();
    disk.others = MIB;
    history.storage("billing", Optional.of("the disk has no room for new events"));
    runPacker();

    assertThat(disk.usable()).isBetween(2 * MIB, 2 * MIB + 8 * MIB / 64);
    long before = taken();
    disk.others = 2 * MIB;
    history.storage("billing", Optional.empty());
    runPacker();
    assertThat(taken()).as("once they are kept again").isEqualTo(before);
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
    disk.others = 8 * MIB - taken() - 3 * MIB / 2;
    history.storage("billing", Optional.of("the disk has no room for new events"));
    runPacker();
    assertThat(disk.usable()).isGreaterThanOrEqualTo(2 * MIB);
    assertThat(files(History.CONNECTIONS)).as("while deliveries are enough").hasSize(before);

    disk.others = 8 * MIB;
    history.storage("billing", Optional.of("the disk has no room for new events"));
    runPacker();
    assertThat(files(History.DELIVERED)).hasSize(1);
    assertThat(files(History.CONNECTIONS)).hasSize(1);
  }

  @Test
  void nothingIsPackedIntoTheLastRoom() throws Exception {
    deliverUntilTaken(MIB / 2);
    disk.others = 8 * MIB - taken() - disk.forEvents() - 1024;
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
    deliver();
    time.advance(Duration.ofSeconds(1));
    history.accepted("lobby", 1);
    history.storage("billing", Optional.of("the spool has not answered for 31 s"));
    runPacker();
    deliver();

    assertThat(history.failures()).isZero();
    assertThat(remembered()).hasSize(2);
  }

  @Test
  void aLargeDiskKeepsFourMebibytesAndItsFilesAreAsLargeAsTheBoundSays() throws Exception {
    disk.total = 16L << 30;
    history = withBound(ByteSize.ofMiB(8));
    deliverUntilTaken(MIB);
    packer.clear();
    assertThat(files(History.DELIVERED)).hasSize(3);
    disk.others = disk.total - 4 * MIB - taken() + 1;
    time.advance(Duration.ofSeconds(1));
    history.accepted("lobby", 1);
    runPacker();
    assertThat(files(History.DELIVERED)).hasSize(2);
    disk.others = disk.total - 4 * MIB - taken();
    history.accepted("lobby", 1);
    runPacker();
    assertThat(files(History.DELIVERED)).hasSize(2);
  }

  /** The real one, on whatever disk this runs. */
  @Test
  void theDiskIsAskedByItsFolder() {
    DiskRoom here = DiskRoom.of(directory);
    assertThat(here.usable()).isPositive().isLessThanOrEqualTo(here.total());
    assertThat(DiskRoom.of(directory.resolve("away")).total()).isZero();
  }
}
