package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever has become of the files: the spool starts, and loses at most what was touched. */
class DamageTest {

  private static final int MAX_EVENTS = 4;
  private static final int WAITING = 13;

  /** What stands beside the spool's files and is none of them. */
  private static final List<String> BESIDE =
      List.of("dead/dead.ndjson", "dead/dead.1.ndjson", "drops.ndjson", "drops.1.ndjson");

  /**
   * What was touched may be gone, and is not what the table calls lost: that is what is gone
   * although nobody has touched it.
   */
  private static TallyRun tally(String test, String what) {
    return TallyRun.of("DamageTest." + test, "spool: " + what + "; lost: what was not touched");
  }

  /** One round: something was touched, and so much that was not is gone. */
  private static void count(TallyRun run, List<PopEvent> untouched, Outcome outcome) {
    List<PopEvent> gone = new ArrayList<>(untouched);
    gone.removeAll(outcome.events());
    run.round(1);
    run.events(WAITING, gone.size(), 0);
  }

  /** Three sealed files, the first done with in part, and one that a kill left open. */
  private static FaultyDisk spool() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, MAX_EVENTS);
    List<PopEvent> events = events();
    spool.append(events);
    spool.sync();
    spool.remove(spool.peek().orElseThrow().part(0, 2).id());
    disk.kill();
    for (String beside : BESIDE) {
      disk.put(Spools.FOLDER.resolve(beside), "{}\n".getBytes(StandardCharsets.UTF_8));
    }
    return disk;
  }

  private static List<PopEvent> events() {
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      events.add(i % 6 == 5 ? Events.number(i) : Events.from("player " + i / 6, i));
    }
    return events;
  }

  private static List<PopEvent> waiting() {
    return events().subList(2, 15);
  }

  private record Outcome(
      List<PopEvent> events, List<Batch> batches, SpoolStats before, SpoolStats after) {}

  private static Outcome drain(FaultyDisk disk) throws IOException {
    FileSpool spool = Spools.open(disk, MAX_EVENTS);
    SpoolStats before = spool.stats();
    List<Batch> batches = new ArrayList<>();
    long removed = 0;
    Optional<Batch> next = spool.peek();
    while (next.isPresent()) {
      batches.add(next.get());
      spool.remove(next.get().id());
      removed += next.get().size();
      SpoolStats stats = spool.stats();
      assertThat(stats.events()).isEqualTo(stats.recovered() - removed - stats.damaged());
      next = spool.peek();
    }
    SpoolStats after = spool.stats();
    assertThat(after.events()).isZero();
    assertThat(after.bytes()).isZero();
    spool.close();
    for (String beside : BESIDE) {
      assertThat(disk.bytes(Spools.FOLDER.resolve(beside))).as(beside).hasSize(3);
    }
    return new Outcome(
        batches.stream().flatMap(batch -> batch.events().stream()).toList(),
        batches,
        before,
        after);
  }

  private static List<Path> spoolFiles(FaultyDisk disk) {
    return disk.files().stream()
        .filter(file -> SpoolFileName.of(file.getFileName().toString()).isPresent())
        .toList();
  }

  @Test
  void anUntouchedSpoolIsWhole() throws IOException {
    FaultyDisk disk = spool();
    assertThat(spoolFiles(disk).stream().map(file -> file.getFileName().toString()))
        .containsExactly(
            "000000000001-n4-s2.ndjson",
            "000000000002-n4.ndjson",
            "000000000003-n4.ndjson",
            "000000000004.open");

    Outcome outcome = drain(disk);

    assertThat(outcome.events()).hasSize(WAITING).isEqualTo(waiting());
    assertThat(outcome.after().damaged()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, '\n', ' ', '#', '0', 0xff})
  @Tag("long")
  void anyByteMayChange(int value) throws IOException {
    try (TallyRun run = tally("anyByteMayChange", "each byte has other values")) {
      FaultyDisk spool = spool();
      Map<String, Batch> before = idsIn(spool);
      for (Path file : spoolFiles(spool)) {
        byte[] intact = spool.bytes(file);
        for (int at = 0; at < intact.length; at++) {
          if (intact[at] == (byte) value) {
            continue;
          }
          byte[] damaged = intact.clone();
          damaged[at] = (byte) value;
          expectAtMostOneLost(
              run, spool, before, file, damaged, "byte " + at + " of " + file + " is " + value);
        }
      }
      run.held();
    }
  }

  @Test
  @Tag("long")
  void anyBitMayFlip() throws IOException {
    try (TallyRun run = tally("anyBitMayFlip", "a bit of each byte flips")) {
      FaultyDisk spool = spool();
      Map<String, Batch> before = idsIn(spool);
      for (Path file : spoolFiles(spool)) {
        byte[] intact = spool.bytes(file);
        for (int at = 0; at < intact.length; at++) {
          byte[] damaged = intact.clone();
          damaged[at] ^= (byte) (1 << at % 8);
          expectAtMostOneLost(
              run,
              spool,
              before,
              file,
              damaged,
              "bit " + at % 8 + " of byte " + at + " of " + file);
        }
      }
      run.held();
    }
  }

  @Test
  void aRecordThatIsDamagedWithItsLineEndCostsItselfAlone() throws IOException {
    try (TallyRun run =
        tally("aRecordThatIsDamagedWithItsLineEndCostsItselfAlone", "two bytes change")) {
      FaultyDisk spool = spool();
      Map<String, Batch> before = idsIn(spool);
      for (Path file : spoolFiles(spool)) {
        byte[] intact = spool.bytes(file);
        for (PopEvent event : SpoolFileScan.of(intact).events(0)) {
          int lineEnd = event.offset() + event.length();
          for (int at = lineStart(event); at < lineEnd; at++) {
            byte[] damaged = intact.clone();
            damaged[at] ^= 1;
            damaged[lineEnd] ^= (byte) (1 << at % 8);
            String story = "byte " + at + " and the line end behind it in " + file;
            Outcome outcome = expectAtMostOneLost(run, spool, before, file, damaged, story);
            assertThat(outcome.events()).as(story).doesNotContain(event);
          }
        }
      }
      run.held();
    }
  }

  @Test
  void twoRecordsThatAreDamagedWithTheirLineEndsHideNoIntactOneBetweenThem() {
    List<PopEvent> events = Events.numbered(5);
    Bytes file = new Bytes(1024);
    new SpoolFileFormat().putHeader(file, "abc", 1, Instant.EPOCH);
    events.forEach(event -> new SpoolFileFormat().putRecord(file, event));
    byte[] bytes = Spools.bytesOf(file);
    List<PopEvent> written = SpoolFileScan.of(bytes).events(0);
    for (int record : new int[] {0, 2}) {
      bytes[written.get(record).offset()] ^= 1;
    }
    for (int record = 0; record < 4; record++) {
      bytes[written.get(record).offset() + written.get(record).length()] = ' ';
    }

    assertThat(SpoolFileScan.of(bytes).events(0))
        .containsExactly(events.get(1), events.get(3), events.get(4));
  }

  @Test
  void aSenderBehindADamagedLineEndIsHeard() {
    Bytes file = new Bytes(1024);
    SpoolFileFormat format = new SpoolFileFormat();
    format.putHeader(file, "abc", 1, Instant.EPOCH);
    format.putRecord(file, Events.number(1));
    int lineEnd = file.length() - 1;
    format.putSender(file, "lobby");
    format.putRecord(file, Events.number(2));
    byte[] bytes = Spools.bytesOf(file);
    bytes[lineEnd] = ' ';
    bytes[lineEnd - 2] ^= 1;

    assertThat(SpoolFileScan.of(bytes).events(0))
        .singleElement()
        .satisfies(event -> assertThat(event.sender()).contains("lobby"));
  }

  @Test
  void theSenderIsKnownBehindARecordThatIsDamagedWithItsLineEnd() {
    Bytes file = new Bytes(1024);
    SpoolFileFormat format = new SpoolFileFormat();
    format.putHeader(file, "abc", 1, Instant.EPOCH);
    format.putSender(file, "lobby");
    format.putRecord(file, Events.number(1));
    int lineEnd = file.length() - 1;
    format.putRecord(file, Events.number(2));
    byte[] bytes = Spools.bytesOf(file);
    bytes[lineEnd] = ' ';
    bytes[lineEnd - 2] ^= 1;

    assertThat(SpoolFileScan.of(bytes).events(0))
        .singleElement()
        .satisfies(event -> assertThat(event.sender()).contains("lobby"));
  }

  @Test
  void aPlayersTextThatLooksLikeARecordIsNone() {
    List<PopEvent> hostile = new ArrayList<>();
    for (String text : List.of("{}", "{}}", "[1]", "x", "{ }  ")) {
      for (String word : List.of("", SpoolFileFormat.SENDER)) {
        hostile.add(PopEvent.of("{\"uuid\":\"1\",\"x\":\"" + record(word, text) + "\"}"));
        // As far as the end of the event.
        hostile.add(PopEvent.of("{\"uuid\":\"1\",\"x\":\"" + record(word, text + "\"}")));
      }
    }
    for (PopEvent event : hostile) {
      Bytes file = new Bytes(1024);
      SpoolFileFormat format = new SpoolFileFormat();
      format.putHeader(file, "abc", 1, Instant.EPOCH);
      format.putSender(file, "lobby");
      format.putRecord(file, event);
      format.putRecord(file, Events.number(2));
      byte[] bytes = Spools.bytesOf(file);
      bytes[SpoolFileScan.of(bytes).events(0).get(0).offset() + 2] ^= 1;

      assertThat(SpoolFileScan.of(bytes).events(0))
          .as("%s", event)
          .singleElement()
          .isEqualTo(Events.number(2))
          .satisfies(next -> assertThat(next.sender()).contains("lobby"));
    }
  }

  /** A payload as it stands in a file, with a checksum that holds. */
  private static String record(String word, String payload) {
    CRC32C crc = new CRC32C();
    String checked = payload.length() + " " + payload;
    crc.update((word + checked).getBytes(StandardCharsets.UTF_8));
    return word + String.format(Locale.ROOT, "%08x ", crc.getValue()) + checked;
  }

  private static Outcome expectAtMostOneLost(
      TallyRun run,
      FaultyDisk spool,
      Map<String, Batch> before,
      Path file,
      byte[] damaged,
      String story)
      throws IOException {
    FaultyDisk disk = spool.copy();
    disk.put(file, damaged);
    Outcome outcome = drain(disk);

    List<PopEvent> missing = new ArrayList<>(waiting());
    missing.removeAll(outcome.events());
    run.round(1);
    run.events(WAITING, Math.max(0, missing.size() - 1), 0);
    assertThat(missing).as(story).hasSizeLessThanOrEqualTo(1);
    List<PopEvent> expected = new ArrayList<>(waiting());
    expected.removeAll(missing);
    assertThat(outcome.events()).as(story).isEqualTo(expected);
    boolean open = file.toString().endsWith(".open");
    assertThat(outcome.after().damaged()).as(story).isEqualTo(open ? 0 : missing.size());
    expectNoWrongSender(outcome.events(), story);
    if (!missing.isEmpty()) {
      assertThat(disk.files().toString()).as(story).contains("quarantine");
    }
    // A batch that has other bytes than a peek before the damage has shown has another id.
    for (Batch batch : outcome.batches()) {
      Batch same = before.get(batch.id().toString());
      if (same != null && !open) {
        assertThat(batch.events()).as("%s: %s", story, batch.id()).isEqualTo(same.events());
        assertThat(batch.events().stream().map(PopEvent::sender).toList())
            .as("%s: %s", story, batch.id())
            .isEqualTo(same.events().stream().map(PopEvent::sender).toList());
      }
    }
    return outcome;
  }

  private static Map<String, Batch> idsIn(FaultyDisk spool) throws IOException {
    Map<String, Batch> batches = new HashMap<>();
    drain(spool.copy()).batches().forEach(batch -> batches.put(batch.id().toString(), batch));
    return batches;
  }

  private static void expectNoWrongSender(List<PopEvent> events, String story) {
    Map<PopEvent, Optional<String>> senders = new HashMap<>();
    events().forEach(event -> senders.put(event, event.sender()));
    for (PopEvent event : events) {
      if (event.sender().isPresent()) {
        assertThat(event.sender())
            .as("%s: sender of %s", story, event)
            .isEqualTo(senders.get(event));
      }
    }
  }

  @Test
  @Tag("long")
  void aFileMayEndAnywhere() throws IOException {
    try (TallyRun run = tally("aFileMayEndAnywhere", "each file is cut to each length")) {
      FaultyDisk spool = spool();
      for (Path file : spoolFiles(spool)) {
        byte[] intact = spool.bytes(file);
        for (int length = 0; length < intact.length; length++) {
          FaultyDisk disk = spool.copy();
          disk.put(file, Arrays.copyOf(intact, length));
          String story = file + " ends at " + length;

          Outcome outcome = drain(disk);

          List<PopEvent> untouched = new ArrayList<>(waiting());
          untouched.removeAll(touched(intact, length));
          count(run, untouched, outcome);
          assertThat(outcome.events()).as(story).isEqualTo(untouched);
          boolean open = file.toString().endsWith(".open");
          assertThat(outcome.after().damaged())
              .as(story)
              .isEqualTo(open ? 0 : waiting().size() - untouched.size());
          expectNoWrongSender(outcome.events(), story);
        }
      }
      run.held();
    }
  }

  /** The events of a file that do not fit into so many bytes; the last line end may be missing. */
  private static List<PopEvent> touched(byte[] file, int length) {
    List<PopEvent> touched = new ArrayList<>();
    SpoolFileScan scan = SpoolFileScan.of(file);
    for (PopEvent event : scan.events(0)) {
      if (event.offset() + event.length() > length) {
        touched.add(event);
      }
    }
    return touched;
  }

  @Test
  void aHoleOfZerosCostsWhatWasInIt() throws IOException {
    FaultyDisk spool = spool();
    Path file = spoolFiles(spool).get(1);
    byte[] intact = spool.bytes(file);
    for (int from = 0; from + 512 <= intact.length; from += 37) {
      byte[] damaged = intact.clone();
      Arrays.fill(damaged, from, from + 512, (byte) 0);
      FaultyDisk disk = spool.copy();
      disk.put(file, damaged);

      Outcome outcome = drain(disk);

      int start = from;
      List<PopEvent> expected = new ArrayList<>(waiting());
      SpoolFileScan.of(intact).events(0).stream()
          .filter(
              event -> event.offset() + event.length() > start && lineStart(event) < start + 512)
          .forEach(expected::remove);
      assertThat(outcome.events()).as("zeros from %s", from).isEqualTo(expected);
      expectNoWrongSender(outcome.events(), "zeros from " + from);
    }
  }

  private static int lineStart(PopEvent event) {
    return event.offset() - 8 - 1 - Bytes.digits(event.length()) - 1;
  }

  @Test
  void aLostFileCostsItsOwnEventsAndIsCounted() throws IOException {
    FaultyDisk spool = spool();
    for (Path file : spoolFiles(spool).subList(0, 3)) {
      FaultyDisk disk = spool.copy();
      FileSpool open = Spools.open(disk, MAX_EVENTS);
      disk.take(file);
      List<PopEvent> left = Spools.drain(open);

      List<PopEvent> expected = new ArrayList<>(waiting());
      expected.removeAll(SpoolFileScan.of(spool.bytes(file)).events(0));
      assertThat(left).isEqualTo(expected);
      assertThat(open.stats().damaged()).isEqualTo(waiting().size() - expected.size());
      assertThat(open.stats().events()).isZero();
    }
  }

  @Test
  void aFileThatIsLostBetweenTwoLivesCostsItsOwnEventsAlone() throws IOException {
    try (TallyRun run =
        tally("aFileThatIsLostBetweenTwoLivesCostsItsOwnEventsAlone", "each file is lost")) {
      FaultyDisk spool = spool();
      for (Path file : spoolFiles(spool)) {
        FaultyDisk disk = spool.copy();
        disk.take(file);

        Outcome outcome = drain(disk);

        List<PopEvent> expected = new ArrayList<>(waiting());
        expected.removeAll(SpoolFileScan.of(spool.bytes(file)).events(0));
        count(run, expected, outcome);
        assertThat(outcome.events()).as("without %s", file).isEqualTo(expected);
        // A missing file means that it was delivered: it is not counted as anything.
        assertThat(outcome.before().recovered()).isEqualTo(expected.size());
        assertThat(outcome.after().damaged()).isZero();
      }
      run.held();
    }
  }

  @Test
  void swappedFilesLoseNothing() throws IOException {
    try (TallyRun run = tally("swappedFilesLoseNothing", "two files are swapped")) {
      FaultyDisk spool = spool();
      List<Path> files = spoolFiles(spool);
      for (Path one : files) {
        for (Path other : files) {
          FaultyDisk disk = spool.copy();
          disk.put(one, spool.bytes(other));
          disk.put(other, spool.bytes(one));

          Outcome outcome = drain(disk);
          count(run, waiting(), outcome);

          assertThat(new HashSet<>(outcome.events()))
              .as("%s and %s", one, other)
              .containsAll(waiting());
          expectOneMeaningOfEachId(outcome.batches());
        }
      }
      run.held();
    }
  }

  @Test
  void duplicatedFilesLoseNothingAndKeepTheirIds() throws IOException {
    try (TallyRun run =
        tally("duplicatedFilesLoseNothingAndKeepTheirIds", "a file is there twice")) {
      FaultyDisk spool = spool();
      List<Path> files = spoolFiles(spool);
      for (Path file : files) {
        for (String name :
            List.of(
                "000000000001-n4.ndjson",
                "000000000002-n4-s1.ndjson",
                "000000000002.open",
                "000000000009-n4.ndjson",
                "000000000004-n3.ndjson")) {
          FaultyDisk disk = spool.copy();
          disk.put(Spools.FOLDER.resolve(name), spool.bytes(file));

          Outcome outcome = drain(disk);
          count(run, waiting(), outcome);

          assertThat(new HashSet<>(outcome.events()))
              .as("%s copied to %s", file, name)
              .containsAll(waiting());
          expectOneMeaningOfEachId(outcome.batches());
          assertThat(spoolFiles(disk)).isEmpty();
        }
      }
      run.held();
    }
  }

  private static void expectOneMeaningOfEachId(List<Batch> batches) {
    Map<String, List<PopEvent>> known = new TreeMap<>();
    for (Batch batch : batches) {
      List<PopEvent> before = known.putIfAbsent(batch.id().toString(), batch.events());
      if (before != null) {
        assertThat(batch.events()).as("%s", batch.id()).isEqualTo(before);
      }
    }
  }

  @Test
  void damageGivesABatchAnotherIdThatIsTheSameAtEveryReading() throws IOException {
    FaultyDisk spool = spool();
    Path file = spoolFiles(spool).get(1);
    String intactId = drain(spool.copy()).batches().get(1).id().toString();
    byte[] damaged = spool.bytes(file);
    damaged[damaged.length - 5] ^= 1;
    spool.put(file, damaged);

    String first = drain(spool.copy()).batches().get(1).id().toString();
    String second = drain(spool.copy()).batches().get(1).id().toString();

    assertThat(first).isEqualTo(second).isNotEqualTo(intactId).contains("~");
  }

  @Test
  void progressInADamagedFileSurvivesARestart() throws IOException {
    for (int lost = 0; lost < 8; lost++) {
      FaultyDisk disk = new FaultyDisk();
      FileSpool spool = Spools.open(disk, 8);
      List<PopEvent> events = Events.numbered(8);
      spool.append(events);
      spool.sync();
      Batch whole = spool.peek().orElseThrow();
      spool.remove(whole.part(0, 3).id());
      spool.close();
      Path file = spoolFiles(disk).get(0);
      byte[] damaged = disk.bytes(file);
      int at = SpoolFileScan.of(damaged).events(0).get(lost).offset() + 5;
      damaged[at] ^= 1;
      disk.put(file, damaged);

      FileSpool second = Spools.open(disk, 8);
      Batch rest = second.peek().orElseThrow();
      List<PopEvent> expected = new ArrayList<>(events.subList(3, 8));
      expected.remove(events.get(lost));
      assertThat(rest.events()).as("record %s is lost", lost).isEqualTo(expected);
      assertThat(second.stats().damaged()).isEqualTo(lost < 3 ? 0 : 1);
      second.remove(rest.part(0, 2).id());
      second.close();

      FileSpool third = Spools.open(disk, 8);
      assertThat(third.peek().orElseThrow().events())
          .as("record %s is lost", lost)
          .isEqualTo(expected.subList(2, expected.size()));
      assertThat(third.peek().orElseThrow().id()).isEqualTo(rest.part(2, rest.size()).id());
      third.close();
    }
  }

  @Test
  void damageInAnOpenFileIsToldApart() throws IOException {
    FaultyDisk disk = spool();
    Path file = spoolFiles(disk).get(3);
    byte[] damaged = disk.bytes(file);
    damaged[SpoolFileScan.of(damaged).events(0).get(1).offset()] ^= 1;
    disk.put(file, damaged);

    FileSpool spool = Spools.open(disk, MAX_EVENTS);

    assertThat(spool.stats().damagedAtStart()).isEqualTo(1);
    assertThat(spool.stats().damaged()).isZero();
    assertThat(spool.stats().recovered()).isEqualTo(waiting().size() - 1L);
  }

  @Test
  void damagedBytesAreKeptOnceForAPersonToLookAt() throws IOException {
    FaultyDisk disk = spool();
    Path file = spoolFiles(disk).get(1);
    byte[] damaged = disk.bytes(file);
    PopEvent second = SpoolFileScan.of(damaged).events(0).get(1);
    damaged[second.offset() + 9] ^= 1;
    disk.put(file, damaged);
    for (int life = 0; life < 3; life++) {
      FileSpool spool = Spools.open(disk, MAX_EVENTS);
      spool.peek();
      spool.peekBehind(spool.peek().orElseThrow().id());
      disk.kill();
    }

    List<Path> kept =
        disk.files().stream().filter(path -> path.toString().contains("quarantine")).toList();

    assertThat(kept).hasSize(1);
    int start = lineStart(second);
    assertThat(disk.bytes(kept.get(0)))
        .isEqualTo(Arrays.copyOfRange(damaged, start, second.offset() + second.length() + 1));
  }

  @Test
  void aFileThatIsDamagedAsAWholeIsSetAsideOnce() throws IOException {
    FaultyDisk disk = spool();
    List<Path> ruined = List.of(spoolFiles(disk).get(1), spoolFiles(disk).get(3));
    for (Path file : ruined) {
      byte[] zeros = new byte[disk.bytes(file).length];
      disk.put(file, zeros);
    }

    Outcome outcome = drain(disk);

    assertThat(outcome.after().damaged()).isEqualTo(4);
    assertThat(quarantine(disk))
        .containsExactly("000000000002-n4.ndjson.bad", "000000000004.open.bad");
  }

  @Test
  void whatIsInQuarantineIsNeverReplaced() throws IOException {
    FaultyDisk disk = spool();
    Path file = spoolFiles(disk).get(1);
    for (byte life = 0; life < 3; life++) {
      byte[] ruin = new byte[disk.bytes(file).length];
      Arrays.fill(ruin, life);
      disk.put(file, ruin);
      drain(disk);
      disk.put(file, ruin);
    }
    disk.take(file);

    assertThat(quarantine(disk))
        .containsExactly(
            "000000000002-n4.ndjson.2.bad",
            "000000000002-n4.ndjson.3.bad",
            "000000000002-n4.ndjson.bad");
  }

  @Test
  void whatAStartPutsIntoQuarantineSurvivesAPowerCutAndIsInTheSpoolNoMore() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      FaultyDisk disk = new FaultyDisk();
      FileSpool killed = Spools.open(disk, 100);
      killed.append(Events.numbered(3));
      killed.sync();
      disk.kill();
      Path open = Spools.FOLDER.resolve("000000000001.open");
      byte[] bytes = disk.bytes(open);
      bytes[bytes.length / 2] ^= 1;
      disk.put(open, bytes);

      assertThat(Spools.open(disk, 100).stats().events()).isEqualTo(2);

      disk.crash(seed);
      assertThat(quarantine(disk)).hasSize(1);
      Path sealed = Spools.FOLDER.resolve("000000000001-n2.ndjson");
      assertThat(SpoolFileScan.of(disk.bytes(sealed)).damages()).isEmpty();
    }
  }

  private static List<String> quarantine(FaultyDisk disk) {
    return disk.files().stream()
        .filter(path -> path.getParent().endsWith(SpoolFolder.QUARANTINE))
        .map(path -> path.getFileName().toString())
        .toList();
  }

  @Test
  void aFileOfAnotherVersionIsSetAsideUntouched() throws IOException {
    FaultyDisk disk = spool();
    Bytes later = new Bytes(100);
    later.put("#pop-spool 2 abc 2 2026-01-01T00:00:00Z");
    CRC32C crc = new CRC32C();
    crc.update(later.array(), 0, later.length());
    later.put(' ');
    later.putHex((int) crc.getValue());
    later.put('\n');
    // Who knows what this means there.
    new SpoolFileFormat().putRecord(later, Events.number(99));
    disk.put(Spools.FOLDER.resolve("000000000002-n4.ndjson"), Spools.bytesOf(later));

    Outcome outcome = drain(disk);

    assertThat(outcome.after().damaged()).isEqualTo(4);
    assertThat(disk.bytes(Spools.FOLDER.resolve("quarantine/000000000002-n4.ndjson.bad")))
        .isEqualTo(Spools.bytesOf(later));
  }

  @Test
  void foreignFilesAreLeftAlone() throws IOException {
    FaultyDisk disk = spool();
    List<String> foreign =
        List.of(
            "notes.txt",
            "1-n3.ndjson",
            "000000000007-n3-s3.ndjson",
            "000000000007-n0.ndjson",
            "999999999999999-n1.ndjson",
            "other.tmp");
    for (String name : foreign) {
      disk.put(Spools.FOLDER.resolve(name), "mine".getBytes(StandardCharsets.UTF_8));
    }
    disk.put(Spools.FOLDER.resolve("000000000007-n3.ndjson.tmp"), new byte[10]);
    disk.put(Spools.FOLDER.resolve("000000000008.open.tmp"), new byte[10]);

    Outcome outcome = drain(disk);

    assertThat(outcome.events()).isEqualTo(waiting());
    assertThat(disk.files().stream().map(file -> file.getFileName().toString()))
        .containsAll(foreign)
        .doesNotContain("000000000007-n3.ndjson.tmp", "000000000008.open.tmp");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"00000000 %d x\n", "00000000 %d x", "#sender 00000000 %d x", "00000000 %d {"})
  void aFileMadeToBeSlowIsReadInGoodTime(String piece) {
    Bytes hostile = new Bytes(1 << 20);
    for (int i = 0; i < 150_000; i++) {
      hostile.put(String.format(Locale.ROOT, piece, 1_500_000 - i));
    }
    byte[] bytes = Spools.bytesOf(hostile);

    SpoolFileScan scan = assertTimeout(Duration.ofSeconds(20), () -> SpoolFileScan.of(bytes));

    assertThat(scan.count()).isZero();
  }

  @Test
  void anEmptyOpenFileIsTakenAway() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.WRITE_AHEAD, 4);
    spool.close();
    disk.put(Spools.FOLDER.resolve("000000000005.open"), new byte[0]);

    FileSpool again = Spools.open(disk, 4);

    assertThat(again.stats().events()).isZero();
    assertThat(spoolFiles(disk)).isEmpty();
    again.append(Events.numbered(1));
    assertThat(spoolFiles(disk).toString()).contains("000000000006.open");
  }
}
