package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the programs that an operator would run. */
final class Shell {

  private static final int PATIENCE_SECONDS = 120;

  /**
   * How a command ended.
   *
   * @param code its exit code
   * @param out all that it printed
   * @param err all that it complained of
   */
  record Done(int code, String out, String err) {

    /** The same, having succeeded. */
    Done well() {
      assertThat(code).as(out + err).isZero();
      return this;
    }
  }

  private Shell() {}

  /** Whether there is such a program. */
  static boolean has(String program) {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  static Done run(Path directory, List<String> command) throws IOException, InterruptedException {
    return run(directory, Map.of(), command);
  }

  /** Runs a command to its end, in an environment that holds nothing of the relay's but these. */
  static Done run(Path directory, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    return run(directory, environment, PATIENCE_SECONDS, command);
  }

  /** Runs a command that may take long, within so many seconds. */
  static Done run(
      Path directory, Map<String, String> environment, int seconds, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("pop-shell", ".out");
    Path err = Files.createTempFile("pop-shell", ".err");
    try {
      Process process = start(directory, environment, command, out, err);
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " does not end: " + text(out) + text(err));
      }
      return new Done(process.exitValue(), text(out), text(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** Starts a command. */
  static Process start(
      Path directory, Map<String, String> environment, List<String> command, Path out, Path err)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(
            name ->
                name.startsWith("POP_")
                    || name.startsWith("XDG_")
                    || name.toLowerCase(Locale.ROOT).endsWith("_proxy")
                    || List.of("SCRATCH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS").contains(name));
    builder.environment().put("LC_ALL", "C");
    // Some of these programs print a time of day.
    builder.environment().put("TZ", "UTC");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
