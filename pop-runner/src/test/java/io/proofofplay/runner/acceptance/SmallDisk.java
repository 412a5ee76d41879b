package io.proofofplay.runner.acceptance;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file system of its own, small enough to be filled. Mounting needs a privilege; where it is
 * missing the test is skipped, and says why.
 */
final class SmallDisk implements AutoCloseable {

  /** What the file system is of. */
  enum Kind {
    TMPFS,
    EXT4
  }

  private static final String FILLER = "filler";
  private static final int BLOCK = 64 * 1024;

  private final Path root;

  private SmallDisk(Path root) {
    this.root = root;
  }

  /**
   * Mounts one.
   *
   * @param kind of which kind
   * @param directory gets {@code disk}, where it is mounted, and the image if there is one
   * @param mebibytes how large it is
   */
  static SmallDisk mount(Kind kind, Path directory, int mebibytes) throws IOException {
    Path root = Files.createDirectories(directory.resolve("disk"));
    switch (kind) {
      case TMPFS ->
          must("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", "" + root);
      case EXT4 -> {
        Path image = directory.resolve("image");
        try (var file =
            Files.newByteChannel(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          file.position((long) mebibytes << 20);
          file.write(java.nio.ByteBuffer.allocate(1));
        }
        must("mkfs.ext4", "-q", "-F", "-m", "0", "" + image);
        must("mount", "-o", "loop", "" + image, "" + root);
      }
    }
    return new SmallDisk(root);
  }

  /** Why nothing can be mounted here; empty if it can. */
  static String refusal(Path directory) throws IOException {
    String place = "" + Files.createDirectories(directory.resolve("probe"));
    String refused = Shell.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place);
    return refused.isEmpty() ? Shell.run("umount", place) : refused;
  }

  /** Runs a command without which the test makes no sense. */
  private static void must(String... command) {
    String wrong = Shell.run(command);
    if (!wrong.isEmpty()) {
      abort("skipped: this machine does not let the test mount a disk: " + wrong);
    }
  }

  Path root() {
    return root;
  }

  /** Takes room until only so many bytes are left. */
  void fillBut(long left) throws IOException {
    byte[] block = new byte[BLOCK];
    try (OutputStream filler = openFiller()) {
      while (free() - BLOCK >= left) {
        filler.write(block);
      }
    }
  }

  /** Takes every byte that is free at this moment. */
  void fill() {
    for (int size : new int[] {BLOCK, 4096, 1}) {
      byte[] block = new byte[size];
      try (OutputStream filler = openFiller()) {
        while (true) {
          filler.write(block);
        }
      } catch (IOException full) {
        // As was wanted; the next size goes up to the last byte.
      }
    }
  }

  /** What takes room from others, once it has. */
  Path filler() {
    return root.resolve(FILLER);
  }

  private OutputStream openFiller() throws IOException {
    return Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Gives back what was taken. */
  void release() throws IOException {
    Files.deleteIfExists(filler());
  }

  /** How many bytes are free. */
  long free() throws IOException {
    return Files.getFileStore(root).getUsableSpace();
  }

  @Override
  public void close() {
    String wrong = Shell.run("umount", "" + root);
    if (!wrong.isEmpty()) {
      throw new AssertionError(wrong);
    }
  }
}
