package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The counts of an hour, as a backend would count them. */
final class HourlyCountsTest {

  /** 2026-03-01T12:00:00Z. */
  private static final long NOON = 1_772_366_400L;

  @TempDir private Path directory;

  private final StringBuilder history = new StringBuilder();

  @BeforeEach
  void begin() {
    history.append("B\t2026-03-05T00:00:00Z\tbilling\tlife-1\t200\t10\t1000000\n");
  }

  private void event(String uuid, String ts, String device, String asset) {
    history.append(String.join("\t", "E", uuid, ts, "10", device, asset)).append('\n');
  }

  private List<HourlyCounts> counts(String from, String to) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Files.writeString(folder.resolve("delivered-00000001.log"), history);
    return HourlyCounts.of(
        new HistoryView(directory),
        Set.of("billing"),
        new Window(Instant.parse(from), Instant.parse(to)),
        readings -> {});
  }

  private List<HourlyCounts> counts() throws IOException {
    return counts("2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z");
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void theDigestIsThatOfTheSortedIdsHoweverTheyCame() throws Exception {
    event("b", NOON + ".5", "7", "1");
    event("a", (NOON + 3599) + ".999", "7", "2");
    // Beyond ASCII the order of bytes and that of Java's characters differ.
    event("\uff5e", "" + NOON, "7", "2");
    event("\ud83d\ude00", "" + NOON, "8", "2");

    List<HourlyCounts> hours = counts();

    assertThat(hours).hasSize(1);
    assertThat(hours.get(0).hour()).isEqualTo("2026-03-01T12:00:00Z");
    assertThat(hours.get(0).digest()).isEqualTo(sha256("a\nb\n\uff5e\n\ud83d\ude00\n"));
    assertThat(hours.get(0).counts().get("7")).containsEntry("1", 1L).containsEntry("2", 2L);
    assertThat(hours.get(0).counts().get("8")).containsEntry("2", 1L);
  }

  @Test
  void anEventThatWasDeliveredTwiceCountsOnce() throws Exception {
    event("a", "" + NOON, "7", "1");
    event("a", "" + NOON, "7", "1");

    assertThat(counts().get(0).plays()).isEqualTo(1);
    assertThat(counts().get(0).counts().get("7")).containsEntry("1", 1L);
    assertThat(counts().get(0).digest()).isEqualTo(sha256("a\n"));
  }

  @Test
  void hoursAndDaysAreApartAndTheWindowIsKept() throws Exception {
    event("a", "" + NOON, "7", "1");
    event("b", "" + (NOON + 3600), "7", "1");
    event("c", "1.7724528E9", "7", "1");
    event("d", "nonsense", "7", "1");

    assertThat(counts())
        .extracting(hour -> hour.hour().toString())
        .containsExactly("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z", "2026-03-02T12:00:00Z");
    assertThat(counts("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z")).hasSize(1);
  }

  @Test
  void anotherSinkIsAnotherCount() throws Exception {
    event("a", "" + NOON, "7", "1");
    history.append("B\t2026-03-05T00:00:00Z\tother\tlife-1\t200\t10\t1000000\n");
    event("b", "" + NOON, "7", "1");

    assertThat(counts()).extracting(HourlyCounts::plays).containsExactly(1L);
  }

  /** It comes while the history is read for the first time, behind the end of that. */
  @ParameterizedTest
  @ValueSource(longs = {500, Long.MAX_VALUE})
  void whatIsDeliveredWhileItIsCountedIsLeftOut(long atOnce) throws Exception {
    for (int i = 0; i < 10; i++) {
      event("a-" + i, "" + NOON, "7", "1");
    }
    List<HourlyCounts> before = counts(atOnce);
    Path file = directory.resolve(".history/delivered-00000001.log");
    HistoryView.Watcher adds =
        (read, all) -> {
          try {
            if (read == all && Files.readString(file).contentEquals(history)) {
              Files.writeString(
                  file,
                  "E\tb\t" + NOON + "\t10\t7\t1\nE\ta-1\t" + NOON + "\t10\t8\t1\n",
                  StandardOpenOption.APPEND);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };

    assertThat(counts(atOnce, adds)).isEqualTo(before);
    assertThat(Files.readString(file)).contains("E\tb\t");
  }

  @Test
  void whatWasDeliveredWhileTheClockWasAheadIsCounted() throws Exception {
    event("a", "" + NOON, "7", "1");
    history.append("B\t2126-03-05T00:00:00Z\tbilling\tlife-2\t200\t10\t1\n");
    event("b", "" + NOON, "7", "1");
    history.append("B\t2026-03-05T00:00:01Z\tbilling\tlife-3\t200\t10\t1\n");
    event("c", "" + NOON, "7", "1");

    assertThat(counts()).extracting(HourlyCounts::plays).containsExactly(3L);
  }

  /** However little fits in, and whatever the ids have in common. */
  @ParameterizedTest
  @ValueSource(longs = {1_500, 20_000, 400_000})
  void whatDoesNotFitIntoTheHeapAtOnceIsCountedPieceByPiece(long atOnce) throws Exception {
    Random random = new Random(atOnce);
    for (int i = 0; i < 1000; i++) {
      String uuid =
          switch (i % 4) {
            case 0 -> new UUID(random.nextLong(), random.nextLong()).toString();
            case 1 -> "screen-7-play-" + random.nextInt(100);
            case 2 -> Character.toString(0xff00 + random.nextInt(50));
            default -> Character.toString(0x1f600 + random.nextInt(50));
          };
      // Most of it is in one hour.
      long hour = i % 10 < 7 ? 0 : random.nextInt(30);
      event(uuid, (NOON + 3600 * hour) + "." + i, "d" + i % 3, "a" + i % 5);
    }
    List<HourlyCounts> whole = counts(Long.MAX_VALUE);

    assertThat(counts(atOnce)).isEqualTo(whole);
    assertThat(whole).hasSizeGreaterThan(20);
    assertThat(whole.get(0).plays()).isGreaterThan(200);
  }

  private List<HourlyCounts> counts(long atOnce) throws IOException {
    return counts(atOnce, (read, all) -> {});
  }

  private List<HourlyCounts> counts(long atOnce, HistoryView.Watcher watcher) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Files.writeString(folder.resolve("delivered-00000001.log"), history);
    return HourlyCounts.of(
        new HistoryView(directory, watcher),
        Set.of("billing"),
        new Window(Instant.parse("2026-03-01T00:00:00Z"), Instant.parse("2026-03-04T00:00:00Z")),
        readings -> {},
        atOnce);
  }
}
