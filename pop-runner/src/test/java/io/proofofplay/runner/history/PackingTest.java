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
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
    history.submitted(
        "billing",
        new Batch(BatchId.of("life", batches++), Events.numbered(100)),
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
    return new Packing(folder, files);
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
    packing().packBelow(3);
    byte[] bytes = Files.readAllBytes(files.packed(1));
    List<String> whole = all();
    for (int length : new int[] {0, 5, 10, bytes.length / 2, bytes.length - 1}) {
      Files.write(files.packed(1), Arrays.copyOf(bytes, length));
      assertThat(whole.subList(whole.size() - 100, whole.size()))
          .isEqualTo(remembered().subList(remembered().size() - 100, remembered().size()));
    }
    byte[] damaged = bytes.clone();
    damaged[damaged.length / 2] ^= 0x55;
    Files.write(files.packed(1), damaged);
    assertThat(remembered()).isNotEmpty().endsWith("life-" + (batches - 1));
  }

  @Test
  void aDiskWithoutRoomLeavesTheTextAsItIs() throws Exception {
    threeFiles();
    // Where the packed file is to be written there is something that cannot be written.
    Files.createDirectories(files.part(1).resolve("in the way"));
    packing().packBelow(3);

    assertThat(files.text(1)).exists();
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
