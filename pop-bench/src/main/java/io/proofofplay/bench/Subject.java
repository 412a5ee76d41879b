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

  private static final int BY_SIGTERM = 128 + 15;

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

  /**
   * The option that has a JVM write how full its heap is at each collection, with the milliseconds
   * of the wall clock: how long the JVM has run would say nothing, because a script starts it.
   */
  static String gcOption() {
    return "-Xlog:gc+heap=info:file=gc.log:timemillis:filecount=0";
  }

  /** When it was started, on the clock of {@link System#nanoTime}. */
  long started() {
    return started;
  }

  /**
   * Looks whether it still runs.
   *
   * @throws IOException if it has ended, with what it said
   */
  void check() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("the process has ended with " + process.exitValue() + told());
    }
  }

  /** What it said last, to end a message with. */
  String told() throws IOException {
    String story = story();
    return story.isEmpty() ? ", and said nothing" : ", and said:\n" + story;
  }

  /** CPU time that all its threads have used by now, in the program and in the kernel for it. */
  double cpuSeconds() throws IOException {
    String stat = String.join("\n", kernel("stat"));
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    // Fields 14 and 15 of proc(5), counted from the third.
    return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) / TICKS_PER_SECOND;
  }

  /** The most memory that was resident. */
  double peakMiB() throws IOException {
    for (String line : kernel("status")) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("the kernel tells no VmHWM of process " + process.pid());
  }

  private List<String> kernel(String file) throws IOException {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/" + file));
    } catch (IOException e) {
      // It may just be ending.
      if (process.onExit().completeOnTimeout(null, 1, TimeUnit.SECONDS).join() != null) {
        check();
      }
      throw e;
    }
  }

  private String story() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.subList(Math.max(0, lines.size() - STORY_LINES), lines.size()).stream()
        .map(line -> line.substring(0, Math.min(line.length(), STORY_WIDTH)))
        .collect(Collectors.joining("\n"));
  }

  /**
   * Asks it to end and waits.
   *
   * @throws IOException if it had ended before, does not end, or ends with an error
   */
  void stop() throws IOException, InterruptedException {
    check();
    process.destroy();
    if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IOException("the process does not end" + told());
    }
    int code = process.exitValue();
    if (code != 0 && code != BY_SIGTERM) {
      throw new IOException("the process, asked to end, ended with " + code + told());
    }
  }

  /** What it allocated between two moments, on the clock of {@link System#nanoTime}. */
  double allocated(long from, long to) throws IOException {
    return GcLog.allocated(Files.readAllLines(gcLog), wallMillis(from), wallMillis(to));
  }

  private static long wallMillis(long nanos) {
    return System.currentTimeMillis() - (System.nanoTime() - nanos) / 1_000_000;
  }

  /** Kills it if it still runs; when this returns, it touches no file any more. */
  @Override
  public void close() {
    process
        .destroyForcibly()
        .onExit()
        .completeOnTimeout(null, GRACE_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
