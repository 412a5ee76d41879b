package io.proofofplay.runner.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Commands of the system that a test needs. */
final class Shell {

  private Shell() {}

  /**
   * Runs a command to its end.
   *
   * @return empty if it went well, else the command and what it said
   */
  static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(Await.GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return String.join(" ", command) + ": does not end";
      }
      return process.exitValue() == 0
          ? ""
          : String.join(" ", command) + ": " + process.exitValue() + ", " + said.strip();
    } catch (IOException e) {
      return String.join(" ", command) + ": " + e.getMessage();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
