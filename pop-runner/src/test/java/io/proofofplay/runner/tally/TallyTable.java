package io.proofofplay.runner.tally;

import io.proofofplay.testkit.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Prints, behind the last test, what all tests of a build that break things came to. */
public final class TallyTable {

  private TallyTable() {}

  /**
   * Prints the table.
   *
   * @param arguments the folder with the tallies, and the build
   * @throws IOException if they cannot be read
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws IOException {
    List<Tally> tallies = Tally.of(Path.of(arguments[0]), arguments[1]);
    if (!tallies.isEmpty()) {
      System.out.println();
      System.out.println(Tally.table(tallies));
    }
  }
}
