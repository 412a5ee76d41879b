package io.proofofplay.runner.daemon;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** What is wrong with the directory for the spool, in words for the one who chose it. */
final class BadPlace {

  private static final int SHOWN = 200;

  /** What another directory would not mend, or what passes; the system's words for it. */
  private static final Set<String> OF_THE_DISK =
      Set.of("No space left on device", "Disk quota exceeded", "Input/output error");

  private BadPlace() {}

  /**
   * What is wrong, and what would be right.
   *
   * @param failure why the storage cannot be used
   * @param directory where it was to be
   * @return the words, without the key; empty if it is not the directory's fault
   */
  static Optional<String> words(IOException failure, Path directory) {
    String file = shown(directory.toString());
    String reason = failure.getMessage() == null ? "" : failure.getMessage();
    if (failure instanceof FileSystemException named) {
      file = named.getFile() == null ? file : shown(named.getFile());
      reason = named.getReason() == null ? "" : named.getReason();
    }
    if (OF_THE_DISK.contains(reason)) {
      return Optional.empty();
    }
    return Optional.of(file + " " + words(failure, reason));
  }

  private static String words(IOException failure, String reason) {
    if (failure instanceof AccessDeniedException) {
      return "may not be used by this user; change its owner, or name another directory";
    }
    if (failure instanceof FileAlreadyExistsException
        || failure instanceof NotDirectoryException
        || reason.equals("Not a directory")) {
      return "is not a directory; remove it, or name another";
    }
    if (failure instanceof NoSuchFileException) {
      return "does not exist and cannot be made; make it, or name another directory";
    }
    if (failure instanceof FileSystemLoopException
        || reason.startsWith("Too many levels of symbolic links")) {
      return "is a link that leads to itself; remove it, or name another directory";
    }
    return switch (reason) {
      case "Read-only file system" ->
          "is on a file system that is read-only; name a directory that can be written";
      case "File name too long" -> "has a name that is too long; name a shorter one";
      case "Is a directory" ->
          "is a directory where the spool keeps a file; remove it, or name another directory";
      case "" -> "cannot be used; name a directory that this user can write";
      default -> "cannot be used (" + reason + "); name a directory that this user can write";
    };
  }

  private static String shown(String file) {
    return file.length() <= SHOWN ? file : file.substring(0, SHOWN) + "…";
  }
}
