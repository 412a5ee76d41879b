package io.proofofplay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A process that is measured from outside, by what the kernel knows of it.
 *
 * <p>Thread-safe.
 */
final class Subject implements AutoCloseable {

  /** The kernel's unit of CPU time towards programs, the same on every Linux of today. */
  private static final double TICKS_PER_SECOND = 100;

  private static final long GRACE_SECONDS = 20;
  private static final int STORY_LINES = 12;
  private static final int STORY_WIDTH = 300;

  private final Process process;
  private final Path log;
  private final Path gcLog;
  private final long started = System.nanoTime();

  /**
   * Starts a process.
   *
   * @param builder what to start
   * @param directory where it works and what it says is kept
   */
  Subject(ProcessBuilder builder, Path directory) throws IOException {
    log = directory.resolve("log");
    gcLog = directory.resolve("gc.log");
    process =
        builder
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  /** The option that has a JVM write how full its heap is at each collection. */
  static String gcOption() {
    return "-Xlog:gc+heap=info:file=gc.log:uptimemillis:filecount=0";
  }

  /** When it was started, on the clock of {@link System#nanoTime}. */
  long started() {
    return started;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** CPU time that all its threads have used by now, in the program and in the kernel for it. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    // Fields 14 and 15 of proc(5), counted from the third.
    return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) / TICKS_PER_SECOND;
  }

  /** The most memory that was resident. */
  double peakMiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("the kernel tells no VmHWM of process " + process.pid());
  }

  /** What it said last. */
  String story() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.subList(Math.max(0, lines.size() - STORY_LINES), lines.size()).stream()
        .map(line -> line.substring(0, Math.min(line.length(), STORY_WIDTH)))
        .collect(Collectors.joining("\n"));
  }

  /** Asks it to end, waits, and tells what it allocated between two moments. */
  double stopAndTellAllocated(long from, long to) throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IOException("does not end: " + story());
    }
    return GcLog.allocated(
        Files.readAllLines(gcLog), (from - started) / 1_000_000, (to - started) / 1_000_000);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
