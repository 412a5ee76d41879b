package io.proofofplay.runner.demo;

import io.proofofplay.runner.terminal.Counted;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What was sent against what was received, event by event and byte by byte, without a word of the
 * relay's own.
 *
 * @param sent how many events the player sent
 * @param received how many of them the backend has
 * @param lost how many of them it has not
 * @param duplicates how many events it got more often than they were sent
 * @param foreign how many events it has that the player never sent
 */
record Books(long sent, long received, long lost, long duplicates, long foreign) {

  /**
   * Compares two files of events, one a line.
   *
   * @param repeats how many events the backend got again and did not keep
   */
  static Books of(Path sent, Path received, long repeats) throws IOException {
    Map<String, Integer> open = new HashMap<>();
    long played = 0;
    // Latin 1 makes one character of every byte, so that equal lines are equal bytes.
    try (BufferedReader lines = Files.newBufferedReader(sent, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        open.merge(line, 1, Integer::sum);
        played++;
      }
    }
    long got = 0;
    long surplus = 0;
    long foreign = 0;
    try (BufferedReader lines = Files.newBufferedReader(received, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Integer left = open.get(line);
        if (left == null) {
          foreign++;
        } else if (left == 0) {
          surplus++;
        } else {
          open.put(line, left - 1);
          got++;
        }
      }
    }
    return new Books(played, got, played - got, surplus + repeats, foreign);
  }

  boolean balance() {
    return lost == 0 && duplicates == 0 && foreign == 0;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d sent, %d received, %d lost, %s",
        sent,
        received,
        lost,
        Counted.of(duplicates, "duplicate"));
  }
}
