package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.history.HistoryView;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;

/**
 * Shows how far the reading of the history is, each time that it is read.
 *
 * <p>Not thread-safe.
 */
final class HistoryProgress implements HistoryView.Watcher {

  private final Terminal remarks;
  private final TimeSource time;
  private int reading;
  private int readings;
  private Progress bar;

  /**
   * Nothing read yet.
   *
   * @param remarks where it is told
   */
  HistoryProgress(Terminal remarks, TimeSource time) {
    this.remarks = remarks;
    this.time = time;
  }

  /** So many readings follow those that were. */
  void expect(int more) {
    readings = reading + more;
  }

  @Override
  public void at(int read, int all) {
    if (read == 0) {
      reading++;
      String which = reading == 1 ? "" : ", reading " + reading;
      String of = reading <= readings ? " of " + readings : "";
      bar = new Progress(remarks, time, "history" + which + of + ": file", all);
    }
    bar.at(read, "");
    if (read == all) {
      bar.close();
    }
  }
}
