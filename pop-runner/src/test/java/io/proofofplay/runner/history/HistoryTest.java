package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.runner.history.ConnectionChange.What;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was delivered is remembered, within bounds, and never in the way. */
final class HistoryTest {

  private static final Delivered TAKEN = new Delivered(new Reason("answered 200", 200, ""));
  private static final Duration TOOK = Duration.ofMillis(120);

  @TempDir private Path directory;

  private final ManualTime time = ManualTime.standing();
  private HistoryView view;

  @BeforeEach
  void look() {
    view = new HistoryView(directory);
  }

  private History history() {
    return new History(directory, HistoryConfig.defaults(), time, Runnable::run);
  }

  private static Batch batch(int number, PopEvent... events) {
    return new Batch(BatchId.of("life", number), List.of(events));
  }

  private List<DeliveredEvent> all() throws IOException {
    List<DeliveredEvent> events = new ArrayList<>();
    view.deliveries(events::add);
    return events;
  }

  private List<DeliveredEvent> of(String uuid) throws IOException {
    List<DeliveredEvent> events = new ArrayList<>();
    view.deliveriesOf(uuid, events::add);
    return events;
  }

  private Path only(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(".history"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(name))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void whatWasDeliveredIsRememberedInThePlayersSpelling() throws Exception {
    PopEvent event =
        PopEvent.of(
            "{\"uuid\":\"a-1\",\"ts\":1.774549328E9,\"duration\":15.50,\"asset\":{\"id\":1005,"
                + "\"filename\":\"a.jpg\"},\"device\":{\"serial\":\"0042\"}}");
    history().submitted("billing", batch(7, Events.number(1), event), TAKEN, TOOK);

    assertThat(of("a-1"))
        .containsExactly(
            new DeliveredEvent(
                ManualTime.START,
                "billing",
                "life-7",
                200,
                TOOK,
                "a-1",
                "1.774549328E9",
                "15.50",
                "0042",
                "1005"));
    assertThat(of("a-")).isEmpty();
    assertThat(all()).hasSize(2);
  }

  @Test
  void whatWasWrittenOfOneBatchIsNotWrittenAgainWithTheNext() throws Exception {
    History history = history();
    List<PopEvent> many = Events.numbered(2000);
    history.submitted("billing", new Batch(BatchId.of("life", 1), many), TAKEN, TOOK);
    history.submitted("billing", batch(2, Events.number(3000)), TAKEN, TOOK);
    history.submitted("billing", batch(3, Events.number(3001)), TAKEN, TOOK);

    List<String> expected = new ArrayList<>(many.stream().map(PopEvent::uuid).toList());
    expected.add(Events.number(3000).uuid());
    expected.add(Events.number(3001).uuid());
    assertThat(all()).extracting(DeliveredEvent::uuid).isEqualTo(expected);
  }

  @Test
  void whatWasPreparedOnTheWayIsWrittenOnceAndOfThisBatchAlone() throws Exception {
    History history = history();
    Batch first = new Batch(BatchId.of("life", 1), Events.numbered(3));
    Batch second = new Batch(BatchId.of("life", 2), Events.numbered(3, 5));
    Batch third = new Batch(BatchId.of("life", 3), Events.numbered(5, 2005));
    Batch fourth = new Batch(BatchId.of("life", 4), Events.numbered(2005, 2006));

    history.submitting("billing", first);
    history.submitted("billing", first, Later.because("refused"), TOOK);
    history.submitting("billing", first);
    history.submitting("other", second);
    history.submitted("billing", first, TAKEN, TOOK);
    history.submitting("billing", first);
    history.submitted("billing", second, TAKEN, TOOK);
    history.submitting("billing", third);
    history.submitted("billing", third, TAKEN, TOOK);
    history.submitted("billing", fourth, TAKEN, TOOK);

    assertThat(all())
        .extracting(DeliveredEvent::uuid)
        .isEqualTo(Events.numbered(2006).stream().map(PopEvent::uuid).toList());
    assertThat(of(Events.number(1).uuid()))
        .extracting(DeliveredEvent::batch)
        .containsExactly("life-1");
  }

  /** An escape that changes nothing makes a member to be read in another way. */
  @Test
  void aMemberIsRememberedTheSameHoweverItIsSpelled() throws Exception {
    String[][] members = {
      {"\"device\":{\"id\":\"d\",\"serial\":\"s\"}", "d", ""},
      {"\"device\":{\"id\":\"\",\"serial\":\"s\"}", "s", ""},
      {"\"device\":{\"id\":true,\"serial\":7}", "7", ""},
      {"\"device\":\"d\",\"asset\":{\"filename\":\"ü\"}", "", "ü"},
      {"\"asset\":{\"x\":{\"id\":1},\"filename\":\"f\",\"id\":2},\"device\":[{\"id\":1}]", "", "2"},
    };
    History history = history();
    for (String[] member : members) {
      for (String uuid : new String[] {"u", "\\u0075"}) {
        PopEvent event =
            PopEvent.of(
                "{" + member[0] + ",\"ts\":1.0,\"uuid\":\"" + uuid + "\",\"duration\":\"\"}");
        history.submitted("billing", batch(1, event), TAKEN, TOOK);
        List<DeliveredEvent> events = of("u");

        assertThat(events.get(events.size() - 1))
            .as(event.json())
            .isEqualTo(
                new DeliveredEvent(
                    ManualTime.START,
                    "billing",
                    "life-1",
                    200,
                    TOOK,
                    "u",
                    "1.0",
                    "",
                    member[1],
                    member[2]));
      }
    }
    assertThat(all()).hasSize(2 * members.length);
  }

  @Test
  void aLongMemberIsCutAndTheOthersAreWhole() throws Exception {
    PopEvent event =
        PopEvent.of("{\"uuid\":\"a\",\"device\":{\"id\":\"" + "y".repeat(600) + "\"},\"ts\":1}");
    history().submitted("billing", batch(1, event), TAKEN, TOOK);

    assertThat(of("a").get(0).device()).isEqualTo("y".repeat(512));
    assertThat(of("a").get(0).ts()).isEqualTo("1");
  }

  @Test
  void anEventThatIsVeryLargeIsRememberedByItsIdAndTimeAlone() throws Exception {
    PopEvent event =
        PopEvent.of(
            "{\"uuid\":\"a-1\",\"ts\":5,\"device\":{\"id\":7},\"x\":\""
                + "y".repeat(BatchLines.LARGEST)
                + "\"}");
    history().submitted("billing", batch(7, Events.number(1), event), TAKEN, TOOK);

    assertThat(of("a-1"))
        .containsExactly(
            new DeliveredEvent(
                ManualTime.START, "billing", "life-7", 200, TOOK, "a-1", "5", "", "", ""));
  }

  @Test
  void idsThatBeginAlikeAreToldApartHoweverLongTheyAre() throws Exception {
    String alike = "x".repeat(5_000);
    History history = history();
    history.submitted(
        "billing", batch(7, PopEvent.of("{\"uuid\":\"" + alike + "1\"}")), TAKEN, TOOK);

    assertThat(of(alike + "1")).extracting(DeliveredEvent::uuid).containsExactly(alike + "1");
    assertThat(of(alike + "2")).isEmpty();
  }

  @Test
  void whatIsCutIsCutBetweenCharacters() throws Exception {
    PopEvent event =
        PopEvent.of(
            "{\"uuid\":\"a-1\",\"device\":{\"id\":\"" + "d".repeat(511) + "\ud83d\ude00\"}}");
    history().submitted("billing", batch(7, event), TAKEN, TOOK);

    assertThat(of("a-1")).extracting(DeliveredEvent::device).containsExactly("d".repeat(511));
  }

  @Test
  void whatWasNotDeliveredIsNot() throws Exception {
    history().submitted("billing", batch(1, Events.number(1)), Later.because("down"), TOOK);
    history().submitted("billing", batch(1, Events.number(1)), new Held(Reason.of("401")), TOOK);

    assertThat(all()).isEmpty();
    assertThat(directory.resolve(".history")).doesNotExist();
  }

  @Test
  void anIdOfAnyCharactersIsFoundAgain() throws Exception {
    for (String uuid :
        List.of(
            "tab\\there",
            "line\\nfeed",
            "back\\\\slash\\\\",
            "\\r",
            "nul\\u0000\\u00000",
            "é\\ud83d\\ude00")) {
      PopEvent event = PopEvent.of("{\"uuid\":\"" + uuid + "\"}");
      history().submitted("billing", batch(1, event), TAKEN, TOOK);

      assertThat(of(event.uuid())).extracting(DeliveredEvent::uuid).containsExactly(event.uuid());
    }
  }

  @Test
  void theRoomIsBoundedAndTheOldestGoesFirst() throws Exception {
    History history =
        new History(
            directory,
            new HistoryConfig(Duration.ofDays(30), ByteSize.ofMiB(1)),
            time,
            Runnable::run);
    Random random = new Random(7);
    int batches = 500;
    long most = 0;
    for (int i = 0; i < batches; i++) {
      // Not in haste: each file is packed.
      time.advance(Duration.ofSeconds(1));
      history.submitted("billing", batch(i, unlike(random, 100)), TAKEN, TOOK);
      if (i % 7 == 0) {
        most = Math.max(most, room());
      }
    }

    assertThat(most).as("the rest is for the connections").isLessThanOrEqualTo((15L << 20) / 16);
    assertThat(room()).isGreaterThan(800_000);
    List<DeliveredEvent> kept = all();
    assertThat(kept.get(kept.size() - 1).batch()).isEqualTo("life-" + (batches - 1));
    assertThat(kept.get(0).batch()).isNotEqualTo("life-0");
    assertThat(kept).as("twice as many as fit in as text").hasSizeGreaterThan(24_000);
    assertThat(view.since()).contains(kept.get(0).time());
  }

  private long room() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory.resolve(".history"))) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** Events whose ids have nothing in common, as those of players. */
  private static PopEvent[] unlike(Random random, int count) {
    PopEvent[] events = new PopEvent[count];
    for (int i = 0; i < count; i++) {
      events[i] =
          PopEvent.of(
              "{\"uuid\":\"%s\",\"ts\":177%d.%03d,\"duration\":10.0,\"device\":{\"id\":7}}"
                  .formatted(
                      new UUID(random.nextLong(), random.nextLong()),
                      1_000_000 + random.nextInt(1_000_000),
                      random.nextInt(1000)));
    }
    return events;
  }

  private static Path packed(Path text) {
    return text.resolveSibling(text.getFileName() + ".gz");
  }

  @Test
  void whatIsTooOldGoes() throws Exception {
    HistoryConfig month = new HistoryConfig(Duration.ofDays(30), ByteSize.ofMiB(64));
    History history = new History(directory, month, time, Runnable::run);
    history.submitted("billing", batch(1, Events.number(1)), TAKEN, TOOK);
    Path first = only("delivered");
    Files.setLastModifiedTime(first, FileTime.from(time.now()));
    time.advance(Duration.ofDays(29));
    history.submitted("billing", batch(2, Events.number(2)), TAKEN, TOOK);
    time.advance(Duration.ofDays(2));
    history.submitted("billing", batch(3, Events.number(3)), TAKEN, TOOK);
    assertThat(packed(first)).as("age is measured by a file that has been there").exists();
    time.advance(Duration.ofDays(2));
    history.submitted("billing", batch(4, Events.number(4)), TAKEN, TOOK);

    assertThat(first).doesNotExist();
    assertThat(packed(first)).doesNotExist();
    assertThat(all())
        .extracting(DeliveredEvent::batch)
        .containsExactly("life-2", "life-3", "life-4");
  }

  @Test
  void aTornEndSpoilsNothingThatFollows() throws Exception {
    history().submitted("billing", batch(1, Events.number(1)), TAKEN, TOOK);
    Path file = only("delivered");
    int whole = (int) Files.size(file);
    history().submitted("billing", batch(2, ofOneClip("a", 7, 3)), TAKEN, TOOK);
    byte[] bytes = Files.readAllBytes(file);
    List<DeliveredEvent> before = all();
    for (int length = whole; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      history().submitted("billing", batch(3, Events.number(4)), TAKEN, TOOK);

      assertThat(of(Events.number(1).uuid())).as("cut at %d", length).hasSize(1);
      assertThat(of(Events.number(4).uuid()))
          .as("cut at %d", length)
          .extracting(DeliveredEvent::batch)
          .containsExactly("life-3");
      assertThat(all())
          .as("cut at %d", length)
          .allMatch(event -> event.batch().equals("life-3") || before.contains(event));
    }
    assertThat(view.damaged()).isEmpty();
  }

  /** Events of one clip, so that all but the first of a batch have short lines. */
  private static PopEvent[] ofOneClip(String name, int device, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                PopEvent.of(
                    "{\"uuid\":\"%s-%d\",\"ts\":1%d,\"duration\":%d,\"device\":{\"id\":%d}}"
                        .formatted(name, i, i, device, device)))
        .toArray(PopEvent[]::new);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasWrittenInShortIsFoundAsWhatWasWrittenWhole(boolean packed) throws Exception {
    history().submitted("billing", batch(1, ofOneClip("a", 7, 5)), TAKEN, TOOK);
    History other = history();
    Batch second = batch(2, ofOneClip("b", 8, 4));
    other.submitting("backup", second);
    other.submitted("backup", second, Later.because("down"), TOOK);
    other.submitting("backup", second);
    other.submitted("backup", second, TAKEN, TOOK);
    Path file = only("delivered");
    String text = Files.readString(file);
    assertThat(text.lines().filter(line -> line.startsWith("e\t"))).hasSize(4 + 3);
    if (packed) {
      Files.delete(file);
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed(file)))) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
    }

    assertThat(of("b-3"))
        .containsExactly(
            new DeliveredEvent(
                ManualTime.START, "backup", "life-2", 200, TOOK, "b-3", "13", "8", "8", ""));
    assertThat(of("a-0")).isEqualTo(all().subList(0, 1));
    assertThat(all())
        .extracting(DeliveredEvent::uuid)
        .containsExactly("a-0", "a-1", "a-2", "a-3", "a-4", "b-0", "b-1", "b-2", "b-3");
    assertThat(view.since()).contains(ManualTime.START);
    assertThat(view.damaged()).isEmpty();
  }

  /** What a power cut leaves of a file may have a hole of zeros in it, which may hide a batch. */
  @Test
  void behindDamageNothingIsTakenForWhatItIsNot() throws Exception {
    history().submitted("billing", batch(1, ofOneClip("a", 7, 3)), TAKEN, TOOK);
    Path file = only("delivered");
    String hole = "H\t2026-03-01T12:00:00Z\t2026-03-01T12:00:01Z\t3\n";
    Files.writeString(file, hole, StandardOpenOption.APPEND);
    history().submitted("backup", batch(2, ofOneClip("b", 8, 4)), TAKEN, TOOK);
    byte[] whole = Files.readAllBytes(file);
    List<DeliveredEvent> before = all();
    assertThat(before).hasSize(7);
    for (int from = 0; from < whole.length; from++) {
      for (int to = from + 1; to < whole.length; to += 3) {
        byte[] bytes = whole.clone();
        Arrays.fill(bytes, from, to, (byte) 0);
        Files.write(file, bytes);
        List<DeliveredEvent> left = all();

        assertThat(left).as("zeros from %d to %d", from, to).isSubsetOf(before);
        assertThat(of("b-3")).as("zeros from %d to %d", from, to).isSubsetOf(left);
        HistoryView anew = new HistoryView(directory);
        anew.deliveriesOf("b-3", event -> {});
        assertThat(anew.damaged()).isNotEmpty();
      }
    }
  }

  @Test
  void zerosInPlaceOfAChangeOfAConnectionAreToldOf() throws Exception {
    History history = history();
    history.connected("lobby", "me");
    history.disconnected("lobby", "closed");
    Path file = only("connections");
    byte[] whole = Files.readAllBytes(file);
    for (int from = 0; from < whole.length - 1; from++) {
      byte[] bytes = whole.clone();
      bytes[from] = 0;
      Files.write(file, bytes);
      HistoryView anew = new HistoryView(directory);
      List<ConnectionChange> changes = new ArrayList<>();
      anew.connections(changes::add);

      assertThat(anew.damaged()).as("a zero at %d", from).isNotEmpty();
      assertThat(changes).as("a zero at %d", from).noneMatch(one -> one.toString().contains("\0"));
    }
  }

  @Test
  void whatWasFirstIsNotTakenFromABatchOfWhichZerosHaveTheEnd() throws Exception {
    history().submitted("billing", batch(1, ofOneClip("a", 7, 3)), TAKEN, TOOK);
    Path file = only("delivered");
    int first = (int) Files.size(file);
    time.advance(Duration.ofMinutes(5));
    history().submitted("backup", batch(2, ofOneClip("b", 8, 3)), TAKEN, TOOK);
    byte[] bytes = Files.readAllBytes(file);
    int from = new String(bytes, StandardCharsets.UTF_8).indexOf("E\t");
    Arrays.fill(bytes, from, first + 4, (byte) 0);
    Files.write(file, bytes);
    time.advance(Duration.ofMinutes(5));
    history().submitted("backup", batch(3, ofOneClip("c", 8, 3)), TAKEN, TOOK);

    assertThat(view.since()).contains(time.now());
    assertThat(view.damaged()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLineWithoutAnEndMayBeCutAndSaysNothing(boolean packed) throws Exception {
    PopEvent event =
        PopEvent.of("{\"uuid\":\"a\",\"ts\":1,\"device\":{\"id\":7},\"asset\":{\"id\":1005}}");
    PopEvent other =
        PopEvent.of("{\"uuid\":\"b\",\"ts\":1,\"device\":{\"id\":8},\"asset\":{\"id\":1005}}");
    history().submitted("billing", batch(1, event, other), TAKEN, TOOK);
    Path file = only("delivered");
    String cut = Files.readString(file).replaceFirst("05\n$", "");
    if (packed) {
      Files.delete(file);
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed(file)))) {
        out.write(cut.getBytes(StandardCharsets.UTF_8));
      }
    } else {
      Files.writeString(file, cut);
    }

    assertThat(all()).extracting(DeliveredEvent::asset).containsExactly("1005");
    assertThat(view.damaged()).isEmpty();
  }

  /** Whoever reads has read a part of a line when that is cut off and others take its place. */
  @Test
  void whatIsCutOffWhileItIsReadIsNotMixedWithWhatComesThen() throws Exception {
    history().submitted("billing", batch(1, Events.number(1)), TAKEN, TOOK);
    Path file = only("delivered");
    String whole = Files.readString(file);
    for (String torn : List.of("E\tx\t1\t1\t7\t10", "E\t" + "x".repeat(10_000))) {
      Files.writeString(file, whole + torn);
      try (InputStream reading = LogFiles.open(file)) {
        byte[] start = reading.readNBytes(whole.length() + 3);
        history().submitted("billing", batch(2, Events.number(2)), TAKEN, TOOK);
        assertThat(Files.readString(file)).startsWith(whole + "B\t").endsWith("\n");

        assertThat(new String(start, StandardCharsets.UTF_8)).isEqualTo(whole);
        assertThat(reading.readAllBytes()).isEmpty();
      }
    }
  }

  @Test
  void whatCannotBeWrittenIsLeftOutAndLaterItIsWrittenAgain() throws Exception {
    Path inTheWay = Files.writeString(directory.resolve(".history"), "");
    History history = history();
    history.submitted("billing", batch(1, Events.number(1)), TAKEN, TOOK);
    history.connected("lobby", "me");
    Files.delete(inTheWay);
    history.submitted("billing", batch(2, Events.number(2)), TAKEN, TOOK);

    assertThat(all()).extracting(DeliveredEvent::batch).containsExactly("life-2");
  }

  @Test
  void whatCouldNotBeWrittenIsSaidWithWhatIsWrittenNext() throws Exception {
    Path inTheWay = Files.writeString(directory.resolve(".history"), "");
    History history = history();
    Instant from = time.now();
    history.submitted("billing", batch(1, Events.number(1), Events.number(2)), TAKEN, TOOK);
    time.advance(Duration.ofMinutes(5));
    Instant to = time.now();
    history.submitted("billing", batch(2, Events.number(3)), TAKEN, TOOK);
    assertThat(history.failures()).isEqualTo(2);
    Files.delete(inTheWay);
    time.advance(Duration.ofMinutes(5));
    history.submitted("billing", batch(3, Events.number(4)), TAKEN, TOOK);
    history.submitted("billing", batch(4, Events.number(5)), TAKEN, TOOK);

    assertThat(all()).extracting(DeliveredEvent::batch).containsExactly("life-3", "life-4");
    assertThat(view.deliveryHoles()).containsExactly(new Hole(from, to, 3));
    assertThat(Files.readString(only("delivered"))).containsOnlyOnce("H\t");
    assertThat(view.damaged()).isEmpty();
    assertThat(history.failures()).isEqualTo(2);
  }

  @Test
  void aHoleThatIsTornIsNoneAndOneThatIsNoneIsDamage() throws Exception {
    history().submitted("billing", batch(1, Events.number(1)), TAKEN, TOOK);
    Path file = only("delivered");
    String whole = Files.readString(file);
    Files.writeString(file, whole + "H\nH\t2026-03-01T12:00:00Z\t2026\n");
    assertThat(all()).hasSize(1);
    assertThat(view.deliveryHoles()).isEmpty();
    assertThat(view.damaged()).isEmpty();

    Files.writeString(file, whole + "H\tnoon\tnoon\t3\n");
    assertThat(all()).hasSize(1);
    assertThat(view.damaged()).hasSize(1);
  }

  @Test
  void aSpoolsDirectoryThatIsAwayIsNotMadeAnew() throws Exception {
    Path spool = Files.createDirectory(directory.resolve("spool"));
    History history = new History(spool, HistoryConfig.defaults(), time, Runnable::run);
    history.submitted("billing", batch(1, Events.number(1)), TAKEN, TOOK);
    Path away = Files.move(spool, directory.resolve("away"));
    history.submitted("billing", batch(2, Events.number(2)), TAKEN, TOOK);
    history.submitted("billing", batch(3, Events.number(3)), TAKEN, TOOK);
    assertThat(spool).doesNotExist();

    Files.move(away, spool);
    history.submitted("billing", batch(4, Events.number(4)), TAKEN, TOOK);

    view = new HistoryView(spool);
    assertThat(all()).extracting(DeliveredEvent::batch).containsExactly("life-1", "life-4");
  }

  @Test
  void comingsAndGoingsAreRememberedAndEachLifeSaysThatItBegan() throws Exception {
    History first = history();
    first.connected("lobby", "me\tyou");
    first.disconnected("lobby", "connection reset");
    history().connected("lobby", "me");

    List<ConnectionChange> changes = new ArrayList<>();
    view.connections(changes::add);

    assertThat(changes)
        .extracting(ConnectionChange::what)
        .containsExactly(
            What.STARTED, What.CONNECTED, What.DISCONNECTED, What.STARTED, What.CONNECTED);
    assertThat(changes.get(1))
        .isEqualTo(new ConnectionChange(ManualTime.START, What.CONNECTED, "lobby", "me\tyou"));
    assertThat(changes.get(2).words()).isEqualTo("connection reset");
  }

  @Test
  void zeroIsOff() {
    assertThat(new HistoryConfig(Duration.ZERO, null).isOn()).isFalse();
    assertThat(new HistoryConfig(null, new ByteSize(0)).isOn()).isFalse();
    assertThat(HistoryConfig.defaults().isOn()).isTrue();
  }
}
