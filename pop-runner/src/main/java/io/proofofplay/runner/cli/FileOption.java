package io.proofofplay.runner.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What is wrong with a file that an option names, before anything is begun. */
public final class FileOption {

  private FileOption() {}

  /**
   * Why a file cannot be read.
   *
   * @param file the option's value
   * @return what is wrong and what would be right; empty if nothing is
   */
  public static Optional<String> unreadable(Path file) {
    if (!Files.exists(file)) {
      return Optional.of(file + " does not exist; name a file that does");
    }
    if (Files.isDirectory(file)) {
      return Optional.of(file + " is a directory; name a file");
    }
    return Files.isReadable(file)
        ? Optional.empty()
        : Optional.of(file + " may not be read by this user; change its owner or its mode");
  }

  /**
   * Why a file cannot be written.
   *
   * @param file the option's value; need not exist
   * @return what is wrong and what would be right; empty if nothing is
   */
  public static Optional<String> unwritable(Path file) {
    if (Files.isDirectory(file)) {
      return Optional.of(file + " is a directory; name a file");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return Optional.of(file + " is in no directory that exists; make it, or name another file");
    }
    return Files.isWritable(Files.exists(file) ? file : folder)
        ? Optional.empty()
        : Optional.of(file + " may not be written by this user; name another file");
  }
}
