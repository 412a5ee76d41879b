package io.proofofplay.runner.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * By what a file is known again: one that was renamed into its place differs, whatever it holds.
 *
 * @param key the file's own identity; {@code null} where the file system has none
 * @param changed when it was last written
 * @param size in bytes
 */
record FileStamp(Object key, FileTime changed, long size) {

  /** The file as it is now; empty if it is not there. */
  static Optional<FileStamp> of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(new FileStamp(now.fileKey(), now.lastModifiedTime(), now.size()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
