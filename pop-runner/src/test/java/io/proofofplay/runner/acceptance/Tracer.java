package io.proofofplay.runner.acceptance;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Watches the system calls of a daemon with {@code strace}, and lets some of them fail. What it
 * counts, it counts for each thread by itself.
 */
final class Tracer {

  private static final Pattern NAME = Pattern.compile("^\\d+ +(?:<\\.\\.\\. )?(\\w+)");

  private final Path log;
  private final List<String> command = new ArrayList<>();

  /**
   * A tracer, for one life of a daemon.
   *
   * @param log what it saw
   */
  Tracer(Path log) {
    this.log = log;
    String wrong = Shell.run("strace", "-D", "-f", "-q", "--seccomp-bpf", "-o", "" + log, "true");
    if (!wrong.isEmpty()) {
      abort("skipped: system calls cannot be watched here: " + wrong);
    }
    // -D: the daemon is our child and has its own number, so that signals reach it.
    command.addAll(List.of("strace", "-D", "-f", "-q", "--seccomp-bpf", "-y", "-o", "" + log));
  }

  /** Watches these calls, with up to so many bytes of what is written. */
  Tracer watching(int bytes, String... calls) {
    command.addAll(List.of("-s", "" + bytes, "-e", "trace=" + String.join(",", calls)));
    return this;
  }

  /** Watches only what is done to these files. */
  Tracer of(List<Path> files) {
    files.forEach(file -> command.addAll(List.of("-P", "" + file)));
    return this;
  }

  /**
   * Lets calls fail.
   *
   * @param calls which ones, separated by commas
   * @param error the error's name, such as {@code EIO}
   * @param when which of a thread's calls: {@code 3}, {@code 3+} for all from then on, {@code 3+2}
   *     for every second one
   */
  Tracer failing(String calls, String error, String when) {
    command.addAll(List.of("-e", "inject=" + calls + ":error=" + error + ":when=" + when));
    return this;
  }

  List<String> command() {
    return List.copyOf(command);
  }

  /** How many calls were made to fail so far. */
  int injected() throws IOException {
    return injectedByCall().values().stream().mapToInt(Integer::intValue).sum();
  }

  /** The same by the call's name. */
  Map<String, Integer> injectedByCall() throws IOException {
    Map<String, Integer> calls = new TreeMap<>();
    for (String line : lines()) {
      Matcher call = NAME.matcher(line);
      if (line.contains("(INJECTED)") && call.find()) {
        calls.merge(call.group(1), 1, Integer::sum);
      }
    }
    return calls;
  }

  /** All that was seen of a daemon that has ended. */
  List<String> linesUntilTheEndOf(PackagedPop daemon) throws IOException {
    Await.until(
        "the tracer's last word",
        () -> log,
        () -> lines().stream().anyMatch(line -> line.matches(daemon.pid() + " +\\+\\+\\+ .*")));
    return lines();
  }

  private List<String> lines() throws IOException {
    return Files.readString(log, StandardCharsets.ISO_8859_1).lines().toList();
  }
}
