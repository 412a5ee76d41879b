package io.proofofplay.runner.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes a record as one line: {@code 2026-11-22T12:00:00.123Z INFO sink billing: …}. Line ends and
 * other control characters are escaped, because parts of a message come from other machines.
 */
final class LineFormatter extends Formatter {

  private static final int MILLIS = 24;

  private final boolean traces;

  /**
   * A formatter.
   *
   * @param traces whether a stack trace follows in lines of its own
   */
  LineFormatter(boolean traces) {
    this.traces = traces;
  }

  @Override
  public String format(LogRecord entry) {
    StringBuilder line = new StringBuilder(160);
    time(line, entry.getInstant());
    line.append(' ').append(word(entry.getLevel())).append(' ');
    escape(line, formatMessage(entry));
    Throwable thrown = entry.getThrown();
    if (thrown != null) {
      escape(line.append(" ("), thrown.toString());
      line.append(')');
    }
    line.append('\n');
    if (thrown != null && traces) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      line.append(trace);
    }
    return line.toString();
  }

  /** Always with three digits: Instant leaves out zeros. */
  private static void time(StringBuilder line, Instant instant) {
    String text = instant.truncatedTo(ChronoUnit.MILLIS).toString();
    int shortBy = MILLIS - text.length();
    line.append(text, 0, text.length() - 1)
        .append(shortBy > 0 ? ".000".substring(4 - shortBy) : "")
        .append('Z');
  }

  private static String word(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "WARN ";
    }
    if (level.intValue() >= Level.INFO.intValue()) {
      return "INFO ";
    }
    return level.intValue() >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }

  private static void escape(StringBuilder line, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line.append("\\n");
      } else if (Character.isISOControl(c)) {
        line.append(String.format("\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
  }
}
