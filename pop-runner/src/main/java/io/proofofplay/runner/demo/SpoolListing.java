package io.proofofplay.runner.demo;

import io.proofofplay.runner.terminal.Counted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The files in which events wait, as a person would list them. */
final class SpoolListing {

  private static final int MOST_LINES = 8;
  private static final double KIB = 1024;

  private SpoolListing() {}

  /** The files of a sink's folder by name, the side folders left out, cut to a few lines. */
  static List<String> of(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    long files = 0;
    long bytes = 0;
    List<Path> sorted;
    try (Stream<Path> all = Files.list(folder)) {
      sorted = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : sorted) {
      String name = file.getFileName().toString();
      if (!name.endsWith(".open") && !name.endsWith(".ndjson")) {
        continue;
      }
      long size;
      try {
        size = Files.size(file);
      } catch (NoSuchFileException e) {
        // Delivered or renamed since the listing.
        continue;
      }
      files++;
      bytes += size;
      if (files <= MOST_LINES) {
        lines.add(String.format(Locale.ROOT, "%-36s %8.1f KiB", name, size / KIB));
      }
    }
    if (files > MOST_LINES) {
      lines.add("... and " + (files - MOST_LINES) + " more");
    }
    lines.add(Counted.of(files, "file") + String.format(Locale.ROOT, ", %.1f KiB", bytes / KIB));
    return lines;
  }
}
