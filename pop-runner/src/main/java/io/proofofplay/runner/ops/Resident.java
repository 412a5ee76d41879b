package io.proofofplay.runner.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much memory the process has, as Linux tells it. */
final class Resident {

  private static final Path STATUS = Path.of("/proc/self/status");

  private Resident() {}

  /** In bytes; empty where nobody tells. */
  static OptionalLong bytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Another system: one number less.
    }
    return OptionalLong.empty();
  }
}
