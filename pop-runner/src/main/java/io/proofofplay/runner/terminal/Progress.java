package io.proofofplay.runner.terminal;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * How far a long work has come: a bar that is drawn again and again on a terminal, a plain line now
 * and then elsewhere.
 *
 * <p>Not thread-safe: the thread that works also reports.
 */
public final class Progress implements AutoCloseable {

  private static final int CELLS = 30;
  private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
  private static final long PLAIN_NANOS = Duration.ofSeconds(5).toNanos();

  private final Terminal terminal;
  private final TimeSource time;
  private final String work;
  private final long total;
  private final long every;

  private long lastNanos;
  private boolean shown;

  /**
   * Nothing done yet, nothing printed yet.
   *
   * @param terminal where to print
   * @param time says when it is time for another line
   * @param work what is done, a word or two
   * @param total how much there is to do; 0 or less if that is not known, which shows no bar
   */
  public Progress(Terminal terminal, TimeSource time, String work, long total) {
    this.terminal = Objects.requireNonNull(terminal, "terminal");
    this.time = Objects.requireNonNull(time, "time");
    this.work = Objects.requireNonNull(work, "work");
    this.total = total;
    every = terminal.isLive() ? REDRAW_NANOS : PLAIN_NANOS;
    lastNanos = time.nanos();
  }

  /**
   * Says how far it is; prints only if the last time is long enough ago. Cheap enough for every
   * round of a loop.
   *
   * @param done how much is done
   * @param note what else is known, or empty
   */
  public void at(long done, String note) {
    if (time.nanos() - lastNanos >= every || (!shown && terminal.isLive())) {
      mark(done, note);
    }
  }

  /**
   * Says how far it is, whenever the last time was.
   *
   * @param done how much is done
   * @param note what else is known, or empty
   */
  public void mark(long done, String note) {
    lastNanos = time.nanos();
    shown = true;
    if (terminal.isLive()) {
      terminal.draw(bar(done) + text(done, note));
    } else {
      terminal.line(text(done, note));
    }
  }

  private String bar(long done) {
    if (total <= 0) {
      return "";
    }
    int full = (int) (CELLS * Math.min(1.0, (double) done / total));
    return "[" + "#".repeat(full) + ".".repeat(CELLS - full) + "] ";
  }

  private String text(long done, String note) {
    String count =
        total > 0
            ? String.format(Locale.ROOT, "%,d of %,d", done, total)
            : String.format(Locale.ROOT, "%,d", done);
    return work + " " + count + (note.isEmpty() ? "" : ", " + note);
  }

  /** Takes the bar away. */
  @Override
  public void close() {
    terminal.draw("");
  }
}
