package io.proofofplay.runner.check;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.Delivery;
import io.proofofplay.runner.config.RelayConfig;
import io.proofofplay.runner.config.SinkConfig;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Whether the spool's directory can be made, owned, written and forced, and has room. What it makes
 * it removes again.
 */
final class SpoolCheck {

  private static final String SUBJECT = "spool";

  /** What stays of an owner, see {@code docs/spool-format.md}. */
  private static final String LOCK = "lock";

  private static final int PROBE_BYTES = 4096;
  private static final double MIB = 1024 * 1024;
  private static final double GIB = 1024 * MIB;

  private final Path directory;
  private final RelayConfig config;
  private final TimeSource time;

  SpoolCheck(RelayConfig config, TimeSource time) {
    directory = config.spool().directory();
    this.config = config;
    this.time = time;
  }

  List<Finding> run() {
    List<Path> made = missing();
    List<Finding> findings = new ArrayList<>();
    try {
      if (made.isEmpty()) {
        findings.add(owned());
        findings.add(forced());
        findings.add(room());
      } else {
        inAPlaceOfItsOwn(made, findings);
      }
    } catch (IOException e) {
      findings.add(
          Finding.fail(
              SUBJECT,
              "spool.directory "
                  + directory
                  + " cannot be used: "
                  + reason(e)
                  + "; make it writable for this user, or name another directory"));
    }
    return findings;
  }

  /** What is not there of the directory and those above it, the lowest first. */
  private List<Path> missing() {
    List<Path> missing = new ArrayList<>();
    for (Path path = directory.toAbsolutePath().normalize();
        path != null && !Files.exists(path);
        path = path.getParent()) {
      missing.add(path);
    }
    return missing;
  }

  /**
   * Makes the directory, and removes it before it gives the lock back, so that no relay has begun
   * in it meanwhile.
   */
  private void inAPlaceOfItsOwn(List<Path> made, List<Finding> findings) throws IOException {
    try (FileStorage storage = FileStorage.open(directory, time)) {
      try {
        findings.add(unowned(storage));
        findings.add(forced());
        findings.add(room());
      } finally {
        Files.deleteIfExists(made.get(0).resolve(LOCK));
        made.forEach(SpoolCheck::remove);
      }
    } catch (StorageInUse e) {
      // Somebody was quicker: what is there belongs to that one.
      findings.add(inUse(e));
      findings.add(forced());
      findings.add(room());
    } catch (IOException e) {
      made.forEach(SpoolCheck::remove);
      throw e;
    }
  }

  private Finding owned() throws IOException {
    try (FileStorage storage = FileStorage.open(directory, time)) {
      return unowned(storage);
    } catch (StorageInUse e) {
      return inUse(e);
    }
  }

  private Finding unowned(FileStorage storage) throws IOException {
    Set<String> kept = storage.sinks();
    return Finding.ok(
        SUBJECT,
        directory
            + " belongs to nobody else; "
            + (kept.isEmpty()
                ? "nothing is kept in it"
                : "it keeps for " + String.join(", ", kept)));
  }

  private static Finding inUse(StorageInUse e) {
    return Finding.note(SUBJECT, e.getMessage() + "; that is right if it is this relay at work");
  }

  private Finding forced() throws IOException {
    Path probe = Files.createTempFile(directory, "check-", ".tmp");
    try {
      long began = time.nanos();
      try (FileChannel channel = FileChannel.open(probe, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate(PROBE_BYTES));
        channel.force(true);
      }
      long took = TimeUnit.NANOSECONDS.toMillis(time.nanos() - began);
      return Finding.ok(
          SUBJECT,
          directory + " takes what is written; forcing it to the disk took " + took + " ms");
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private Finding room() throws IOException {
    long usable = Files.getFileStore(directory).getUsableSpace();
    long wanted = 0;
    long batch = 0;
    for (SinkConfig sink : config.sinks().values()) {
      Delivery delivery = sink.delivery();
      wanted += delivery.spool().maxBytes().bytes();
      batch = Math.max(batch, delivery.batch().maxBytes().bytes());
    }
    String free = directory + " has " + size(usable) + " of room";
    if (usable < 2 * batch) {
      return Finding.fail(
          SUBJECT, free + ", less than two batches need; free some, or name another directory");
    }
    if (usable < wanted) {
      return Finding.note(
          SUBJECT,
          free
              + ", less than the "
              + new ByteSize(wanted)
              + " that sinks.*.spool.maxBytes allow together: the disk would be full first");
    }
    return Finding.ok(SUBJECT, free);
  }

  private static String size(long bytes) {
    return bytes >= GIB
        ? String.format(Locale.ROOT, "%.1f GiB", bytes / GIB)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / MIB);
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "access denied to " + e.getMessage();
    }
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return e.getMessage() == null || !e.getMessage().contains(" ") ? e.toString() : e.getMessage();
  }

  /** Removes a directory if it is empty. */
  private static void remove(Path made) {
    try {
      // Not a link that leads nowhere as long as a disk is away.
      if (Files.isDirectory(made, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(made);
      }
    } catch (IOException e) {
      // What stays is an empty directory that the relay would make anyway, or is somebody's.
    }
  }
}
