package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.runner.history.Packing.Step;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.LogLines;
import io.proofofplay.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Older files are packed, and at no moment is one neither there nor packed. */
final class PackingTest {

  private static final Delivered TAKEN = new Delivered(new Reason("answered 200", 200, ""));

  /** Ends a run as a kill does: nothing that follows is done. */
  private static final class Killed extends Error {
    @Serial private static final long serialVersionUID = 1;
  }

  @TempDir private Path directory;

  private final ManualTime time = ManualTime.standing();
  private Path folder;
  private LogFiles files;
  private int batches;

  @BeforeEach
  void prepare() {
    folder = directory.resolve(".history");
    files = new LogFiles(folder, History.DELIVERED);
  }

  /** Three files of text, the last of which is the newest. */
  private void threeFiles() {
    History history =
        new History(
            directory,
            new HistoryConfig(Duration.ofDays(30), ByteSize.ofMiB(1)),
            time,
            nobody -> {});
    while (!Files.exists(files.text(3))) {
      deliver(history);
    }
  }

  private void deliver(History history) {
    deliver(history, 100);
  }

  private void deliver(History history, int events) {
    history.submitted(
        "billing",
        new Batch(BatchId.of("life", batches++), Events.numbered(events)),
        TAKEN,
        Duration.ofMillis(3));
  }

  private List<String> remembered() throws IOException {
    List<String> batches = new ArrayList<>();
    new HistoryView(directory).deliveries(event -> batches.add(event.batch()));
    return batches;
  }

  private List<String> all() {
    return IntStream.range(0, batches)
        .boxed()
        .flatMap(batch -> Stream.generate(() -> "life-" + batch).limit(100))
        .toList();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private Packing packing() {
    return new Packing(folder, files, new RoomForEvents(DiskRoom.of(folder), time));
  }

  @Test
  void whatIsPackedTakesLessRoomAndSaysTheSame() throws Exception {
    threeFiles();
    long before = Files.size(files.text(1));
    Files.setLastModifiedTime(files.text(1), FileTime.from(ManualTime.START));
    packing().packBelow(3);

    assertThat(names())
        .containsExactly(
            "delivered-00000001.log.gz", "delivered-00000002.log.gz", "delivered-00000003.log");
    assertThat(Files.size(files.packed(1))).isLessThan(before / 2);
    assertThat(Files.getLastModifiedTime(files.packed(1)).toInstant()).isEqualTo(ManualTime.START);
    assertThat(remembered()).isEqualTo(all());
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void aKillAtAnyStepCostsNothingAndTheNextRunEndsTheWork(Step last) throws Exception {
    threeFiles();
    Packing killed =
        new Packing(
            folder,
            files,
            new RoomForEvents(DiskRoom.of(folder), time),
            step -> {
              if (step == last) {
                throw new Killed();
              }
            });
    assertThatThrownBy(() -> killed.packBelow(3)).isInstanceOf(Killed.class);
    assertThat(remembered()).as("when killed before %s", last).isEqualTo(all());

    History next =
        new History(
            directory,
            new HistoryConfig(Duration.ofDays(30), ByteSize.ofMiB(1)),
            time,
            Runnable::run);
    deliver(next);

    assertThat(remembered()).isEqualTo(all());
    assertThat(names()).hasSize(3).doesNotContain("delivered-00000001.log");
  }

  @Test
  void whatAKillLeftHalfWrittenIsReadByNobodyAndTakenAway() throws Exception {
    threeFiles();
    packing().packBelow(2);
    byte[] half = Files.readAllBytes(files.packed(1));
    Files.write(files.part(2), Arrays.copyOf(half, half.length / 2));
    // Its file has made room for newer ones meanwhile.
    Files.write(files.part(77), half);

    assertThat(remembered()).isEqualTo(all());
    packing().packBelow(3);
    assertThat(names())
        .containsExactly(
            "delivered-00000001.log.gz", "delivered-00000002.log.gz", "delivered-00000003.log");
    assertThat(remembered()).isEqualTo(all());
  }

  @Test
  void aReaderThatWasSlowerThanThePackerMissesNothing() throws Exception {
    threeFiles();
    Path listed = files.list().get(1L);
    byte[] text = Files.readAllBytes(listed);
    packing().packBelow(3);

    assertThat(listed).doesNotExist();
    try (var lines = LogFiles.open(listed)) {
      assertThat(lines.readAllBytes()).isEqualTo(text);
    }
  }

  @Test
  void theNewestIsNeverPackedAlsoWhenItIsGone() throws Exception {
    threeFiles();
    packing().packBelow(3);
    Files.delete(files.text(3));
    List<String> before = remembered();
    History next = new History(directory, HistoryConfig.defaults(), time, Runnable::run);
    deliver(next);

    assertThat(names()).contains("delivered-00000002.log.gz", "delivered-00000003.log");
    assertThat(remembered()).hasSize(before.size() + 100).startsWith(before.get(0));
  }

  @Test
  void damageInAPackedFileCostsWhatStandsBehindItAndNoOtherFile() throws Exception {
    threeFiles();
    int inFirst =
        (int) Files.readString(files.text(1)).lines().filter(PackingTest::isEvent).count();
    packing().packBelow(3);
    byte[] bytes = Files.readAllBytes(files.packed(1));
    for (int length : new int[] {0, 5, 10, bytes.length / 2, bytes.length - 1}) {
      Files.write(files.packed(1), Arrays.copyOf(bytes, length));
      int left = whatIsLeftOfTheFirst(inFirst);
      assertThat(left)
          .as("cut at %d of %d", length, bytes.length)
          .isBetween(
              length < bytes.length / 2 ? 0 : length < bytes.length - 1 ? 1 : inFirst, inFirst);
    }
    byte[] damaged = bytes.clone();
    // What holds the last lines, before the sum and the length.
    damaged[damaged.length - 12] ^= 0x55;
    Files.write(files.packed(1), damaged);
    List<String> remembered = remembered();
    assertThat(remembered).startsWith("life-0").hasSizeGreaterThan(batches * 100 - inFirst);
    assertThat(lastOf(remembered, batches * 100 - inFirst))
        .isEqualTo(lastOf(all(), batches * 100 - inFirst));
  }

  /** Packs nothing, so that each byte that is there is read. */
  private static final class Stored extends GZIPOutputStream {
    Stored(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.NO_COMPRESSION);
    }
  }

  @Test
  void aLineThatDamageHasCutIsNotTakenForAWholeOne() throws Exception {
    Files.createDirectory(folder);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream stored = new Stored(bytes)) {
      stored.write(
          ("B\t"
                  + Instant.EPOCH
                  + "\ts\tb-1\t200\t1\t2\n"
                  + "E\tu-1\t1\t2\td\tasset-1\nE\tu-2\t1\t2\td\tasset-2\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    for (int length = 0; length <= bytes.size(); length++) {
      Files.write(files.packed(1), Arrays.copyOf(bytes.toByteArray(), length));
      List<String> assets = new ArrayList<>();
      new HistoryView(directory).deliveries(event -> assets.add(event.asset()));
      assertThat(assets)
          .as("cut at %d", length)
          .isEqualTo(List.of("asset-1", "asset-2").subList(0, assets.size()));
    }
  }

  private static boolean isEvent(String line) {
    return line.startsWith("E\t") || line.startsWith("e\t");
  }

  private static List<String> lastOf(List<String> all, int count) {
    return all.subList(all.size() - count, all.size());
  }

  /** How many of the first file, of which nothing may be missing in between. */
  private int whatIsLeftOfTheFirst(int inFirst) throws IOException {
    List<String> whole = all();
    List<String> remembered = remembered();
    int left = remembered.size() - (whole.size() - inFirst);
    assertThat(left).isNotNegative();
    List<String> expected = new ArrayList<>(whole.subList(0, left));
    expected.addAll(whole.subList(inFirst, whole.size()));
    assertThat(remembered).isEqualTo(expected);
    return left;
  }

  @ParameterizedTest
  @EnumSource(names = {"WRITE", "FORCE", "RENAME"})
  void aFileThatCannotBePackedStaysAsItIsAndTheNextOneIsPacked(Step failing) throws Exception {
    threeFiles();
    byte[] text = Files.readAllBytes(files.text(1));
    AtomicBoolean first = new AtomicBoolean(true);
    Packing packing =
        new Packing(
            folder,
            files,
            new RoomForEvents(DiskRoom.of(folder), time),
            step -> {
              if (step == failing && first.getAndSet(false)) {
                throw new IOException("No space left on device");
              }
            });
    try (LogLines heard = LogLines.of(Packing.class.getName())) {
      packing.packBelow(3);
      assertThat(heard.at(Level.WARNING))
          .singleElement()
          .asString()
          .startsWith(files.text(1) + ": cannot be packed");
    }

    assertThat(names())
        .containsExactly(
            "delivered-00000001.log", "delivered-00000002.log.gz", "delivered-00000003.log");
    assertThat(Files.readAllBytes(files.text(1))).isEqualTo(text);
    assertThat(remembered()).isEqualTo(all());
    packing.packBelow(3);
    assertThat(files.text(1)).doesNotExist();
    assertThat(remembered()).isEqualTo(all());
  }

  private History withPacker(List<Runnable> packer) {
    return new History(
        directory, new HistoryConfig(Duration.ofDays(30), ByteSize.ofMiB(1)), time, packer::add);
  }

  /** Leads nowhere, so that no file can be made of that name as long as it is there. */
  private void inTheWayOf(Path file) throws IOException {
    Files.createSymbolicLink(file, folder.resolve("no").resolve("where"));
  }

  @Test
  void aFileIsPackedOnlyOnceTheNextOneIsThere() throws Exception {
    List<Runnable> packer = new ArrayList<>();
    History history = withPacker(packer);
    deliver(history);
    inTheWayOf(files.text(2));
    long size = 0;
    for (int i = 0; i < 1000 && size != Files.size(files.text(1)); i++) {
      size = Files.size(files.text(1));
      deliver(history);
    }
    packer.forEach(Runnable::run);

    assertThat(files.text(1)).as("it may be gone on with").exists();
    Files.delete(files.text(2));
    packer.clear();
    deliver(history);
    deliver(history);
    packer.forEach(Runnable::run);
    assertThat(remembered()).contains("life-" + (batches - 2)).endsWith("life-" + (batches - 1));
  }

  @Test
  void whatIsWrittenInHasteIsPackedAfterIt() throws Exception {
    History history =
        new History(
            directory,
            new HistoryConfig(Duration.ofDays(30), ByteSize.ofMiB(16)),
            time,
            Runnable::run);
    while (!Files.exists(files.text(6))) {
      deliver(history);
    }
    assertThat(files.packed(1)).as("begun before it was known to be one").exists();
    assertThat(names())
        .contains("delivered-00000004.log", "delivered-00000005.log", "delivered-00000006.log")
        .doesNotContain("delivered-00000004.log.gz", "delivered-00000005.log.gz");
    time.advance(Duration.ofSeconds(10));
    deliver(history);

    assertThat(names())
        .containsExactly(
            "delivered-00000001.log.gz",
            "delivered-00000002.log.gz",
            "delivered-00000003.log.gz",
            "delivered-00000004.log.gz",
            "delivered-00000005.log.gz",
            "delivered-00000006.log");
    assertThat(remembered()).isEqualTo(all());
  }

  @Test
  void aFileThatMayBeInPackingIsNotAddedTo() throws Exception {
    List<Runnable> packer = new ArrayList<>();
    History history = withPacker(packer);
    while (!Files.exists(files.text(2))) {
      deliver(history);
    }
    long size = Files.size(files.text(1));
    Files.delete(files.text(2));
    inTheWayOf(files.text(2));
    deliver(history);
    Files.delete(files.text(2));
    // So little that there is room for it in the first one.
    deliver(history, 1);

    assertThat(Files.size(files.text(1))).isEqualTo(size);
    assertThat(files.text(2)).exists();
    packer.forEach(Runnable::run);
    assertThat(remembered()).endsWith("life-" + (batches - 1));
  }

  @Test
  void aFileIsClosedByItsAgeHoweverOftenTheRelayIsStarted() throws Exception {
    Duration month = Duration.ofDays(30);
    for (int day = 0; day < 8; day++) {
      deliver(
          new History(
              directory, new HistoryConfig(month, ByteSize.ofMiB(64)), time, Runnable::run));
      time.advance(Duration.ofDays(1));
    }
    assertThat(files.list()).as("a file is for a sixteenth of 30 days").hasSize(4);
    assertThat(remembered()).isEqualTo(all());
  }

  @Test
  void aPackedFileCanBeReadWithTheUsualTools() throws Exception {
    Files.createDirectory(folder);
    String lines = "B\t" + Instant.EPOCH + "\ts\tb-1\t200\t1\t1\nE\tu\t1\t2\td\ta\n";
    try (GZIPOutputStream gzip = new GZIPOutputStream(Files.newOutputStream(files.packed(1)))) {
      gzip.write(lines.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(remembered()).containsExactly("b-1");
    assertThat(new HistoryView(directory).since()).contains(Instant.EPOCH);
  }
}
