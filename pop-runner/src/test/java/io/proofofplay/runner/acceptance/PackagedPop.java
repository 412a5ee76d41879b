package io.proofofplay.runner.acceptance;

import io.proofofplay.runner.HeardSignals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The packaged program in a process of its own, with the flags that it is shipped with.
 *
 * <p>Thread-safe.
 */
final class PackagedPop implements AutoCloseable {

  /** The exit code of a process that {@code kill -9} has ended: 128 and the signal's number. */
  private static final int KILLED = 137;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** What a machine may say to every program on it, and must not say here. */
  private static final List<String> OF_THIS_MACHINE =
      List.of(
          "SCRATCH",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "POP_LOG",
          "http_proxy",
          "HTTP_PROXY",
          "https_proxy",
          "HTTPS_PROXY",
          "all_proxy",
          "ALL_PROXY",
          "no_proxy",
          "NO_PROXY");

  /**
   * How a process ended.
   *
   * @param code its exit code
   * @param out what it printed
   * @param err what it logged
   * @param took from the signal to the end
   */
  record End(int code, String out, String err, Duration took) {

    /** Whether it was killed, and had not ended by itself before. */
    boolean isByKill() {
      return code == KILLED;
    }
  }

  private final Process process;
  private final Path out;
  private final Path err;
  private final long startNanos;

  private PackagedPop(Process process, Path out, Path err, long startNanos) {
    this.process = process;
    this.out = out;
    this.err = err;
    this.startNanos = startNanos;
  }

  /**
   * Starts {@code pop} with these arguments.
   *
   * @param directory the working directory; output goes there too
   */
  static PackagedPop start(Path directory, String... arguments) throws IOException {
    return start(directory, Map.of(), arguments);
  }

  /** Starts it with more variables in its environment. */
  static PackagedPop start(Path directory, Map<String, String> environment, String... arguments)
      throws IOException {
    return start(List.of(), directory, environment, arguments);
  }

  /**
   * Starts it under another program.
   *
   * @param above a command that runs what follows it as the same process, such as {@code setpriv};
   *     empty for none
   */
  static PackagedPop startUnder(List<String> above, Path directory, String... arguments)
      throws IOException {
    return start(above, directory, Map.of(), arguments);
  }

  private static PackagedPop start(
      List<String> above, Path directory, Map<String, String> environment, String... arguments)
      throws IOException {
    Path dist = dist();
    List<String> command = new ArrayList<>(above);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + dist.resolve("jvm.options"));
    command.add("-Dpop.home=" + directory);
    command.add("-cp");
    command.add(dist.resolve("lib") + "/*");
    command.add("io.proofofplay.runner.Main");
    command.addAll(List.of(arguments));
    int number = NUMBER.incrementAndGet();
    Path out = directory.resolve("out-" + number);
    Path err = directory.resolve("err-" + number);
    ProcessBuilder builder =
        new ProcessBuilder(HeardSignals.by(command))
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.environment().keySet().removeAll(OF_THIS_MACHINE);
    builder.environment().putAll(environment);
    long startNanos = System.nanoTime();
    return new PackagedPop(builder.start(), out, err, startNanos);
  }

  /** Starts the daemon with a configuration, written as {@code pop.yaml}. */
  static PackagedPop run(Path directory, String yaml) throws IOException {
    return runUnder(List.of(), directory, yaml);
  }

  /** Starts the daemon with a configuration under another program. */
  static PackagedPop runUnder(List<String> above, Path directory, String yaml) throws IOException {
    Files.writeString(directory.resolve("pop.yaml"), yaml);
    return startUnder(above, directory, "run");
  }

  private static Path dist() throws IOException {
    Path dist = Path.of(System.getProperty("pop.dist", "target/dist")).toAbsolutePath();
    try (Stream<Path> jars = Files.list(dist.resolve("lib"))) {
      if (jars.noneMatch(jar -> jar.getFileName().toString().startsWith("pop-runner-"))) {
        throw new AssertionError(dist + ": the program is not packaged; run mvn verify");
      }
    }
    return dist;
  }

  /** When the process was asked for, on the clock of {@link System#nanoTime}. */
  long startNanos() {
    return startNanos;
  }

  long pid() {
    return process.pid();
  }

  String err() throws IOException {
    return Files.readString(err, StandardCharsets.UTF_8);
  }

  String out() throws IOException {
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  /** Waits until the log has a line with these words. */
  void awaitLog(String words) {
    Await.until("\"" + words + "\" in the log", this::story, () -> err().contains(words) || gone());
    assertAlive(words);
  }

  private boolean gone() {
    return !process.isAlive();
  }

  private void assertAlive(String words) {
    try {
      if (!err().contains(words)) {
        throw new AssertionError("ended without \"" + words + "\": " + story());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What it said, to find out why something else did not happen. */
  String story() {
    try {
      return "alive: " + process.isAlive() + "\n" + out() + err();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The most memory that was resident, in KiB. */
  int peakKiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Integer.parseInt(line.replaceAll("\\D", ""));
      }
    }
    throw new AssertionError("no VmHWM");
  }

  /** Has it print what each of its threads does. */
  void dump() throws IOException {
    signal("QUIT");
    Await.until("the threads", this::story, () -> out().contains("Full thread dump"));
  }

  /** Whether it has asked to be told of a signal. */
  boolean catches(int signal) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
      if (line.startsWith("SigCgt:")) {
        long mask = Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).strip(), 16);
        return (mask >>> (signal - 1) & 1) == 1;
      }
    }
    throw new AssertionError("no SigCgt");
  }

  /** The most memory, empty if it has ended meanwhile. */
  Optional<Integer> peakKiBIfAlive() {
    try {
      return Optional.of(peakKiB());
    } catch (IOException | AssertionError e) {
      return Optional.empty();
    }
  }

  /** Freezes it, so that it can be looked at as it stands. */
  void freeze() throws IOException {
    signal("STOP");
    Await.until(
        "the process to stand still",
        this::story,
        () -> {
          try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid() + "/task"))) {
            for (Path task : tasks.toList()) {
              String stat = Files.readString(task.resolve("stat"));
              if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                return false;
              }
            }
            return true;
          }
        });
  }

  /** {@code kill -9}, of a process that has not ended before. */
  void kill() {
    End end = killUnlessEnded();
    if (!end.isByKill()) {
      throw new AssertionError("ended with " + end.code() + " before it was killed: " + story());
    }
  }

  /** {@code kill -9}; how it ended tells whether that came too late. */
  End killUnlessEnded() {
    process.destroyForcibly();
    return end();
  }

  /** SIGTERM, and waits for the end. */
  End stop() throws IOException {
    return stop("TERM");
  }

  /** A signal, and waits for the end. */
  End stop(String signal) throws IOException {
    long began = System.nanoTime();
    signal(signal);
    End end = end();
    return new End(end.code(), end.out(), end.err(), Duration.ofNanos(System.nanoTime() - began));
  }

  /** Whether it has not ended. */
  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a signal and waits for nothing. */
  void signal(String name) throws IOException {
    if (name.equals("TERM")) {
      // At once: to start a process that sends it takes its time on a busy machine.
      boolean unused = process.toHandle().destroy();
      return;
    }
    try {
      int code = new ProcessBuilder("kill", "-" + name, "" + pid()).start().waitFor();
      if (code != 0) {
        throw new AssertionError("kill -" + name + " answered " + code + "; " + story());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits for the end. */
  End end() {
    try {
      if (!process.waitFor(Await.GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("does not end: " + story());
      }
      return new End(process.exitValue(), out(), err(), Duration.ZERO);
    } catch (InterruptedException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Leaves no process behind, whatever became of the test. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      boolean unused = process.waitFor(Await.GENEROUS.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
