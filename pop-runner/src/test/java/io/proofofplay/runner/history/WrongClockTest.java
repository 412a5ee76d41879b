package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No wrong answer of a time server empties the memory. */
final class WrongClockTest {

  private static final Delivered TAKEN = new Delivered(new Reason("answered 200", 200, ""));
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path directory;

  private ManualTime time = ManualTime.standing();
  private History history;
  private int batches;

  private void start() {
    history = new History(directory, HistoryConfig.defaults(), time, Runnable::run);
  }

  /** Delivers one event; the files that were written have the time of these clocks. */
  private void deliver() throws IOException {
    history.submitted(
        "billing",
        new Batch(BatchId.of("life", batches++), List.of(Events.number(batches))),
        TAKEN,
        DAY);
    for (Path file : files()) {
      // What is packed keeps the time of its text.
      if (file.toString().endsWith(".log")) {
        Files.setLastModifiedTime(file, FileTime.from(time.now()));
      }
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve(".history"))) {
      return all.sorted().toList();
    }
  }

  private void deliverDaily(int days) throws IOException {
    for (int i = 0; i < days; i++) {
      deliver();
      time.advance(DAY);
    }
  }

  private List<String> remembered() throws IOException {
    List<String> remembered = new ArrayList<>();
    new HistoryView(directory).deliveries(event -> remembered.add(event.batch()));
    return remembered;
  }

  private List<String> all() {
    return IntStream.range(0, batches).mapToObj(batch -> "life-" + batch).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {31, 365, 36500})
  void aClockThatJumpsAheadAndBackForgetsNothing(int days) throws IOException {
    start();
    deliverDaily(20);
    Duration jump = DAY.multipliedBy(days);
    time.jumpWall(jump);
    deliver();
    time.jumpWall(jump.negated());
    deliver();
    time.advance(DAY);
    deliverDaily(5);

    assertThat(remembered()).isEqualTo(all());
    assertThat(new HistoryView(directory).forgottenBefore()).isEmpty();
  }

  @Test
  void aClockThatJumpsAheadAgainAndAgainForgetsNothing() throws IOException {
    start();
    deliverDaily(20);
    for (int i = 0; i < 3; i++) {
      time.jumpWall(DAY.multipliedBy(31));
      deliver();
      time.advance(Duration.ofHours(1));
    }
    time.jumpWall(DAY.multipliedBy(-93));
    deliver();

    assertThat(remembered()).isEqualTo(all());
  }

  @Test
  void aClockThatIsAheadAtAStartForgetsNothing() throws IOException {
    start();
    deliverDaily(20);
    time.jumpWall(DAY.multipliedBy(40));
    start();
    deliver();
    time.jumpWall(DAY.multipliedBy(-40));
    start();
    deliver();

    assertThat(remembered()).isEqualTo(all());
  }

  @Test
  void whatWasDeliveredBeforeTheClockWasSetAtTheFirstStartIsRemembered() throws IOException {
    Instant now = time.now();
    time = ManualTime.standing().startingAt(Instant.EPOCH, 0);
    start();
    deliver();
    time.jumpWall(Duration.between(Instant.EPOCH, now));
    deliverDaily(20);

    assertThat(remembered()).isEqualTo(all());
  }

  /** A device without a battery for its clock begins each day in 1970. */
  @Test
  void aClockThatBeginsAnewWithEveryStartForgetsNothing() throws IOException {
    Instant now = time.now();
    for (int day = 0; day < 20; day++) {
      time = ManualTime.standing().startingAt(Instant.EPOCH, 0);
      start();
      deliver();
      time.jumpWall(Duration.between(Instant.EPOCH, now.plus(DAY.multipliedBy(day))));
      deliver();
    }

    assertThat(remembered()).isEqualTo(all());
  }

  @Test
  void afterAWrongClockWhatIsTooOldGoesAllTheSame() throws IOException {
    start();
    deliverDaily(20);
    time.jumpWall(DAY.multipliedBy(31));
    deliver();
    time.jumpWall(DAY.multipliedBy(-31));
    deliverDaily(60);

    assertThat(remembered()).hasSizeBetween(30, 40).endsWith("life-" + (batches - 1));
    assertThat(new HistoryView(directory).forgottenBefore().orElseThrow())
        .isBetween(time.now().minus(DAY.multipliedBy(37)), time.now().minus(DAY.multipliedBy(30)));
  }

  /** As the clock of a machine does whose battery has run empty. */
  @Test
  void aFileThatSeemsMuchOlderThanThoseAroundItStays() throws IOException {
    Instant now = time.now();
    start();
    deliverDaily(10);
    Instant odd = Instant.parse("2021-01-01T00:00:00Z");
    Path file = directory.resolve(".history/delivered-00000099.log");
    Files.writeString(
        file, "B\t%s\tbilling\tlife-%d\t200\t1\t1\nE\ta\t1\t1\t\t\n".formatted(odd, batches++));
    Files.setLastModifiedTime(file, FileTime.from(odd));
    time = ManualTime.standing().startingAt(now.plus(DAY.multipliedBy(20)), 0);
    start();
    deliverDaily(6);

    assertThat(remembered()).hasSameElementsAs(all());
  }

  /** The file that was begun by the wrong clock is the oldest one left. */
  @Test
  void whatIsForgottenIsNotSaidToLieInTheFuture() throws IOException {
    start();
    deliverDaily(3);
    time.jumpWall(DAY.multipliedBy(31));
    deliver();
    time.jumpWall(DAY.multipliedBy(-31));
    deliverDaily(6);
    for (Path file : files()) {
      if (file.getFileName().toString().compareTo("delivered-00000003") < 0) {
        Files.delete(file);
      }
    }

    assertThat(new HistoryView(directory).forgottenBefore().orElseThrow())
        .isBeforeOrEqualTo(time.now());
  }

  @Test
  void ofTwoFilesTheFirstOfWhichWasBegunByAClockThatWasAheadTheOtherSaysSince() throws IOException {
    start();
    time.jumpWall(DAY.multipliedBy(31));
    deliver();
    time.jumpWall(DAY.multipliedBy(-31));
    deliver();

    assertThat(files()).hasSize(2);
    assertThat(new HistoryView(directory).since()).contains(time.now());
  }
}
