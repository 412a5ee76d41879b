package io.proofofplay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a test that breaks things came to, for the table at the end of a build. Immutable; a {@link
 * TallyRun} makes and keeps it.
 *
 * <p>The tallies of a build are files in the folder that the system property {@code pop.tally}
 * names, one for each test; without the property none is kept. Each carries the build that it is
 * of, {@code pop.build}, so that what an earlier build has left there is never taken for this
 * one's.
 *
 * @param test the test, as {@code Class.method}; one tally is kept for each
 * @param what what was done, in a few words
 * @param rounds how often it was done: kills, sequences, requests
 * @param faults how many faults were injected in all
 * @param accepted how many events were accepted, or stood where they could be lost; where a process
 *     was ended, those that were found afterwards
 * @param known how many of these somebody had known to be accepted before the end, most often the
 *     program itself, asked before it was killed or stopped; empty where nobody was asked. Events
 *     that nobody finds are not among the accepted ones that were found, and here they are
 * @param lost how many of these were neither delivered, nor on disk, nor dead, nor in the ledger,
 *     as far as the test has seen
 * @param repeated how many were delivered more than once
 * @param outcome how the test ended
 */
public record Tally(
    String test,
    String what,
    long rounds,
    long faults,
    long accepted,
    OptionalLong known,
    long lost,
    long repeated,
    Outcome outcome) {

  /** How a test ended. */
  public enum Outcome {
    /** It came to its end, and all that it claims was looked at and is so. */
    HELD("yes"),
    /** A claim of it did not hold, or it was cut short. */
    BROKEN("NO"),
    /** It was not tried: this machine has not what it needs. */
    SKIPPED("skipped");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    /** Of two together: what was skipped says nothing of the other. */
    private Outcome and(Outcome other) {
      if (this == SKIPPED || other == SKIPPED) {
        return this == SKIPPED ? other : this;
      }
      return this == HELD ? other : this;
    }
  }

  private static final String FOLDER = "pop.tally";
  private static final String BUILD = "pop.build";
  private static final String SUFFIX = ".tally";
  private static final String UNKNOWN = "-";
  private static final String KNOWN = "known before the end";

  public Tally {
    if (!test.matches("\\w+(\\.\\w+)*")) {
      throw new IllegalArgumentException("test \"" + test + "\": Class.method is right");
    }
    if (what.contains("\n")) {
      throw new IllegalArgumentException("what: one line is right");
    }
    for (long figure : new long[] {rounds, faults, accepted, known.orElse(0), lost, repeated}) {
      if (figure < 0) {
        throw new IllegalArgumentException(
            test + " counted " + figure + " of something; 0 is the least that is right");
      }
    }
  }

  /** A test of which nothing is counted yet, and which has not failed yet. */
  static Tally none(String test, String what, Outcome outcome) {
    return new Tally(test, what, 0, 0, 0, OptionalLong.empty(), 0, 0, outcome);
  }

  /** This and what another pass of the same test came to. */
  Tally plus(Tally pass) {
    return new Tally(
        test,
        pass.what,
        rounds + pass.rounds,
        faults + pass.faults,
        accepted + pass.accepted,
        known.isEmpty() && pass.known.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(known.orElse(0) + pass.known.orElse(0)),
        lost + pass.lost,
        repeated + pass.repeated,
        outcome.and(pass.outcome));
  }

  /** Puts the tally where the table is made from, in the place of what is there of the test. */
  void keep() {
    String folder = System.getProperty(FOLDER, "");
    if (folder.isEmpty()) {
      return;
    }
    try {
      Path directory = Files.createDirectories(Path.of(folder));
      String lines =
          String.join(
              "\n",
              build(),
              what,
              Long.toString(rounds),
              Long.toString(faults),
              Long.toString(accepted),
              known.isEmpty() ? UNKNOWN : Long.toString(known.getAsLong()),
              Long.toString(lost),
              Long.toString(repeated),
              outcome.name(),
              "");
      Files.writeString(directory.resolve(test + SUFFIX), lines, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": the tally of " + test + " cannot be kept", e);
    }
  }

  /** What this build has kept of a test so far. */
  static Optional<Tally> kept(String test) {
    String folder = System.getProperty(FOLDER, "");
    Path file = Path.of(folder, test + SUFFIX);
    if (folder.isEmpty() || !Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return read(file, build());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  private static String build() {
    return System.getProperty(BUILD, "");
  }

  /**
   * Reads what one build has kept.
   *
   * @param folder where tallies are
   * @param build the build, as its tests were told it by {@code pop.build}
   * @return its tallies, by the name of the test; none if there is no such folder
   * @throws IOException if one cannot be read
   */
  public static List<Tally> of(Path folder, String build) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> there = Files.list(folder)) {
      files = there.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
    List<Tally> all = new ArrayList<>();
    for (Path file : files) {
      read(file, build).ifPresent(all::add);
    }
    return all;
  }

  private static Optional<Tally> read(Path file, String build) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.isEmpty() || !lines.get(0).equals(build)) {
      return Optional.empty();
    }
    String name = file.getFileName().toString();
    return Optional.of(
        new Tally(
            name.substring(0, name.length() - SUFFIX.length()),
            lines.get(1),
            Long.parseLong(lines.get(2)),
            Long.parseLong(lines.get(3)),
            Long.parseLong(lines.get(4)),
            lines.get(5).equals(UNKNOWN)
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(lines.get(5))),
            Long.parseLong(lines.get(6)),
            Long.parseLong(lines.get(7)),
            Outcome.valueOf(lines.get(8))));
  }

  /**
   * Lays tallies out for people.
   *
   * @param tallies any number of them
   * @return a table with one line for each and their sum, which holds if each of them does that was
   *     not skipped; lines end with a line feed
   */
  public static String table(List<Tally> tallies) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "test", "what", "rounds", "faults", "accepted", KNOWN, "lost", "sent again", "held"));
    Tally sum = none("sum", "", Outcome.HELD);
    for (Tally tally : tallies) {
      sum = sum.plus(tally);
      rows.add(tally.row(tally.test, tally.what));
    }
    rows.add(sum.row("in all", ""));
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        String side = i < 2 ? "-" : "";
        table.append(String.format(Locale.ROOT, "%" + side + widths[i] + "s", row.get(i)));
        table.append(i == widths.length - 1 ? "\n" : "  ");
      }
    }
    if (sum.known.isPresent()) {
      table.append(KNOWN).append(": what the program itself had counted as accepted by then,");
      table.append(" or had surely read; blank where it was not asked\n");
    }
    if (sum.outcome == Outcome.BROKEN) {
      table.append("NO: a claim of the test did not hold, or it was cut short;");
      table.append(" its figures are what it had seen by then\n");
    }
    if (tallies.stream().anyMatch(tally -> tally.outcome == Outcome.SKIPPED)) {
      table.append("skipped: nothing of it was tried here, for want of what it says\n");
    }
    return table.toString();
  }

  private List<String> row(String first, String second) {
    List<String> row = new ArrayList<>(List.of(first, second));
    for (long figure : new long[] {rounds, faults, accepted}) {
      row.add(figure(figure));
    }
    row.add(known.isEmpty() ? "" : figure(known.getAsLong()));
    row.add(figure(lost));
    row.add(figure(repeated));
    row.add(outcome.word);
    return row;
  }

  private static String figure(long figure) {
    return String.format(Locale.ROOT, "%,d", figure);
  }
}
