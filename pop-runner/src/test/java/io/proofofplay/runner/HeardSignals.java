package io.proofofplay.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is started by {@code nohup}, or in the background of a shell without job control, ignores
 * some signals, and so does all that it starts; the tests, for instance. A relay of theirs that is
 * told something by a signal must hear it.
 */
public final class HeardSignals {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String IGNORED = "SigIgn:";

  /** SIGHUP and SIGINT in the mask, which begins with signal 1. */
  private static final long OURS = 0b11;

  private HeardSignals() {}

  /**
   * A command that hears them.
   *
   * @param command what to start
   * @return the same, or another one that becomes it under the same process id
   */
  public static List<String> by(List<String> command) throws IOException {
    if (!Files.isReadable(STATUS) || !areIgnored(Files.readAllLines(STATUS))) {
      return command;
    }
    List<String> hears = new ArrayList<>(List.of("env", "--default-signal=HUP,INT"));
    hears.addAll(command);
    return hears;
  }

  private static boolean areIgnored(List<String> status) {
    return status.stream()
        .filter(line -> line.startsWith(IGNORED))
        .map(line -> Long.parseUnsignedLong(line.substring(IGNORED.length()).strip(), 16))
        .anyMatch(mask -> (mask & OURS) != 0);
  }
}
