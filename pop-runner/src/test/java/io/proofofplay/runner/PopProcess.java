package io.proofofplay.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The program in a process of its own, with a working directory of its own. */
final class PopProcess implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What a machine may say to every program on it, and must not say here. */
  private static final List<String> OF_THIS_MACHINE =
      List.of(
          "SCRATCH",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "http_proxy",
          "HTTP_PROXY",
          "https_proxy",
          "HTTPS_PROXY",
          "all_proxy",
          "ALL_PROXY",
          "no_proxy",
          "NO_PROXY");

  private final Process process;
  private final Path out;
  private final Path err;

  private PopProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts it from a class path. */
  static PopProcess start(Path directory, String classPath, String... args) throws IOException {
    return start(directory, List.of("-cp", classPath, "io.proofofplay.runner.Main"), args);
  }

  /** Starts it as {@code java} with these options. */
  static PopProcess start(Path directory, List<String> options, String... args) throws IOException {
    return start(directory, Map.of(), options, args);
  }

  /** Starts it as {@code java} with these options, and these variables added. */
  static PopProcess start(
      Path directory, Map<String, String> environment, List<String> options, String... args)
      throws IOException {
    return begin(directory, environment, HeardSignals.by(command(options, args)));
  }

  /** The same, as {@code nohup} starts it. */
  static PopProcess startDeafToHangups(Path directory, List<String> options, String... args)
      throws IOException {
    List<String> deaf = new ArrayList<>(List.of("env", "--ignore-signal=HUP"));
    deaf.addAll(command(options, args));
    return begin(directory, Map.of(), deaf);
  }

  private static List<String> command(List<String> options, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    command.addAll(List.of(args));
    return command;
  }

  private static PopProcess begin(
      Path directory, Map<String, String> environment, List<String> command) throws IOException {
    Path out = Files.createTempFile(directory, "out", ".log");
    Path err = Files.createTempFile(directory, "err", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("POP_"));
    builder.environment().keySet().removeAll(OF_THIS_MACHINE);
    // As the shipped launcher has it: where freed memory is kept must not depend on how it starts.
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.environment().putAll(environment);
    return new PopProcess(builder.start(), out, err);
  }

  long pid() {
    return process.pid();
  }

  String out() throws IOException {
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  String err() throws IOException {
    return Files.readString(err, StandardCharsets.UTF_8);
  }

  /** Waits until standard error holds these words. */
  PopProcess says(String words) throws IOException, InterruptedException {
    await(err, words);
    return this;
  }

  /** Waits until standard output holds these words, and answers all of it. */
  String outSays(String words) throws IOException, InterruptedException {
    await(out, words);
    return out();
  }

  private void await(Path file, String words) throws IOException, InterruptedException {
    try {
      until(() -> says(file, words));
    } catch (AssertionError e) {
      throw new AssertionError("does not say \"" + words + "\"", e);
    }
  }

  private static boolean says(Path file, String words) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until something is so, while the process lives. */
  void until(BooleanSupplier condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new AssertionError("in vain:\n" + out() + err());
      }
      boolean unused = process.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  /** Sends a signal, such as {@code TERM}. */
  PopProcess signal(String name) throws IOException, InterruptedException {
    if (name.equals("TERM")) {
      // At once: to start a process that sends it takes its time on a busy machine.
      boolean unused = process.toHandle().destroy();
      return this;
    }
    new ProcessBuilder("kill", "-" + name, String.valueOf(pid())).start().waitFor();
    return this;
  }

  /** Waits for the end and answers the exit code. */
  int exit() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      // Else it may still write into the folder that is about to be removed.
      boolean unused = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
