package io.proofofplay.runner.inside;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.SpoolFile;
import io.proofofplay.spool.file.SpoolFileContent;
import io.proofofplay.spool.file.SpoolView;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What is in the files of a spool, one file after the other. A file that cannot be read, because it
 * is of a newer version or the disk fails, is told of and passed over: what the others hold is an
 * answer too.
 *
 * <p>Not thread-safe.
 */
final class Contents {

  /** Gets the content of each file. */
  @FunctionalInterface
  interface Reader {
    void read(SpoolFile file, SpoolFileContent content) throws IOException;
  }

  private final SpoolView view;
  private final Terminal remarks;
  private final TimeSource time;
  private long unreadable;

  /**
   * Nothing read yet.
   *
   * @param remarks where it is told how far it is and what cannot be read
   */
  Contents(SpoolView view, Terminal remarks, TimeSource time) {
    this.view = view;
    this.remarks = remarks;
    this.time = time;
  }

  /**
   * Reads the files of a sink in the order in which they are delivered.
   *
   * @throws IOException if the folder cannot be listed
   */
  void of(String sink, Reader reader) throws IOException {
    List<SpoolFile> files = view.files(sink);
    try (Progress bar = new Progress(remarks, time, sink + ": file", files.size())) {
      int read = 0;
      for (SpoolFile file : files) {
        bar.at(read++, "");
        Optional<SpoolFileContent> content = read(sink, file);
        if (content.isPresent()) {
          reader.read(file, content.get());
        }
      }
    }
  }

  private Optional<SpoolFileContent> read(String sink, SpoolFile file) {
    try {
      return view.read(sink, file);
    } catch (IOException e) {
      unreadable++;
      String why = String.valueOf(e.getMessage());
      remarks.line(
          "pop: "
              + sink
              + "/"
              + (why.contains(file.name()) ? "" : file.name() + ": ")
              + why
              + "; it is passed over, and pop spool verify says what else is wrong");
      return Optional.empty();
    }
  }

  /** Whether all of them could be read. */
  boolean isComplete() {
    return unreadable == 0;
  }

  /** How many could not. */
  long unreadable() {
    return unreadable;
  }
}
