package io.proofofplay.runner.log;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Sets the log up, before anything else logs: only then it stays on while the process ends. */
public final class Logging {

  private static final Map<String, Level> LEVELS =
      Map.of(
          "error", Level.SEVERE,
          "warn", Level.WARNING,
          "info", Level.INFO,
          "debug", Level.FINE,
          "trace", Level.ALL);

  static {
    // Before the first logger is made, because the JDK looks at it then.
    System.setProperty("java.util.logging.manager", "io.proofofplay.runner.log.SteadyLogs");
  }

  /** The loggers that were set, held here because the JDK holds loggers weakly. */
  private static final List<Logger> HELD =
      List.of(
          Logger.getLogger(""),
          Logger.getLogger("io.proofofplay"),
          // At debug it prints the headers that it sends, and with them the secrets.
          Logger.getLogger("org.apache.hc"));

  private Logging() {}

  /**
   * Sends the log to a stream.
   *
   * @param level the lowest level of our own records: {@code error}, {@code warn}, {@code info},
   *     {@code debug} or {@code trace}; empty for {@code info}. The libraries' records are shown
   *     from {@code warn} on, whatever it is
   * @param stream where to print
   * @param stacks whether stack stacks are shown
   */
  public static void start(Optional<String> level, PrintStream stream, boolean stacks) {
    Logger root = HELD.get(0);
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new LineHandler(stream, new LineFormatter(stacks)));
    Optional<Level> known = level.map(word -> LEVELS.get(word.strip().toLowerCase(Locale.ROOT)));
    HELD.forEach(logger -> logger.setLevel(Level.WARNING));
    HELD.get(1).setLevel(known.orElse(Level.INFO));
    if (level.isPresent() && known.isEmpty()) {
      HELD.get(1)
          .warning(
              "POP_LOG: \"%s\" is not a level; write error, warn, info, debug or trace"
                  .formatted(level.get()));
    }
  }
}
