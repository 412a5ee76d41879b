package io.proofofplay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a test that breaks things came to, for the table at the end of a build. Immutable.
 *
 * <p>A test records one tally when it is done, whether or not it is content with it. The tallies of
 * a build are files in the folder that the system property {@code pop.tally} names; without the
 * property, recording does nothing.
 *
 * @param test the test, as {@code Class.method}; one tally is kept for each
 * @param what what was done, in a few words
 * @param rounds how often it was done: kills, sequences, requests
 * @param faults how many faults were injected in all
 * @param accepted how many events were accepted, or stood where they could be lost
 * @param lost how many of these were neither delivered, nor on disk, nor dead, nor in the ledger
 * @param repeated how many were delivered more than once
 */
public record Tally(
    String test, String what, long rounds, long faults, long accepted, long lost, long repeated) {

  private static final String FOLDER = "pop.tally";
  private static final String SUFFIX = ".tally";

  public Tally {
    if (!test.matches("\\w+(\\.\\w+)*")) {
      throw new IllegalArgumentException("test \"" + test + "\": Class.method is right");
    }
    if (what.contains("\n")) {
      throw new IllegalArgumentException("what: one line is right");
    }
  }

  /**
   * Puts the tally where the table is made from.
   *
   * @throws UncheckedIOException if the folder cannot be written to
   */
  public void record() {
    String folder = System.getProperty(FOLDER);
    if (folder == null || folder.isEmpty()) {
      return;
    }
    try {
      Path directory = Files.createDirectories(Path.of(folder));
      String line =
          String.join(
              "\n",
              what,
              Long.toString(rounds),
              Long.toString(faults),
              Long.toString(accepted),
              Long.toString(lost),
              Long.toString(repeated),
              "");
      Files.writeString(directory.resolve(test + SUFFIX), line, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": the tally of " + test + " cannot be kept", e);
    }
  }

  /**
   * Reads what was recorded.
   *
   * @param folder where tallies are
   * @return all of them, by the name of the test; none if there is no such folder
   * @throws IOException if one cannot be read
   */
  public static List<Tally> all(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> there = Files.list(folder)) {
      files = there.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
    List<Tally> all = new ArrayList<>();
    for (Path file : files) {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      String name = file.getFileName().toString();
      all.add(
          new Tally(
              name.substring(0, name.length() - SUFFIX.length()),
              lines.get(0),
              Long.parseLong(lines.get(1)),
              Long.parseLong(lines.get(2)),
              Long.parseLong(lines.get(3)),
              Long.parseLong(lines.get(4)),
              Long.parseLong(lines.get(5))));
    }
    return all;
  }

  /**
   * Lays tallies out for people.
   *
   * @param tallies any number of them
   * @return a table with one line for each and their sum; lines end with a line feed
   */
  public static String table(List<Tally> tallies) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"test", "what", "rounds", "faults", "accepted", "lost", "sent again"});
    long[] sums = new long[5];
    for (Tally tally : tallies) {
      long[] figures = {tally.rounds, tally.faults, tally.accepted, tally.lost, tally.repeated};
      for (int i = 0; i < sums.length; i++) {
        sums[i] += figures[i];
      }
      rows.add(row(tally.test, tally.what, figures));
    }
    rows.add(row("in all", "", sums));
    int[] widths = new int[7];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        String side = i < 2 ? "-" : "";
        table.append(String.format(Locale.ROOT, "%" + side + widths[i] + "s", row[i]));
        table.append(i == row.length - 1 ? "\n" : "  ");
      }
    }
    return table.toString();
  }

  private static String[] row(String test, String what, long[] figures) {
    String[] row = new String[2 + figures.length];
    row[0] = test;
    row[1] = what;
    for (int i = 0; i < figures.length; i++) {
      row[2 + i] = String.format(Locale.ROOT, "%,d", figures[i]);
    }
    return row;
  }
}
