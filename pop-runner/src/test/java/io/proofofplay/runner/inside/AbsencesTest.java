package io.proofofplay.runner.inside;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When nobody was connected is known, also where nobody could write it down. */
final class AbsencesTest {

  private static final String DAY = "2026-03-01T";

  /** What was before the relay of these tests began. */
  private static final Window BEFORE = new Window(Instant.MIN, at("11:00:00"));

  @TempDir private Path directory;

  private static Instant at(String time) {
    return Instant.parse(DAY + time + "Z");
  }

  private static Window away(String from, String to) {
    return new Window(at(from), at(to));
  }

  /** Each line such as {@code C 11:00:01 lobby}; the relay was last alive at 12:30. */
  private Absences of(String... changes) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    StringBuilder lines = new StringBuilder();
    for (String change : changes) {
      String[] words = change.split(" ", -1);
      lines.append(words[0] + "\t" + at(words[1]));
      lines.append(words.length > 2 ? "\t" + words[2] + "\twhy\n" : "\n");
    }
    Files.writeString(folder.resolve("connections-00000001.log"), lines);
    return Absences.in(new HistoryView(directory), at("14:00:00"));
  }

  private static List<Window> running(Absences absences) {
    return absences.until(at("14:00:00"), Set.of("lobby"), true);
  }

  @Test
  void aConnectionThatWasCutForTwoMinutesIsAnAbsence() throws IOException {
    Absences absences =
        of(
            "S 11:00:00",
            "C 11:00:01 lobby",
            "D 12:01:00 lobby",
            "D 12:01:10 lobby",
            "C 12:03:00 lobby",
            "D 13:50:00 lobby");

    assertThat(running(absences))
        .containsExactly(BEFORE, away("12:01:00", "12:03:00"), away("13:50:00", "14:00:00"));
  }

  @Test
  void aRelayThatWasKilledIsAwayFromItsLastSignOfLifeToItsNextConnection() throws IOException {
    Absences absences = of("S 11:00:00", "C 11:00:01 lobby", "S 13:00:00", "C 13:00:02 lobby");
    absences.alive(at("12:30:00"));
    absences.alive(at("12:10:00"));
    absences.alive(at("13:30:00"));

    assertThat(running(absences)).containsExactly(BEFORE, away("12:30:00", "13:00:02"));
  }

  @Test
  void aRelayThatDoesNotRunIsAwaySinceItsLastSignOfLife() throws IOException {
    Absences absences = of("S 11:00:00", "C 11:00:01 lobby");
    absences.alive(at("12:30:00"));

    assertThat(absences.until(at("14:00:00"), Set.of("lobby"), false))
        .containsExactly(BEFORE, away("12:30:00", "14:00:00"));
    assertThat(absences.until(at("12:00:00"), Set.of("lobby"), false)).containsExactly(BEFORE);
    assertThat(running(absences)).containsExactly(BEFORE);
  }

  @Test
  void aSourceThatWasTakenOutIsNotAwayForEver() throws IOException {
    assertThat(running(of("S 11:00:00", "C 11:00:01 hall", "D 12:00:00 hall")))
        .containsExactly(BEFORE);
    assertThat(
            running(
                of(
                    "S 11:00:00",
                    "C 11:00:01 hall",
                    "D 12:00:00 hall",
                    "S 13:00:00",
                    "C 13:00:01 lobby",
                    "S 13:30:00",
                    "C 13:30:01 lobby")))
        .as("it was to be there until the start that did not know it")
        .containsExactly(BEFORE, away("12:00:00", "13:00:00"), away("13:00:01", "13:30:01"));
  }

  @Test
  void aClockThatWasSetBackMakesNoAbsenceOutOfNothing() throws IOException {
    assertThat(running(of("S 11:00:00", "C 13:00:00 lobby", "S 12:00:00", "C 12:00:01 lobby")))
        .containsExactly(BEFORE);
  }

  @Test
  void whereNothingIsRememberedNobodyCanKnow() throws IOException {
    assertThat(running(of())).containsExactly(new Window(Instant.MIN, at("14:00:00")));
  }

  @Test
  void aTimeBehindAllTimesIsDamageAndNoReasonNotToAnswer() throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Files.writeString(
        folder.resolve("connections-00000001.log"),
        "C\t2026-03-01T11:00:00Z\tlobby\tme\nC\t" + Instant.MAX + "\tlobby\tme\n");
    Absences absences = Absences.in(new HistoryView(directory), at("14:00:00"));
    absences.alive(Instant.MAX);

    assertThat(running(absences)).containsExactly(BEFORE);
  }

  private List<Window> running(String file, String lines) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    Files.writeString(folder.resolve(file), lines);
    return Absences.in(new HistoryView(directory), at("14:00:00"))
        .until(at("14:00:00"), Set.of("lobby", "hall"), true);
  }

  private static String line(String change, String time) {
    return change.replaceFirst("^(.)", "$1\t" + at(time)).replace(' ', '\t')
        + (change.length() > 1 ? "\twhy\n" : "\n");
  }

  @Test
  void whatAFileBeginsWithIsAsOldAsItSays() throws IOException {
    assertThat(
            running(
                "connections-00000005.log",
                line("C", "12:00:00")
                    + line("C lobby", "09:00:00")
                    + "\n"
                    // One that was new then.
                    + line("C hall", "12:00:00")
                    + line("D lobby", "13:00:00")
                    + line("C lobby", "13:10:00")))
        .containsExactly(new Window(Instant.MIN, at("09:00:00")), away("13:00:00", "13:10:00"));
  }

  @Test
  void ofASourceWhoseEarlierChangesAreForgottenNothingIsKnownBefore() throws IOException {
    assertThat(
            running(
                "connections-00000005.log",
                line("C", "12:00:00")
                    + line("C lobby", "09:00:00")
                    + line("C hall", "11:30:00")
                    + "\n"
                    + line("D hall", "13:00:00")
                    + line("C hall", "13:10:00")))
        .containsExactly(new Window(Instant.MIN, at("11:30:00")), away("13:00:00", "13:10:00"));
  }

  @Test
  void whatCameAndWentAndCouldNotBeWrittenDownIsAnAbsence() throws IOException {
    assertThat(
            running(
                "connections-00000001.log",
                line("S", "09:00:00")
                    + line("C lobby", "09:00:00")
                    + "H\t%s\t%s\t4\n".formatted(at("10:00:00"), at("11:00:00"))
                    + line("C", "12:00:00")
                    + line("C lobby", "11:00:00")
                    + "\n"
                    + line("D lobby", "12:00:00")
                    + line("C lobby", "12:10:00")))
        .containsExactly(
            new Window(Instant.MIN, at("09:00:00")),
            away("10:00:00", "11:00:00"),
            away("12:00:00", "12:10:00"));
  }

  /** It says again what was said, and a source that came before a start was not there behind it. */
  @Test
  void whatIsSaidAgainBehindAHoleHidesNoAbsence() throws IOException {
    Path folder = Files.createDirectories(directory.resolve(".history"));
    String killed =
        line("C lobby", "09:00:00") + line("S", "12:00:00") + line("D lobby", "12:00:01");
    Files.writeString(
        folder.resolve("connections-00000001.log"),
        line("S", "09:00:00")
            + killed
            + "H\t%1$s\t%1$s\t1\n".formatted(at("13:00:00"))
            + line("C", "13:00:00")
            + killed
            + "\n");
    Absences absences = Absences.in(new HistoryView(directory), at("14:00:00"));
    absences.alive(at("10:00:00"));

    assertThat(running(absences))
        .containsExactly(new Window(Instant.MIN, at("09:00:00")), away("10:00:00", "14:00:00"));
  }

  /** All of it was written, though the writer was told that it failed. */
  @Test
  void aStartThatIsSaidAgainBehindAHoleEndsNoConnection() throws IOException {
    String again = line("S", "12:00:00") + line("C lobby", "12:00:01");
    assertThat(
            running(
                "connections-00000001.log",
                line("S", "09:00:00")
                    + line("C lobby", "09:00:00")
                    + line("C hall", "09:00:00")
                    + line("D hall", "11:00:00")
                    + again
                    + line("C hall", "12:00:02")
                    + "H\t%1$s\t%1$s\t1\n".formatted(at("12:00:01"))
                    + line("C", "13:00:00")
                    + again
                    + "\n"))
        .containsExactly(new Window(Instant.MIN, at("09:00:00")), away("11:00:00", "12:00:02"));
  }

  /** The clock was ahead for a while, and right again when the relay was killed. */
  @Test
  void whatIsStillToComeIsNoSignThatTheRelayWasThere() throws IOException {
    Absences absences = of("S 11:00:00", "C 11:00:01 lobby", "C 23:00:00 lobby", "C 11:30:00 hall");
    absences.alive(at("12:30:00"));
    absences.alive(at("23:30:00"));

    assertThat(absences.until(at("14:00:00"), Set.of("lobby"), false))
        .containsExactly(BEFORE, away("12:30:00", "14:00:00"));
  }
}
