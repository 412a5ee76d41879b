package io.proofofplay.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the figures come from, as far as the kernel tells: without that they cannot be compared.
 *
 * @param processors how many there are for this process
 * @param processor what they are called
 * @param java the JVM's version
 * @param kernel the kernel's version
 * @param fileSystem on which the spools lie, {@code ext4}
 * @param mountOptions those of the mount and of the file system
 * @param journal whether it is an ext4 with a journal; empty if it is another one, or nobody can
 *     tell
 */
record Machine(
    int processors,
    String processor,
    String java,
    String kernel,
    String fileSystem,
    String mountOptions,
    Optional<Boolean> journal) {

  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final Path DEVICES = Path.of("/sys/dev/block");
  private static final Path JOURNALS = Path.of("/proc/fs/jbd2");
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final String UNKNOWN = "unknown";

  /**
   * A mount.
   *
   * @param point where it is seen
   * @param device major and minor number, {@code 8:1}
   * @param type of the file system
   * @param options those of the mount and of the file system, with commas
   */
  record Mount(Path point, String device, String type, String options) {

    /**
     * The mount on which a path lies.
     *
     * @param mountinfo the lines of {@code /proc/self/mountinfo}, see proc(5)
     * @param path absolute, without symbolic links
     */
    static Optional<Mount> of(List<String> mountinfo, Path path) {
      Mount found = null;
      for (String line : mountinfo) {
        List<String> fields = List.of(line.split(" ", -1));
        // The fields before are as many as there are; those behind it are counted from here.
        int dash = fields.indexOf("-");
        if (dash < 6 || fields.size() < dash + 4) {
          continue;
        }
        Path point = Path.of(unescaped(fields.get(4)));
        // Of two on the same point the later one is seen.
        if (path.startsWith(point)
            && (found == null || point.getNameCount() >= found.point().getNameCount())) {
          found =
              new Mount(
                  point,
                  fields.get(2),
                  fields.get(dash + 1),
                  fields.get(5) + "," + fields.get(dash + 3));
        }
      }
      return Optional.ofNullable(found);
    }

    /** Blanks and the like stand as three digits of 8. */
    private static String unescaped(String text) {
      return text.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }
  }

  /**
   * Looks.
   *
   * @param directory where the spools lie; it is there
   */
  static Machine of(Path directory) throws IOException {
    Optional<Mount> mount =
        Files.isReadable(MOUNTS)
            ? Mount.of(Files.readAllLines(MOUNTS), directory.toRealPath())
            : Optional.empty();
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        processorName(),
        System.getProperty("java.vm.version"),
        System.getProperty("os.version"),
        mount.map(Mount::type).orElse(UNKNOWN),
        mount.map(Mount::options).orElse(UNKNOWN),
        mount.flatMap(Machine::journalOf));
  }

  private static String processorName() throws IOException {
    if (Files.isReadable(PROCESSORS)) {
      for (String line : Files.readAllLines(PROCESSORS)) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    }
    return System.getProperty("os.arch");
  }

  /** The kernel has a folder for each journal, named by the device. */
  private static Optional<Boolean> journalOf(Mount mount) {
    Path device = DEVICES.resolve(mount.device());
    if (!mount.type().equals("ext4") || !Files.isDirectory(JOURNALS) || !Files.exists(device)) {
      return Optional.empty();
    }
    try (Stream<Path> journals = Files.list(JOURNALS)) {
      String prefix = device.toRealPath().getFileName() + "-";
      return Optional.of(journals.anyMatch(one -> one.getFileName().toString().startsWith(prefix)));
    } catch (IOException | UncheckedIOException e) {
      // Not everybody may look.
      return Optional.empty();
    }
  }

  /** In one line, as people write it. */
  @Override
  public String toString() {
    return processors
        + " x "
        + processor
        + ", JVM "
        + java
        + ", kernel "
        + kernel
        + ", "
        + fileSystem
        + journal.map(with -> with ? " with a journal" : " without a journal").orElse("")
        + " ("
        + mountOptions
        + ")";
  }
}
