package io.proofofplay.spool.file;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the spool's classes say, from {@code INFO} on, while this is open. */
final class Said extends Handler implements AutoCloseable {

  private final Logger logger = Logger.getLogger(Said.class.getPackageName());
  private final SimpleFormatter words = new SimpleFormatter();
  private final List<String> lines = new ArrayList<>();

  private Said() {}

  static Said listen() {
    Said said = new Said();
    said.logger.setLevel(Level.INFO);
    said.logger.addHandler(said);
    return said;
  }

  /** The lines in which a word stands, each as {@code LEVEL text}. */
  synchronized List<String> linesWith(String word) {
    return lines.stream().filter(line -> line.contains(word)).toList();
  }

  @Override
  public synchronized void publish(LogRecord entry) {
    lines.add(entry.getLevel() + " " + words.formatMessage(entry));
  }

  @Override
  public void flush() {
    // Nothing is held back.
  }

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setLevel(null);
  }
}
