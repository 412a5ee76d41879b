package io.proofofplay.runner;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, with a working directory of its own. */
final class PopProcess implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    command.addAll(List.of(args));
    Path out = Files.createTempFile(directory, "out", ".log");
    Path err = Files.createTempFile(directory, "err", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("POP_"));
    builder.environment().remove("SCRATCH");
    builder.environment().remove("JAVA_TOOL_OPTIONS");
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
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!err().contains(words)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new AssertionError("does not say \"" + words + "\" but:\n" + err());
      }
      boolean unused = process.waitFor(20, TimeUnit.MILLISECONDS);
    }
    return this;
  }

  /** Sends a signal, such as {@code TERM}. */
  PopProcess signal(String name) throws IOException, InterruptedException {
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
  }
}
