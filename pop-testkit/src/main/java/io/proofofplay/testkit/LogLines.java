package io.proofofplay.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * What a logger of {@code java.util.logging}, and those below it, say from {@code INFO} on while
 * this is open. Nobody else hears it meanwhile.
 *
 * <p>Thread-safe.
 */
public final class LogLines implements AutoCloseable {

  private record Line(Level level, String text) {}

  /** Held, so that the settings of it are not collected. */
  private final Logger logger;

  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private final SimpleFormatter words = new SimpleFormatter();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          lines.add(new Line(entry.getLevel(), words.formatMessage(entry)));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private LogLines(Logger logger) {
    this.logger = logger;
  }

  /**
   * Begins to listen.
   *
   * @param logger its name, such as a package's
   * @return what is heard; to be closed
   */
  public static LogLines of(String logger) {
    LogLines heard = new LogLines(Logger.getLogger(logger));
    heard.logger.setLevel(Level.INFO);
    heard.logger.setUseParentHandlers(false);
    heard.logger.addHandler(heard.handler);
    return heard;
  }

  /**
   * All lines so far.
   *
   * @return a copy, in order, without their levels
   */
  public List<String> lines() {
    return lines.stream().map(Line::text).toList();
  }

  /**
   * The lines of one level so far.
   *
   * @param level such as {@link Level#WARNING}
   * @return a copy, in order
   */
  public List<String> at(Level level) {
    return lines.stream().filter(line -> line.level().equals(level)).map(Line::text).toList();
  }

  /**
   * The lines with some words in them so far.
   *
   * @param words the words
   * @return a copy, in order
   */
  public List<String> with(String words) {
    return lines().stream().filter(line -> line.contains(words)).toList();
  }

  /** Forgets the lines so far. */
  public void clear() {
    lines.clear();
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
    logger.setLevel(null);
  }
}
