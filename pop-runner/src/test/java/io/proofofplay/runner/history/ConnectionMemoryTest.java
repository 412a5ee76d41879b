package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.runner.history.ConnectionChange.What;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a source is stays known, however long ago it came to be so. */
final class ConnectionMemoryTest {

  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path directory;

  private final ManualTime time = ManualTime.standing();
  private HistoryView view;

  private History history() {
    return history(HistoryConfig.defaults());
  }

  private History history(HistoryConfig bounds) {
    return new History(directory, bounds, time, Runnable::run);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve(".history"))) {
      return all.sorted().toList();
    }
  }

  /** The files are as old as their entries are by these clocks. */
  private void age() throws IOException {
    for (Path file : files()) {
      if (Files.getLastModifiedTime(file).toInstant().isAfter(time.now())) {
        Files.setLastModifiedTime(file, FileTime.from(time.now()));
      }
    }
  }

  private List<ConnectionChange> all() throws IOException {
    view = new HistoryView(directory);
    List<ConnectionChange> changes = new ArrayList<>();
    view.connections(changes::add);
    assertThat(view.damaged()).isEmpty();
    return changes;
  }

  private static ConnectionChange came(Instant when, String source) {
    return new ConnectionChange(when, What.CONNECTED, source, "me");
  }

  private static ConnectionChange went(Instant when, String source) {
    return new ConnectionChange(when, What.DISCONNECTED, source, "reset");
  }

  @Test
  void aConnectionThatStaysOutlivesTheFileThatItWasWrittenTo() throws IOException {
    History history = history();
    history.connected("lobby", "me");
    Instant first = time.now();
    List<Instant> changes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      age();
      time.advance(DAY.multipliedBy(40));
      changes.add(time.now());
      if (i % 2 == 0) {
        history.disconnected("lobby", "reset");
      } else {
        history.connected("lobby", "me");
      }
    }

    assertThat(files().get(0).getFileName()).hasToString("connections-00000003.log.gz");
    assertThat(all())
        .containsExactly(
            came(first, "lobby"),
            went(changes.get(0), "lobby"),
            came(changes.get(1), "lobby"),
            went(changes.get(2), "lobby"),
            came(changes.get(3), "lobby"));
    assertThat(view.olderSources()).containsExactly("lobby");
  }

  @Test
  void aSourceThatComesAndGoesDoesNotPushOutAnotherThatStays() throws IOException {
    Random random = new Random(7);
    History history = history(new HistoryConfig(Duration.ofDays(30), ByteSize.ofMiB(1)));
    history.connected("lobby", "me");
    Instant first = time.now();
    for (int i = 0; i < 4000; i++) {
      time.advance(Duration.ofSeconds(1));
      history.connected("hall", "me");
      history.disconnected("hall", Long.toHexString(random.nextLong()).repeat(5));
    }
    // Of a source that comes now nothing was before.
    history.connected("attic", "me");

    assertThat(files().get(0).getFileName().toString()).isNotEqualTo("connections-00000001.log.gz");
    long room = 0;
    for (Path file : files()) {
      room += Files.size(file);
    }
    assertThat(room).isLessThanOrEqualTo((1L << 20) / 16);
    assertThat(all()).startsWith(came(first, "lobby"));
    assertThat(all()).filteredOn(change -> change.source().equals("lobby")).hasSize(1);
    assertThat(view.olderSources()).containsExactly("hall", "lobby");
  }

  @Test
  void whatAnEarlierLifeKnewOfASourceGoesOn() throws IOException {
    History first = history();
    first.connected("lobby", "me");
    first.connected("hall", "me");
    Instant began = time.now();
    age();
    time.advance(DAY.multipliedBy(40));
    // A second life begins, and the hall's player is not there yet.
    Instant again = time.now();
    history().disconnected("lobby", "reset");
    for (Path file : files()) {
      if (file.getFileName().toString().startsWith("connections-00000001")) {
        Files.delete(file);
      }
    }
    ConnectionChange start = new ConnectionChange(again, What.STARTED, "", "");
    assertThat(all())
        .containsExactly(came(began, "lobby"), came(began, "hall"), start, went(again, "lobby"));

    age();
    time.advance(DAY.multipliedBy(40));
    history().connected("lobby", "me");
    Files.delete(files().get(0));
    assertThat(all())
        .containsExactly(
            came(began, "lobby"),
            came(began, "hall"),
            start,
            went(again, "lobby"),
            new ConnectionChange(time.now(), What.STARTED, "", ""),
            came(time.now(), "lobby"));
  }

  @Test
  void whatCouldNotBeWrittenDownIsAHoleBehindWhichAllIsKnownAgain() throws IOException {
    History history = history();
    Instant first = time.now();
    history.connected("lobby", "me");
    Path folder = directory.resolve(".history");
    Path away = Files.move(folder, directory.resolve("away"));
    Files.writeString(folder, "in the way");
    time.advance(Duration.ofMinutes(1));
    Instant from = time.now();
    history.disconnected("lobby", "reset");
    time.advance(Duration.ofMinutes(1));
    Instant to = time.now();
    history.connected("lobby", "me");
    Files.delete(folder);
    Files.move(away, folder);
    time.advance(Duration.ofMinutes(1));
    history.disconnected("lobby", "reset");

    assertThat(history.failures()).isEqualTo(2);
    assertThat(all())
        .containsExactly(
            new ConnectionChange(first, What.STARTED, "", ""),
            came(first, "lobby"),
            came(to, "lobby"),
            went(time.now(), "lobby"));
    assertThat(view.connectionHoles()).containsExactly(new Hole(from, to, 2));
    assertThat(view.olderSources()).isEmpty();
    assertThat(view.deliveryHoles()).isEmpty();
  }

  /** A relay that was killed, and began anew while nothing could be written down. */
  @Test
  void aStartThatCouldNotBeWrittenDownIsSaidWithWhatIsWrittenNext() throws IOException {
    Instant first = time.now();
    history().connected("lobby", "me");
    time.advance(Duration.ofHours(3));
    Path folder = directory.resolve(".history");
    Path away = Files.move(folder, directory.resolve("away"));
    Files.writeString(folder, "in the way");
    Instant again = time.now();
    History second = history();
    second.connected("lobby", "me");
    Files.delete(folder);
    Files.move(away, folder);
    time.advance(Duration.ofHours(1));
    Instant later = time.now();
    second.connected("hall", "me");

    ConnectionChange start = new ConnectionChange(again, What.STARTED, "", "");
    assertThat(all())
        .containsExactly(
            new ConnectionChange(first, What.STARTED, "", ""),
            came(first, "lobby"),
            start,
            came(again, "lobby"),
            came(later, "hall"));
    assertThat(view.connectionHoles()).containsExactly(new Hole(again, again, 1));

    age();
    time.advance(DAY.multipliedBy(40));
    second.connected("attic", "me");
    assertThat(Files.readString(directory.resolve(".history/connections-00000002.log")))
        .as("it is said once")
        .doesNotContain("S\t");
  }

  @Test
  void aHoleAtTheBeginningOfAFileHidesNoAbsence() throws IOException {
    History history = history();
    Instant first = time.now();
    history.connected("lobby", "me");
    history.connected("hall", "me");
    time.advance(DAY.multipliedBy(3));
    Path folder = directory.resolve(".history");
    Path away = Files.move(folder, directory.resolve("away"));
    Files.writeString(folder, "in the way");
    Instant lost = time.now();
    history.disconnected("lobby", "reset");
    Files.delete(folder);
    Files.move(away, folder);
    time.advance(Duration.ofHours(4));
    history.connected("lobby", "me");

    assertThat(files()).hasSize(2);
    List<ConnectionChange> expected =
        List.of(
            new ConnectionChange(first, What.STARTED, "", ""),
            came(first, "lobby"),
            came(first, "hall"),
            went(lost, "lobby"),
            came(time.now(), "lobby"));
    assertThat(all()).containsExactlyElementsOf(expected);
    List<ConnectionChange> last = new ArrayList<>();
    view.lastConnections(last::add);
    assertThat(last).contains(came(first, "hall"), came(time.now(), "lobby"));
  }

  /** Files of an earlier version do not begin with what was before. */
  @Test
  void whatAnEarlierVersionHasWrittenIsTakenUp() throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Instant before = ManualTime.START.minus(DAY);
    Files.writeString(folder.resolve("connections-00000001.log"), "C\t" + before + "\tlobby\tme\n");
    Files.writeString(folder.resolve("connections-00000002.log"), "C\t" + before + "\thall\tme\n");
    time.advance(DAY.multipliedBy(40));
    history().disconnected("hall", "reset");
    Files.delete(folder.resolve("connections-00000001.log.gz"));
    Files.delete(folder.resolve("connections-00000002.log.gz"));

    assertThat(all()).startsWith(came(before, "lobby"), came(before, "hall"));
  }

  @Test
  void aBeginningThatAPowerCutHasTornIsNotTakenForAllThatWasKnown() throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Instant before = ManualTime.START.minus(DAY);
    Files.writeString(folder.resolve("connections-00000001.log"), "C\t" + before + "\tlobby\tme\n");
    Files.writeString(
        folder.resolve("connections-00000002.log"),
        "C\t" + before + "\nC\t" + before + "\thall\tme\nD\t2026");
    time.advance(DAY.multipliedBy(40));
    history().disconnected("hall", "reset");
    assertThat(all()).startsWith(came(before, "lobby"), came(before, "hall"));
    assertThat(view.olderSources()).isEmpty();
    Files.delete(folder.resolve("connections-00000001.log.gz"));
    Files.delete(folder.resolve("connections-00000002.log.gz"));

    assertThat(all()).startsWith(came(before, "lobby"), came(before, "hall"));
    assertThat(view.olderSources()).containsExactly("hall", "lobby");
  }

  @Test
  void ofAllThatWasHeardTheLinesThatStillSaySomethingAreKept() {
    LastKnown known = new LastKnown();
    Instant noon = ManualTime.START;
    List<ConnectionChange> heard = new ArrayList<>();
    for (String each : "C S D D S S D S C.hall D.hall S S D.attic D.attic".split(" ", -1)) {
      What what =
          switch (each.charAt(0)) {
            case 'C' -> What.CONNECTED;
            case 'D' -> What.DISCONNECTED;
            default -> What.STARTED;
          };
      String source = what == What.STARTED ? "" : each.length() > 1 ? each.substring(2) : "lobby";
      ConnectionChange change =
          new ConnectionChange(noon.plusSeconds(heard.size()), what, source, "");
      heard.add(change);
      known.heard(change);
    }

    assertThat(known.changes()).as("nobody knows yet of the last start").contains(heard.get(11));
    known.startIsSaid();
    assertThat(known.changes())
        .containsExactly(
            heard.get(0),
            heard.get(1),
            heard.get(6),
            heard.get(7),
            heard.get(8),
            heard.get(9),
            heard.get(10),
            heard.get(12));
    LastKnown again = new LastKnown();
    known.changes().forEach(again::heard);
    again.startIsSaid();
    assertThat(again.changes()).isEqualTo(known.changes());
  }

  @Test
  void whereThereIsNoRoomForAllThoseThatAreThereComeFirst() {
    LastKnown known = new LastKnown();
    known.heard(came(ManualTime.START, "lobby"));
    for (int i = 0; i < 100; i++) {
      known.heard(went(ManualTime.START.plusSeconds(i), "gone-" + i));
    }
    HistoryLine lines = known.lines(200);

    assertThat(lines.length()).isBetween(100, 200);
    assertThat(new String(lines.bytes(), 0, lines.length(), StandardCharsets.UTF_8))
        .contains("\tlobby\t", "\tgone-99\t")
        .doesNotContain("gone-0");
  }
}
