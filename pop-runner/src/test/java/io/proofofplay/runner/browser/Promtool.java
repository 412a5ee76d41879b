package io.proofofplay.runner.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The tool that judges what is meant for Prometheus. Without it a test is skipped and says so. */
public final class Promtool {

  private final Path program;

  private Promtool(Path program) {
    this.program = program;
  }

  /** Finds it. */
  public static Promtool find() {
    List<Path> found =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
            .filter(folder -> !folder.isEmpty())
            .map(folder -> Path.of(folder, "promtool"))
            .filter(Files::isExecutable)
            .toList();
    assumeTrue(!found.isEmpty(), "there is no promtool; install Debian's prometheus");
    return new Promtool(found.get(0));
  }

  /** What it has against a text; empty if nothing. */
  public String check(String input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int code = process.waitFor();
      return code == 0 ? "" : "exit " + code + ": " + said;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
