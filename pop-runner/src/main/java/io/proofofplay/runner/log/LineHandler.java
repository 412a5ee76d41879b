package io.proofofplay.runner.log;

import java.io.PrintStream;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** Prints records to a stream, each at once. */
final class LineHandler extends Handler {

  private final PrintStream stream;
  private final Formatter lines;

  LineHandler(PrintStream stream, Formatter lines) {
    this.stream = stream;
    this.lines = lines;
  }

  @Override
  public void publish(LogRecord entry) {
    if (isLoggable(entry)) {
      stream.print(lines.format(entry));
      stream.flush();
    }
  }

  @Override
  public void flush() {
    stream.flush();
  }

  // Standard error stays open: what happens while the process ends is worth a line.
  @Override
  public void close() {}
}
